"""SRT and VTT: cues joined to passages, speakers, captions that roll, times."""

from __future__ import annotations

import pytest

from indexer.readers.formats import pick_format
from tests.making.markup import srt, vtt
from tests.markups import read


def passages(data: bytes | str, format_name: str = "srt") -> list[tuple[str, str]]:
    """The time and the text of each passage."""
    found = []
    for block in read(data, format_name).blocks:
        ((kind, clock),) = block.locator
        assert kind == "time"
        found.append((str(clock), block.text))
    return found


LONG = "The gulls that walked on the wet sand fly up to the old wall of the harbour and wait there."


@pytest.mark.parametrize(("make", "format_name"), [(srt, "srt"), (vtt, "vtt")])
def test_cues_are_joined_to_sentences(make: object, format_name: str) -> None:
    assert callable(make)
    data = make([(1, 2, "The tide"), (2, 4, "comes in."), (4, 5.5, LONG), (3725.9, 3727, "Ebb")])
    assert passages(data, format_name) == [
        ("00:00:01", f"The tide comes in. {LONG}"),
        ("01:02:05", "Ebb"),
    ]


def test_a_passage_ends_with_a_sentence_once_it_is_long_enough() -> None:
    cues = [(1, 2, LONG[:40]), (2, 3, LONG[40:]), (3, 4, "It is noon"), (4, 5, "now.")]
    assert passages(srt(cues)) == [
        ("00:00:01", f"{LONG[:40]} {LONG[40:]}".replace("  ", " ")),
        ("00:00:03", "It is noon now."),
    ]


def test_a_title_before_a_name_ends_no_sentence() -> None:
    cues = [(1, 2, f"{LONG[:-1]} for Mr."), (2, 3, "Li.")]
    assert [text for _, text in passages(srt(cues))] == [f"{LONG[:-1]} for Mr. Li."]


def test_a_pause_ends_a_passage() -> None:
    assert passages(srt([(1, 2, "The tide"), (4.0, 5, "of noon")])) == [
        ("00:00:01", "The tide"),
        ("00:00:04", "of noon"),
    ]


def test_captions_without_full_stops_are_cut() -> None:
    cues = [(second, second + 1.0, f"w{second}") for second in range(1, 200)]
    found = passages(srt(cues))
    assert " ".join(text for _, text in found).split() == [
        word for _, _, text in cues for word in text.split()
    ]
    assert max(len(text) for _, text in found) <= 500
    assert len(found) == 4  # of a minute each
    assert [clock for clock, _ in found] == ["00:00:01", "00:01:01", "00:02:01", "00:03:01"]


def test_speakers_begin_passages_and_are_named_in_one_form() -> None:
    text = """\
    WEBVTT - The harbour
    Language: en-GB

    00:01.000 --> 00:02.000
    <v Ann Lee>Is the <i>tide</i> in?</v>

    00:02.000 --> 00:03.000
    <v Ann Lee>Or out?</v>

    00:03.000 --> 00:04.000
    <v.loud Bo>Out &amp; gone.</v>
    <v Ann Lee>Thanks.</v>

    00:04.000 --> 00:05.000
    - Who is there?
    - MR. DEE: Me.

    00:05.000 --> 00:06.000
    [bell rings]
    """
    assert [text for _, text in passages(text, "vtt")] == [
        "Ann Lee: Is the tide in? Or out?",
        "Bo: Out & gone.",
        "Ann Lee: Thanks.",
        "Who is there?",
        "MR. DEE: Me. [bell rings]",
    ]
    article = read(text, "vtt")
    assert (article.title, article.language) == ("The harbour", "en")
    first = article.blocks[0].lines
    assert (first.first, first.last) == (5, 8)


def test_positions_tags_notes_and_styles_are_taken_off() -> None:
    text = """\
    WEBVTT

    NOTE made by hand
    in two lines

    STYLE
    ::cue { color: red }

    intro
    00:00:01.000 --> 00:00:02.000 align:start position:0%
    {\\an8}High <c.yellow>water</c>, <00:00:01.500>x < 3
    """
    assert passages(text, "vtt") == [("00:00:01", "High water, x < 3")]
    omitted = [block.text for block in read(text, "vtt").omitted]
    assert omitted == ["NOTE made by hand in two lines", "STYLE ::cue { color: red }"]
    kept = read(text, "vtt", keep_furniture=True)
    assert (len(kept.blocks), kept.omitted) == (3, ())


def test_captions_that_roll_are_taken_once() -> None:
    text = "WEBVTT\nKind: captions\nLanguage: en\n"
    lines = ["the tide comes", "in at noon", "and the gulls", "fly up again"]
    before = " "
    for at, line in enumerate(lines, start=1):
        first, *rest = line.split()
        words = "".join(f"<00:00:0{at}.5><c> {word}</c>" for word in rest)
        text += (
            f"\n00:00:0{at}.000 --> 00:00:0{at}.990 align:start\n{before}\n{first}{words}\n"
            f"\n00:00:0{at}.990 --> 00:00:0{at + 1}.000 align:start\n{line}\n \n"
        )
        before = line
    assert passages(text, "vtt") == [
        ("00:00:01", "the tide comes in at noon and the gulls fly up again")
    ]


def test_what_is_said_twice_stays_twice() -> None:
    assert passages(srt([(1, 2, "No."), (2, 3, "No."), (3, 4, "Never.")])) == [
        ("00:00:01", "No. No. Never.")
    ]


def test_blank_lines_within_a_cue_of_srt() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nThe tide\n\ncomes in\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\n7\n"
    )
    assert passages(text) == [("00:00:01", "The tide comes in 7")]


def test_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", srt([(1, 2, "a")])).name == "srt"
    assert pick_format("-", vtt([(1, 2, "a")])).name == "vtt"
    assert pick_format("-", b"1\n\nThe tide --> out\n").name == "text"
