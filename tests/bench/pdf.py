"""How well the PDF reader finds paragraphs.

    python -m tests.bench.pdf [--part open|held] [--name TEXT] [--errors] [--save FOLDER] [--alone]
    python -m tests.bench.pdf --real [--errors] [--alone]

The first reads documents that are made for it (``tests/making/pdf_documents.py``), whose paragraphs
are known: headings, list items, table rows, notes and captions are counted among them. Printed are
for each

- exact: the share of the true paragraphs of which a text equal up to white space is given;
- ends: the share of which one is given with the same first word and last word, on the right page;
- false: how many of those given are none, furniture and fragments.

Beside them stand other programs, whose blocks between empty lines are taken for paragraphs;
``--alone`` leaves them out, which saves minutes. The
method of the reader is made with the open half; only kinds of errors are printed of the held one.
``--real`` reads installed documents of Debian packages, see ``pdf_real``.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.pdf_compare import judge
from tests.bench.pdf_real import measure_real
from tests.bench.pdf_systems import Reading, systems
from tests.bench.tables import figure, note, show, show_table
from tests.making.pdf_documents import Half, all_made
from tests.making.pdf_writing import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.pdf_compare import Judged
    from tests.bench.pdf_systems import System
    from tests.making.pdf_made import Made


class _Result(NamedTuple):
    half: Half
    made: Made
    judged: dict[str, Judged]
    readings: dict[str, Reading]


def main() -> None:
    """Print the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description="How well the PDF reader finds paragraphs.")
    parser.add_argument("--part", choices=[half.value for half in Half], help="one half alone")
    parser.add_argument("--name", default="", help="documents with this in maker/name alone")
    parser.add_argument("--errors", action="store_true", help="print what is wrong")
    parser.add_argument("--save", type=Path, help="write the documents there as well")
    parser.add_argument("--real", action="store_true", help="documents of Debian packages")
    parser.add_argument("--alone", action="store_true", help="no other programs beside")
    options = parser.parse_args()
    names = ["reader"] if options.alone else None
    if options.real:
        measure_real(systems(names), errors=options.errors)
        return
    documents, missing = all_made()
    for fault in missing:
        note(f"left out, {fault}")
    results = [
        _measured(half, made, systems(names))
        for half, made in documents
        if options.part in {None, half.value} and options.name in f"{made.maker}/{made.name}"
    ]
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        for result in results:
            made = result.made
            (options.save / f"{made.maker}-{made.name}.pdf").write_bytes(made.data)
    for half in Half:
        of_half = [result for result in results if result.half is half]
        if of_half:
            _show_documents(half, of_half)
            _show_kinds(of_half)
            if options.errors and half is Half.OPEN:
                _show_errors(of_half)
    _show_totals(results)


def _measured(half: Half, made: Made, chosen: Mapping[str, System]) -> _Result:
    note(f"{made.maker}/{made.name}")
    readings = {name: system(made.data) for name, system in chosen.items()}
    judged = {
        name: judge(made.parts, reading.given, reading.title) for name, reading in readings.items()
    }
    return _Result(half, made, judged, readings)


def _share(found: Sequence[bool]) -> str:
    return f"{100 * sum(found) / len(found):.1f}" if found else "-"


def _show_documents(half: Half, results: Sequence[_Result]) -> None:
    show(f"Documents, the {half.value} half: shares in %")
    others = [name for name in results[0].judged if name != "reader"]
    head = ["document", "pages", "true", "exact", "ends", "false", "s/100 pages"]
    rows = []
    for result in sorted(results, key=lambda one: (one.made.maker, one.made.name)):
        made, ours = result.made, result.judged["reader"]
        rows.append(
            [
                f"{made.maker}/{made.name}",
                str(made.pages),
                str(len(ours.exact)),
                _share(ours.exact),
                _share(ours.ends),
                str(len(ours.false)),
                figure(100 * result.readings["reader"].seconds / made.pages),
                *(_share(result.judged[name].exact) for name in others),
            ]
        )
    show_table([*head, *(f"{name} exact" for name in others)], rows)


def _show_kinds(results: Sequence[_Result]) -> None:
    exact: dict[Kind, list[bool]] = defaultdict(list)
    ends: dict[Kind, list[bool]] = defaultdict(list)
    faults: Counter[str] = Counter()
    for result in results:
        judged = result.judged["reader"]
        parts = [part for part in result.made.parts if part.kind is not Kind.LOOSE]
        for part, is_exact, has_ends, fault in zip(
            parts, judged.exact, judged.ends, judged.faults, strict=True
        ):
            exact[part.kind].append(is_exact)
            ends[part.kind].append(has_ends)
            if fault is not None:
                faults[f"{part.kind.value}: {fault.value}"] += 1
    show_table(
        ["kind", "true", "exact", "ends"],
        [
            [kind.value, str(len(exact[kind])), _share(exact[kind]), _share(ends[kind])]
            for kind in Kind
            if exact[kind]
        ],
    )
    if faults:
        show_table(
            ["what is wrong", "paragraphs"],
            [[name, str(count)] for name, count in faults.most_common()],
        )


def _show_errors(results: Sequence[_Result]) -> None:
    for result in results:
        judged = result.judged["reader"]
        name = f"{result.made.maker}/{result.made.name}"
        if fault := result.readings["reader"].fault:
            show(f"{name}: {fault}")
        parts = [part for part in result.made.parts if part.kind is not Kind.LOOSE]
        for part, wrong in zip(parts, judged.faults, strict=True):
            if wrong is not None:
                show(f"{name} page {part.page} {part.kind.value}, {wrong.value}: {part.text}")
        for one in judged.false:
            show(f"{name} page {one.page} given: {one.text}")


def _show_totals(results: Sequence[_Result]) -> None:
    rows = []
    makers = sorted({result.made.maker for result in results})
    for half in Half:
        for maker in [*makers, ""]:
            chosen = [one for one in results if one.half is half and maker in {"", one.made.maker}]
            names = list(chosen[0].judged) if chosen and not maker else ["reader"]
            for name in names if chosen else []:
                judged = [one.judged[name] for one in chosen]
                pages = sum(one.made.pages for one in chosen)
                seconds = sum(one.readings[name].seconds for one in chosen)
                exact = [right for one in judged for right in one.exact]
                rows.append(
                    [
                        f"{half.value}, {maker or 'all'}, {name}",
                        str(len(chosen)),
                        str(pages),
                        str(len(exact)),
                        _share(exact),
                        _share([right for one in judged for right in one.ends]),
                        str(sum(len(one.false) for one in judged)),
                        figure(100 * seconds / pages),
                    ]
                )
    head = ["", "documents", "pages", "true", "exact", "ends", "false", "s/100 pages"]
    show("All: shares in %, seconds of processor time")
    show_table(head, rows)


if __name__ == "__main__":
    main()
