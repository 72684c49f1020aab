"""Terms of an index and the stems of words in it: in C and in Python where the lexicon has them."""

from __future__ import annotations

from array import array
from itertools import accumulate, pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.text.analysis import STEMMERS, Stemmers, encoded, stemmer, tagged
from search.backends.kernels import lexicon as plain
from search.backends.vocabulary import Vocabulary
from tests.kernels import IS_COMPILED, pages_of
from tests.passages import article
from tests.strategies import Commit, index_of_commits

if IS_COMPILED:
    from search.backends.kernels import native
    from search.backends.kernels.compiled import Lexicon, Lists, Stems

if TYPE_CHECKING:
    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView

TEXTS = (
    "patrol patrols path the of",
    "ferry bell bells 社区巡逻 zeppelin",
    "la ferme des abeilles",
)
LANGUAGES = ("en", "fr")
FIELDS = ("exact", "stems", "title_stems", "heading_stems")
WORDS = [
    "patrol",
    "patrols",
    "paths",
    "the",
    "bell",
    "fermes",
    "abeille",
    "zeppelin",
    "nowhere",
    "",
]
# Those in C, and those in Python that look in the whole lexicon, by landmarks and among few terms.
KINDS = [*(["compiled"] if IS_COMPILED else []), "whole", "marked", "few"]


