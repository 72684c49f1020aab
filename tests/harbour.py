"""A small harbour's papers, for tests of the page and its pictures: some articles, some hostile.

All sentences are our own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path

FERRY = """---
title: The ferry that came late
author: Ada Lindqvist
date: 2024-09-03
site: The Harbour Post
section: Local
tags: [fog, harbour]
url: https://harbour.example/ferry
---

## Fog over the sound

The morning ferry left the quay forty minutes late, because fog lay over the sound and the pilot \
would not cross without sight of the second buoy.

Passengers waited in the shed, where the keeper lit the stove and sold coffee at half its price. \
Nobody complained, he said later, since a warm shed is worth a late ferry.

## What the pilot said

"I have crossed this water for thirty years," the pilot said, "and I have never once been sorry \
that I waited for the fog to lift." He keeps a log in pencil, as ink runs in the wet: so many \
passengers, so many bicycles, the wind, the state of the sea, and whether the seal was there that \
follows the boat. On the day of the great fog he wrote down that he heard the bell of the church \
before he saw the church, and the church before he saw the quay. That was in the spring, when the \
ferry still had its old horn, which sounded like a cow and was heard as far as the mill. The new \
one is louder, and nobody likes it. He would have the old one back, he said, and a second radar, \
and a stove of his own.

The company will buy a second radar. It is to be mounted before the autumn storms begin.

```
08:10  quay      fog, waiting
08:50  quay      left
09:20  island    arrived
```
"""
RADAR = """---
title: A second radar for the ferry
author: Jonas Bergh, Ada Lindqvist
date: 2025-02-11
site: The Harbour Post
section: Business
---

The company has ordered a second radar for the ferry, after a year in which fog delayed one \
crossing in nine.

It will be paid for by raising the price of a bicycle's passage, which nobody had noticed was free.
"""
HEBREW = """המעבורת בערפל

המעבורת (ferry) יצאה באיחור של ארבעים דקות, כי ערפל כיסה את המצר.

הנוסעים חיכו בצריף, והשומר הדליק את התנור.
"""
_MATTERS = ("bridge", "mill", "orchard", "tram", "library")
_SPOKEN_OF = ("ferry", "bakery", "market", "school")
_AUTHORS = ("Mina Okafor", "Kim Lee", "Ana Roy", "Per Holm")
_FRUIT = ("plums", "pears", "quinces")

#: What would do something if any of it were taken for markup.
SCRIPT = "<script>document.title = 'taken'</script>"
IMAGE = '"><img src=x onerror="document.title = \'taken\'">'


def write_harbour(folder: Path) -> None:
    """Write the papers into a folder."""
    (folder / "harbour").mkdir(parents=True)
    (folder / "harbour" / "ferry.md").write_text(FERRY)
    (folder / "harbour" / "radar.md").write_text(RADAR)
    # It was printed twice.
    (folder / "reprint.md").write_text(FERRY.replace("would not cross", "did not cross"))
    (folder / "hebrew.txt").write_text(HEBREW)
    with (folder / "council.jsonl").open("w") as lines:
        for number in range(40):
            lines.write(json.dumps(_minutes(number)) + "\n")


def write_hostile(folder: Path) -> None:
    """Write articles that would be markup, or steer what shows them, if they were let."""
    record = {
        "id": f"what now?/{IMAGE}#1%2F",
        "title": f"Weirs {SCRIPT}",
        "author": IMAGE,
        "url": "javascript:document.title='taken'",
        "site": f"{SCRIPT}\u202eetis",
        "language": 'en" onfocus="x',
        "section": IMAGE,
        "text": f"The weir {SCRIPT} holds {IMAGE} back \x1b[31mred\x1b[0m and \u202eback to front.",
    }
    other = {**record, "id": "plain", "section": SCRIPT}
    with (folder / "hostile.jsonl").open("w") as lines:
        lines.write(json.dumps(record) + "\n" + json.dumps(other) + "\n")
    (folder / "long.md").write_text(
        f"# Weirs\n\n## Under {SCRIPT}\n\nThe weir {'w' * 5_000} is {'wide ' * 6_000}.\n"
    )


def index_in(folder: Path) -> None:
    """Index all that is in a folder, as ``ix`` beside it."""
    done = sh(f"indexer -i ix add {folder.name}", folder.parent)
    assert done.exit_code == 0, done.stderr


def _minutes(number: int) -> dict[str, str]:
    """A record of short paragraphs, so that none is a copy of another."""
    matter, fruit = _MATTERS[number % 5], _FRUIT[number % 3]
    return {
        "id": f"council/{number}",
        "title": f"Minutes {number}: the {matter}",
        "author": _AUTHORS[number % 4],
        "published": f"{2015 + number % 10}-05-{1 + number % 27:02}",
        "language": "en",
        "site": ("The Roof Gazette", "Mill Weekly")[number % 2],
        "section": ("Local", "Sports", "Culture")[number % 3],
        "text": f"The {matter} was the matter of meeting {number}.\n\n"
        f"At meeting {number} the council spoke about the {_SPOKEN_OF[number % 4]}.\n\n"
        f"Vote {number} follows in autumn, when the {fruit} are ripe.",
    }
