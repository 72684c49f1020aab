"""Near spellings in one lexicon, against all distances worked out."""

from __future__ import annotations

import io
from importlib.util import find_spec
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.storage.arrays import ArrayFile, smallest_array, write_arrays
from indexer.storage.postings import FieldPostings, packed
from indexer.text.analysis import encoded
from search.backends.near import IS_COMPILED, near_places, sifted, walked
from search.deadline import Deadline, SearchTimeoutError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Collection, Iterable, Iterator

    from indexer.storage.arrays import Written

# Few letters, so that words come near each other: of one to four bytes, and half a pair.
LETTERS = "abcdéß中ي𝄞\ud834"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=10)
LONG = "abcdefgh" * 8


def drawn(seed: int) -> Random:
    """The same chances each time."""
    return Random(seed)  # noqa: S311 - no secret


def lexicon_of(words: Collection[str]) -> FieldPostings:
    """A lexicon in which each word is in one document."""
    terms = sorted(map(encoded, words))
    lists = [packed([0], [1], [0]) for _ in terms]
    file = io.BytesIO()
    arrays: dict[str, Written] = {
        "exact/terms": b"".join(terms),
        "exact/term_offsets": offsets_of(terms),
        "exact/lists": b"".join(lists),
        "exact/list_offsets": offsets_of(lists),
    }
    write_arrays(file, arrays, {})
    return FieldPostings(ArrayFile(file.getvalue(), "lexicon"), "exact")


def offsets_of(pieces: Iterable[bytes]) -> array[int]:
    offsets = [0]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    return smallest_array(offsets, offsets[-1])


def osa(one: str, other: str) -> int:
    """The optimal string alignment distance, by its recurrence."""
    table = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            changed = one[row - 1] != other[column - 1]
            table[row][column] = min(
                table[row - 1][column] + 1,
                table[row][column - 1] + 1,
                table[row - 1][column - 1] + changed,
            )
            if one[row - 2 : row] == other[column - 2 : column][::-1] and min(row, column) > 1:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[-1][-1]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("ownership", "onwership", 1),
        ("abcd", "badc", 2),
        ("ca", "abc", 3),
        ("a", "bc", 2),
    ],
)
def test_the_distance_is_that_of_optimal_string_alignment(
    one: str, other: str, distance: int
) -> None:
    assert osa(one, other) == osa(other, one) == distance


def test_near_words_are_found_in_c_where_it_is_built() -> None:
    assert (find_spec("search.backends.kernels.compiled") is not None) == IS_COMPILED


def found_near(lexicon: FieldPostings, word: str, distance: int) -> list[str]:
    """The near words; each way gives the same, and each place only once."""
    places, *others = (
        sorted(near(lexicon, word, distance, Deadline(60)))
        for near in (near_places, walked, sifted)
    )
    assert len(places) == len(set(places))
    assert all(other == places for other in others)
    return [lexicon.term(place).decode("utf-8", "surrogatepass") for place in places]


def slips(word: str, slipping: Random, number: int) -> str:
    """A word with so many slips in it."""
    for _ in range(number):
        at = slipping.randrange(len(word) + 1)
        letter = slipping.choice(LETTERS)
        word = slipping.choice(
            [
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            ]
        )
    return word


@given(
    st.sets(WORDS, max_size=40),
    st.one_of(WORDS, st.just(LONG)),
    st.lists(st.integers(0, 4), max_size=40),
    st.randoms(use_true_random=False),
    st.sampled_from([1, 2]),
)
@example(set(), "a", [], drawn(0), 1)
# The ending of one term together with the next term is no ending.
@example({"abc", "dabc", "cabcd", "ab", "cd"}, "bcdabcd", [], drawn(0), 2)
def test_near_words_are_those_of_few_edits(
    words: set[str], word: str, numbers: list[int], slipping: Random, distance: int
) -> None:
    lexicon = {*words, *(slips(word, slipping, number) for number in numbers)} - {""}
    assert found_near(lexicon_of(lexicon), word, distance) == sorted(
        (other for other in lexicon if osa(word, other) <= distance), key=encoded
    )


@pytest.mark.parametrize("letters", ["abcd", LETTERS, "etaoinshrdlucmfwypvbgkjqxzéèñö"])
def test_near_words_in_a_large_lexicon(letters: str) -> None:
    drawing = drawn(len(letters))
    words = {"".join(drawing.choices(letters, k=drawing.randint(1, 12))) for _ in range(4_000)}
    asked = drawing.sample(sorted(words), 12)
    words.update(slips(word, drawing, number % 4) for word in asked for number in range(60))
    words.discard("")
    lexicon = lexicon_of(words)
    for word in asked:
        within = {other: osa(word, other) for other in words if abs(len(word) - len(other)) < 3}
        for distance in (1, 2):
            assert found_near(lexicon, word, distance) == sorted(
                (other for other, edits in within.items() if edits <= distance), key=encoded
            )


def test_a_word_that_is_too_long_is_near_to_itself_alone() -> None:
    words = {LONG, LONG + "i", LONG + "ij", LONG[1:]}
    lexicon = lexicon_of(words)
    assert found_near(lexicon, LONG, 1) == [LONG, LONG + "i", LONG[1:]]
    for word, found in ((LONG + "i", [LONG + "i"]), (LONG + "k", [])):
        places = near_places(lexicon, word, 1, Deadline(60))
        assert [lexicon.term(place).decode() for place in places] == found


def test_there_are_terms_much_longer_than_words() -> None:
    words = {"plum" * number for number in range(1, 200, 7)}
    assert found_near(lexicon_of(words), "plums", 1) == ["plum"]
    assert found_near(lexicon_of({"plum" * 70}), "plum", 2) == []
    with pytest.raises(ValueError, match="too long"):
        list(sifted(lexicon_of(words), "plum" * 70, 1, Deadline(60)))


@pytest.mark.parametrize("near", [near_places, walked, sifted])
def test_the_search_for_near_words_has_its_time_limit(
    near: Callable[[FieldPostings, str, int, Deadline], Iterator[int]],
) -> None:
    with pytest.raises(SearchTimeoutError):
        list(near(lexicon_of({"plum", "plums"}), "plum", 1, Deadline(-1)))