def segments() -> list[SegmentView]:
    commits = [Commit((article("a", *TEXTS),), ()), Commit((article("b", TEXTS[0]),), ())]
    return index_of_commits(commits)[0].segments()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What looks terms up."""
    if request.param == "whole":
        monkeypatch.setattr(plain, "_FEW", 1_000)
    if request.param == "marked":
        monkeypatch.setattr(plain, "_LANDMARKS", 2)
        monkeypatch.setattr(plain, "_FEW", 1)
        monkeypatch.setattr(plain, "_MANY", 2)
    return str(request.param)


def lexicon(kind: str, postings: FieldPostings) -> Any:
    return native.lexicon_of(postings) if kind == "compiled" else plain.lexicon_of(postings)


def test_terms_are_found_where_they_are(kind: str) -> None:
    for segment in segments():
        for postings in filter(None, map(segment.postings, FIELDS)):
            found = lexicon(kind, postings)
            terms = [postings.term(place) for place in range(len(postings))]
            assert len(found) == len(terms)
            assert found.terms(0, len(terms)) == terms
            assert found.terms(1, 3) == terms[1:3]
            assert found.doc_counts(range(len(terms))) == [
                len(postings.docs(place)) for place in range(len(terms))
            ]
            for term in [*terms, b"", b"en:", b"en:a", b"en:zz", b"fr:pat", b"xx:a", b"*:zz", b"z"]:
                assert found.find(term) == (terms.index(term) if term in terms else -1)
            for head in (b"", b"en:", b"en:p", b"fr:", b"p", b"zz", b"\xff", b"p\xff", b"\xff\xff"):
                places = postings.prefix_range(head)
                assert found.beginning(head) == (places.start, places.stop)
                assert [t for t in terms if t.startswith(head)] == terms[
                    slice(*found.beginning(head))
                ]


def test_stems_of_words_are_found_where_they_are(kind: str) -> None:
    every = [postings for one in segments() for postings in map(one.postings, FIELDS[1:])]
    of_stems = [postings for postings in every if postings]
    heads = [encoded(tagged("", language)) for language in LANGUAGES]
    make = Stems if kind == "compiled" else plain.Stems
    stems = make([lexicon(kind, postings) for postings in of_stems], heads)
    stemmers = Stemmers(LANGUAGES)
    for word in [*WORDS, *WORDS]:
        expected = []
        for number, language in enumerate(LANGUAGES):
            term = encoded(tagged(stemmer(language)(word), language))
            places = tuple(postings.find(term) for postings in of_stems)
            counts = (
                len(one.docs(at)) if at >= 0 else 0
                for one, at in zip(of_stems, places, strict=True)
            )
            if max(places) >= 0:
                expected.append((number, term, places, tuple(counts)))
        assert stems.find(word, stemmers.of(word)) == expected
    assert stems.find("patrol\ud800", (None, str)) == []


def test_a_word_has_the_stems_that_are_there() -> None:
    words = Vocabulary(segments(), LANGUAGES)
    stem = encoded(tagged(stemmer("en")("patrols"), "en"))
    number, fields = LANGUAGES.index("en"), words.stem_fields
    ((language, term, places, counts),) = words.words["patrolling"].stems
    assert (language, term) == (number, stem)
    for segment in (0, 1):
        at = fields.index((segment, "stems"))
        assert (places[at] >= 0, counts[at]) == (True, 1)
    assert words.holding("patrolling") == {"en": 2}
    assert not words.words["nowhere"].stems
    assert not words.holding("nowhere")


def test_deleted_passages_hold_no_word() -> None:
    padding = tuple(article(f"z{at}", "fog") for at in range(40))  # so that nothing is merged away
    commits = [Commit((article("a", "patrols"), article("b", "patrol"), *padding), ())]
    deleting = [*commits, Commit((), ("a",))]
    for history, expected in ((commits, 2), (deleting, 1)):
        words = Vocabulary(index_of_commits(history)[0].segments(), LANGUAGES)
        assert words.holding("patrol") == {"en": expected}


WORD = st.text(max_size=8) | st.text("abcdeilnorstu", max_size=12)


@given(WORD, st.sampled_from(["", "logias", "ees", "ieres", "cao", "cio", "erent", "aos"]))
@example("", "")
@example("ferries", "")
def test_stemmers_of_several_languages_are_those_of_each(word: str, ending: str) -> None:
    languages = (*STEMMERS, "zh", "")
    stems = Stemmers(languages).of(word + ending)
    for language, stem in zip(languages, stems, strict=True):
        expected = stemmer(language)(word + ending)
        assert (stem(word + ending) if stem else word + ending) == expected, language


def looked(_start: int, _end: int) -> None:
    """Nothing is damaged."""


@pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")
@given(
    st.binary(max_size=24),
    st.lists(st.integers(0, 30), min_size=1, max_size=6),
    st.lists(st.integers(0, 30), min_size=6, max_size=6),
    st.binary(max_size=3),
)
def test_bytes_that_are_no_lexicon_raise_or_give_terms_that_are_there(
    raw: bytes, bounds: list[int], starts: list[int], text: bytes
) -> None:
    size = len(bounds) - 1
    lists = Lists(array("I", starts[: size + 1]), 0, raw, 64, pages_of(bytearray(1), looked))
    terms = Lexicon(raw, 0, array("H", bounds), 32, lists)
    every = terms.terms(0, size)
    assert every == [raw[one:other] for one, other in pairwise(bounds)]
    place = terms.find(text)
    assert place == -1 or every[place] == text
    first, end = terms.beginning(text)
    assert 0 <= first <= size
    assert 0 <= end <= size
    for number in range(-1, size + 1):
        try:
            (count,) = terms.doc_counts([number])
        except (ValueError, IndexError):
            continue
        assert 0 <= number < size
        assert 0 <= count < 1 << 32
    stems = Stems([terms, terms], [text, b""])
    try:
        found = stems.find("ab", (None, str))
    except ValueError:
        return
    for _, term, places, _ in found:
        assert all(at == -1 or every[at] == term for at in places)


@pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")
def test_damage_of_terms_is_looked_for_before_they_are_read() -> None:
    asked = []

    def look(start: int, end: int) -> None:
        asked.append((start, end))
        raise ValueError("damaged")

    seen = bytearray(4)
    lists = Lists(array("I", [0, 3]), 0, b"\0\1\5", 4096, pages_of(seen, look))
    terms = Lexicon(b"ab", 8192, array("I", [0, 2]), 12288, lists)
    for page, (at, size) in {3: (12288, 8), 2: (8192, 2)}.items():
        for ask in (lambda: terms.find(b"ab"), lambda: terms.terms(0, 1)):
            with pytest.raises(ValueError, match="damaged"):
                ask()
            assert asked.pop() == (at, at + size)
        seen[page] = 1
    assert terms.find(b"ab") == 0
    for page, (at, size) in {0: (0, 4), 1: (4096, 3)}.items():
        with pytest.raises(ValueError, match="damaged"):
            terms.doc_counts([0])
        assert asked.pop() == (at, at + size)
        seen[page] = 1
    assert terms.doc_counts([0]) == [1]


@pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")
def test_what_does_not_fit_is_refused() -> None:
    lists = Lists(array("I", [0, 3]), 0, b"\0\1\5", 64, pages_of(bytearray(1), looked))
    with pytest.raises(ValueError, match="no terms"):
        Lexicon(b"ab", 0, array("I", [0, 1, 2]), 32, lists)
    terms = Lexicon(b"ab", 0, array("I", [0, 2]), 32, lists)
    with pytest.raises(IndexError):
        terms.terms(0, 2)
    with pytest.raises(TypeError):
        Stems([lists], [b""])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="each language"):
        Stems([terms], [b""]).find("ab", ())
    with pytest.raises(TypeError):
        Stems([terms], [b""]).find("ab", (lambda _: 1,))  # type: ignore[arg-type, return-value]


@pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")
@pytest.mark.parametrize("head", [b"", b"en:", b"a common beginning:"])
def test_terms_of_a_large_lexicon_are_found(head: bytes) -> None:
    chance = Random(head)  # noqa: S311 - no secret
    some = {
        head + bytes(chance.choices(b"\x00ab\xff", k=chance.randrange(9))) for _ in range(9_000)
    }
    terms = sorted({*some, *(bytes([at]) * 3 for at in range(256))})
    assert len(terms) > 4_000
    bounds = list(accumulate(map(len, terms), initial=0))
    pages = pages_of(bytearray(1), looked)
    lists = Lists(array("I", range(len(terms) + 1)), 0, bytes(len(terms)), 64, pages)
    lexicon = Lexicon(b"".join(terms), 0, array("I", bounds), 32, lists)
    places = {term: place for place, term in enumerate(terms)}
    others = [term + b"\x00" for term in terms] + [term[:-1] for term in terms]
    for term in chance.sample([*terms, *others, head, b"\xff" * 9], 9_000):
        assert lexicon.find(term) == places.get(term, -1)
