"""How OpenSearch keeps an index: its settings and the fields of its documents.

An index NAME has two indices there. ``NAME`` holds the articles and their passages, each passage
with all that it is found by, its article's values and title too, so that every query is answered
where the passage is. ``NAME.state`` holds what is small: the committed state, the lock, the files
that were indexed, the words there are.

    id         KEY.NUMBER; KEY is one version of an article, number 0 its record
    kind       "passage" or "article"
    key        KEY
    since      the writer that made it, see ``state``
    n          the paragraph's number
    article origin url language published values places    as in ``storage.schema``
    digest     of a paragraph
    whole keys the numbers of its sketch, see ``text.copies``
    body heading title author    tokens: exact forms and stems, see ``wire``
    any                          of an article: the tokens of its text and its title, without order
    lengths    positions: body, headings, title, article; and the paragraphs of the article
    record     what ``records`` keeps of it; of an article with "source" and "fingerprint" beside
"""

from __future__ import annotations

from typing import Any

#: Of these indices; another one is refused.
REMOTE_FORMAT = 1
STATE_SUFFIX = ".state"

PASSAGE, ARTICLE = "passage", "article"

#: Fields of tokens whose positions count.
TOKEN_FIELDS = ("body", "heading", "title", "author")
#: The field of an article that has all its tokens, those of its title thrice.
ANY_FIELD = "any"
#: Fields of values, see ``storage.schema``.
VALUE_FIELDS = ("article", "origin", "url", "language", "published", "values", "places")

#: What of an article's document tells its record.
ARTICLE_FIELDS = ("key", "record", "language", "origin", "source", "lengths", "fingerprint")

#: How many passages a search may skip and return together.
MOST_WINDOW = 100_000
_GAP = 100  # as indexer.text.inverting.TEXT_GAP
_LONGEST_TOKEN = 1 << 20

_KEYWORD: dict[str, Any] = {"type": "keyword"}
_UNSEARCHED: dict[str, Any] = {"type": "object", "enabled": False}


def passage_body(shards: int, replicas: int, meta: dict[str, Any]) -> dict[str, Any]:
    """What ``NAME`` is made with; meta says the version of everything that decides its terms."""
    tokens = {
        "type": "text",
        "analyzer": "tokens",
        "position_increment_gap": _GAP,
        "similarity": "passage",
    }
    counts = {
        "type": "text",
        "analyzer": "tokens",
        "index_options": "freqs",
        "similarity": "article",
    }
    properties: dict[str, Any] = {
        **dict.fromkeys(("kind", "key", "digest", "whole", "keys", *VALUE_FIELDS), _KEYWORD),
        "since": {"type": "integer"},
        "n": {"type": "integer"},
        **dict.fromkeys(TOKEN_FIELDS, tokens),
        ANY_FIELD: counts,
        "lengths": {"type": "integer", "index": False, "doc_values": False},
        "record": {"type": "keyword", "index": False, "doc_values": False},
        "source": {"type": "keyword", "index": False, "doc_values": False},
        "fingerprint": _UNSEARCHED,
    }
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            # A commit makes all of it visible at once, see ``state``.
            "refresh_interval": "-1",
            "max_result_window": MOST_WINDOW,
            "similarity": {
                # As in search.backends.ranking. By these candidates are found, that scores them.
                "passage": {"type": "BM25", "k1": 1.2, "b": 0.4},
                "article": {"type": "BM25", "k1": 2.0, "b": 0.9},
            },
            "analysis": {
                "analyzer": {
                    "tokens": {
                        "type": "custom",
                        "tokenizer": "blanks",
                        "filter": ["together", "nothing"],
                    }
                },
                "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": _LONGEST_TOKEN}},
                "filter": {
                    "together": {
                        "type": "pattern_capture",
                        "preserve_original": False,
                        "patterns": ["([^\\u0001]+)"],
                    },
                    "nothing": {"type": "stop", "stopwords": ["\x02"]},
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": meta,
            # Titles are short, and asked for with each passage that may be among the best.
            "_source": {"excludes": ["body", "heading", ANY_FIELD]},
            "properties": properties,
        },
    }


def state_body(replicas: int, meta: dict[str, Any]) -> dict[str, Any]:
    """What ``NAME.state`` is made with."""
    return {
        "settings": {
            "number_of_shards": 1,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "max_result_window": MOST_WINDOW,
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": meta,
            "properties": {
                "kind": _KEYWORD,
                "since": {"type": "integer"},
                # What a document of words begins and ends with.
                "first": _KEYWORD,
                "last": _KEYWORD,
                "body": _UNSEARCHED,
                "keys": {"type": "keyword", "doc_values": False},
            },
        },
    }
