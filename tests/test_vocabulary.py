"""Terms found by landmarks among those that begin alike: where the whole lexicon has them."""

from __future__ import annotations

import pytest

from indexer.text.analysis import encoded, stemmer, tagged
from search.backends import vocabulary
from search.backends.vocabulary import Vocabulary
from tests.passages import article
from tests.strategies import Commit, index_of_commits

TEXTS = (
    "patrol patrols path the of",
    "ferry bell bells 社区巡逻 zeppelin",
    "la ferme des abeilles",
)
LANGUAGES = ("en", "fr")


@pytest.mark.parametrize("landmarks", [1, 2, 3, 1000])
@pytest.mark.parametrize("few", [1, 1000])
def test_terms_are_found_where_they_are(
    landmarks: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "_LANDMARKS", landmarks)
    monkeypatch.setattr(vocabulary, "_FEW", few)
    monkeypatch.setattr(vocabulary, "_MANY", few + 1)
    commits = [Commit((article("a", *TEXTS),), ()), Commit((article("b", TEXTS[0]),), ())]
    segments = index_of_commits(commits)[0].segments()
    words = Vocabulary(segments, LANGUAGES)
    for number, segment in enumerate(segments):
        for field in ("exact", "stems", "title_stems", "no_field"):
            postings = segment.postings(field)
            places = range(len(postings)) if postings else ()
            known = {postings.term(place): place for place in places} if postings else {}
            for term in [*known, b"en:", b"en:a", b"en:zz", b"fr:pat", b"xx:a", b"*:zz"]:
                if b":" in term or field == "exact":
                    assert words.place(number, field, term) == known.get(term, -1), (field, term)


def test_a_word_has_the_stems_that_are_there() -> None:
    segments = index_of_commits([Commit((article("a", *TEXTS),), ())])[0].segments()
    words = Vocabulary(segments, LANGUAGES)
    stem = encoded(tagged(stemmer("en")("patrols"), "en"))
    assert words.stems("patrolling") == {"en": stem}
    assert words.holding("patrolling") == {"en": 1}
    assert not words.stems("nowhere")
    assert not words.holding("nowhere")
