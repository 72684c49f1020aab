"""Who may import whom: the source is read, and what processes load is looked at."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from tests.kernels import IS_COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
PACKAGES = ("indexer", "search")


class Import(NamedTuple):
    """One module that another imports; lazy if only when a function is called."""

    name: str
    lazy: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_name(path): ast.parse(path.read_text("utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports_in(nodes: Iterable[ast.AST], *, lazy: bool = False) -> Iterator[Import]:
    """Yield what is imported at run time, each module by its full name."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.level == 0, "imports are absolute"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if name in SOURCES]
            yield from (Import(name, lazy) for name in modules)
            if len(modules) < len(inner):
                yield Import(node.module, lazy)
        elif not is_for_types(node):
            within = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports_in(ast.iter_child_nodes(node), lazy=lazy or within)


IMPORTS = {module: frozenset(imports_in(tree.body)) for module, tree in SOURCES.items()}


def of_package(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def importers(package: str) -> set[str]:
    """The modules that import a package or a part of it, at any time."""
    return {
        module
        for module, imports in IMPORTS.items()
        if any(of_package(one.name, package) for one in imports)
    }


def loaded_with(module: str) -> set[str]:
    """What a module brings with it as soon as it is imported."""
    loaded: set[str] = set()
    pending = [module]
    while pending:
        name = pending.pop()
        parents = {name.rsplit(".", dots)[0] for dots in range(1, name.count(".") + 1)}
        for one in {name, *parents} - loaded:
            loaded.add(one)
            pending += [inner.name for inner in IMPORTS.get(one, ()) if not inner.lazy]
    return loaded


def test_the_source_is_there() -> None:
    assert {"indexer.storage.index", "indexer.readers.html", "search.engine"} <= set(SOURCES)
    assert Import("search.query.tree", lazy=False) in IMPORTS["search.query.parser"]
    assert Import("indexer.build", lazy=True) in IMPORTS["search.index"]
    assert "indexer.storage.committed" in loaded_with("search.index")


def test_the_indexer_knows_nothing_of_the_search() -> None:
    assert {module.split(".")[0] for module in importers("search")} == {"search"}


def test_imports_have_no_circle_also_not_inside_functions() -> None:
    """Two modules that need each other are one; a circle is shown as a path of names."""
    done: set[str] = set()

    def circle_from(module: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if module in path:
            return (*path[path.index(module) :], module)
        if module in done:
            return ()
        for one in sorted(IMPORTS[module]):
            if one.name in IMPORTS and (found := circle_from(one.name, (*path, module))):
                return found
        done.add(module)
        return ()

    assert [found for module in sorted(IMPORTS) if (found := circle_from(module, ()))] == []


def test_an_import_circle_would_be_seen() -> None:
    source = ast.parse("def late():\n    from search.cli import main\n    return main\n")
    assert list(imports_in(source.body)) == [Import("search.cli", lazy=True)]


# What data flows through, from the first station to the last; none imports a later one.
FLOWS = [
    "search.query search.planner search.backends search.engine search.index search.cli",
    "search.request search.options search.showing search.batch_run search.cli",
    "search.query search.completion search.options",
    "search.request search.output search.index search.opening search.serve",
    "search.opening search.cli",
    "search.serve.limits search.serve.source search.serve.service search.serve.api",
    "search.serve.service search.serve.api search.serve.page search.serve.app",
    "search.serve.service search.serve.mcp.tools search.serve.mcp.server search.serve.mcp.http",
    "search.serve.problems search.serve.guard search.serve.app search.serve.running",
    "search.serve.service search.serve.health search.serve.app",
    "search.serve.service search.serve.metrics search.serve.app search.serve.running",
    "search.serve.running search.serve.cli",
    "search.serve.mcp.http search.serve.app",
    "search.serve.mcp.arguments search.serve.mcp.answers search.serve.mcp.tools",
    "search.serve.mcp.answers search.serve.mcp.resources search.serve.mcp.server",
    "search.serve.mcp.server search.serve.mcp.stdio search.serve.mcp.cli",
    "search.serve.page.addresses search.serve.page.viewing search.serve.page.search_page",
    "search.serve.page.minimap search.serve.page.viewing_article search.serve.page.article_page",
    "search.serve.page.article_page search.serve.page.error_pages",
    "search.model search.engine search.page search.index",
    "search.request search.backends search.engine",
    "search.model search.output search.views search.page search.index",
    "search.model search.output search.showing search.cli",
    "indexer.model indexer.text indexer.storage indexer.build indexer.cli",
    "indexer.readers indexer.intake indexer.build indexer.care indexer.cli",
    "indexer.files indexer.watching indexer.cli",
    "search.model search.freshness search.engine search.index search.refreshing search.cli",
    "indexer.model indexer.readers indexer.intake",
    "indexer.text search.planner",
]


@pytest.mark.parametrize("flow", FLOWS)
def test_data_flows_one_way(flow: str) -> None:
    stations = flow.split()
    for place, station in enumerate(stations):
        later = stations[place + 1 :]
        for module in SOURCES:
            if of_package(module, station):
                upward = {
                    one.name
                    for one in IMPORTS[module]
                    if any(of_package(one.name, other) for other in later)
                }
                assert not upward, module


#: What the search takes from the indexer; in brackets only inside functions.
TAKEN = {
    "search.backends": "errors model storage text",
    "search.query": "errors model text",
    "search.batch_run": "console errors",
    "search.opening": "(sample) (storage)",
    "search.serve": "console errors interrupts manpages manual model reports schema terminal",
    "search.output": "errors model schema terminal",
    "search.index": "errors model storage (articles) (build)",
    "search.states": "errors storage (care)",
    "search.options": "console errors terminal",
    "search.completion": "storage",
    "search.manual": "manpages manual",
    "search.cli": "console errors (terminal)",
    "search.showing": "console errors (terminal)",
    "search.__main__": "interrupts",
    "search.": "errors model text",
}


@pytest.mark.parametrize("module", [name for name in SOURCES if of_package(name, "search")])
def test_what_the_search_takes_from_the_indexer(module: str) -> None:
    room = next(room for room in TAKEN if module.startswith(room) or room == "search.")
    allowed = TAKEN[room].split()
    for one in IMPORTS[module]:
        if of_package(one.name, "indexer"):
            part = one.name.split(".")[1]
            assert part in {"remembering", "tuples", *allowed} or (
                one.lazy and f"({part})" in allowed
            ), one


def test_where_whoosh_is_used() -> None:
    assert importers("whoosh") == {
        "indexer.storage.codec",
        "indexer.storage.index",
        "indexer.storage.schema",
        "indexer.storage.writer",
        "indexer.text.stopwords",
    }


def test_who_knows_how_passages_are_stored() -> None:
    """All others are neutral: any backend could serve them."""
    assert {module for module in importers("indexer.storage") if of_package(module, "search")} == {
        *(
            module
            for module in SOURCES
            if of_package(module, "search.backends.opensearch")
            and module in importers("indexer.storage")
        ),
        "search.backends.kernels.arrays",
        "search.backends.kernels.native",
        "search.backends.kernels.runs",
        "search.backends.names",
        "search.backends.order",
        "search.completion",
        "search.index",
        "search.opening",
    }
    for backend, opened_by in (
        ("local", "search.states"),
        ("opensearch.backend", "search.backends.opensearch.opened"),
    ):
        assert {
            module
            for module in importers(f"search.backends.{backend}")
            if of_package(module, "search")
        } == {opened_by}


def test_where_click_is_used() -> None:
    assert importers("click") == {
        *("indexer.cli", "indexer.completion", "indexer.console", "indexer.manpages"),
        *("search.cli", "search.completion", "search.options"),
        *("search.serve.cli", "search.serve.mcp.cli"),
    }


HOMES = {
    "Stemmer": {"indexer.storage.committed", "indexer.text.analysis"},
    "charset_normalizer": {"indexer.readers.encoding"},
    "fastwarc": {"indexer.readers.messages.warc"},
    "htmldate": {"indexer.readers.html_facts"},
    "lxml": {
        "indexer.readers.documents.package",
        *("indexer.readers.html_page", "indexer.readers.html_tree"),
        *("indexer.readers.messages.feeds", "indexer.readers.messages.opml"),
        "indexer.readers.records.xml_events",
    },
    "markdown_it": {"indexer.readers.markdown"},
    "mdit_py_plugins": {"indexer.readers.markdown"},
    "mwparserfromhell": {"indexer.readers.markup.wikitext"},
    "opensearchpy": {"indexer.storage.remote.nodes"},
    "numpy": {
        "indexer.readers.pdf.words",
        "indexer.storage.flaws",
        "indexer.storage.lexicons",
        "indexer.storage.packing",
        "indexer.storage.runs",
        *(
            f"indexer.text.{m}"
            for m in (
                *("batches", "counting", "detecting", "items", "items_in_c", "rows"),
                *("model", "sketching", "sorting", "stems", "words"),
            )
        ),
        "search.backends.kernels.arrays",
        "search.backends.kernels.runs",
        "search.backends.kernels.spellings",
    },
    "pandas": {"search.views"},
    "platformdirs": {"indexer.storage.committed"},
    "py3langid": {"indexer.text.language"},
    "pypdfium2": {
        *(
            f"indexer.readers.pdf.{m}"
            for m in ("document", "fonts", "reader", "rules", "tags", "words")
        )
    },
    "regex": {"search.query.expressions"},
    "trafilatura": {"indexer.readers.html_extractor", "indexer.readers.html_facts"},
    "watchfiles": {"indexer.watching"},
    "yaml": {"indexer.readers.markdown"},
    "zstandard": {"indexer.readers.packing"},
}


#: Libraries that a whole room is made with.
ROOMS = {
    "jinja2": "search.serve",
    "mcp": "search.serve",
    "mcp_types": "search.serve",
    "prometheus_client": "search.serve",
    "starlette": "search.serve",
    "uvicorn": "search.serve",
}


def test_each_library_has_its_place() -> None:
    used = {one.name.split(".")[0] for imports in IMPORTS.values() for one in imports}
    foreign = used - set(sys.stdlib_module_names) - {*PACKAGES, "whoosh", "click"}
    assert {library: importers(library) for library in foreign - set(ROOMS)} == HOMES
    for library, room in ROOMS.items():
        assert {of_package(module, room) for module in importers(library)} <= {True}


def test_private_modules_are_left_alone() -> None:
    for module, imports in IMPORTS.items():
        private = {one.name for one in imports if "._" in one.name}
        assert not private, module


@pytest.mark.parametrize("module", ["pickle", "marshal", "shelve", "dill", "whoosh.codec.whoosh3"])
def test_nothing_that_runs_what_it_reads(module: str) -> None:
    assert importers(module) == set()


# What processes load


HEAVY = {
    *("charset_normalizer", "fastwarc", "lxml", "markdown_it", "mdit_py_plugins", "numpy"),
    *("docutils", "orgparse", "pandas", "py3langid", "pylatexenc", "pypdfium2", "pysubs2"),
    *("htmldate", "mwparserfromhell", "opensearchpy", "regex", "trafilatura", "yaml", "zstandard"),
}


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The modules in a process that ran some code, by their first names and ours in full."""
    ending = "import sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{textwrap.dedent(code)}\n{ending}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(done.stderr.split())
    assert "sys" in names
    return names | {name.split(".")[0] for name in names}


def test_importing_the_commands_loads_no_reader() -> None:
    assert not loaded_by("import search.cli, search.index") & {*HEAVY, "indexer.build"}
    # Options and help need not even Whoosh.
    assert not loaded_by("import search.cli, indexer.cli") & {*HEAVY, "whoosh", "Stemmer"}
    assert not loaded_by("import search, indexer") & {*HEAVY, "whoosh", "click"}


@pytest.mark.parametrize("form", ["text", "json", "ids"])
def test_a_plain_search_loads_no_reader(tmp_path: Path, form: str) -> None:
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue and plump.\n")
    options = ReadOptions(language="en")
    build_index([str(tmp_path / "plums.txt")], tmp_path / "ix", options=options)
    code = """
        import sys
        from search.cli import PROG, run, search_command

        try:
            run(search_command, prog=PROG)
        except SystemExit as error:
            assert error.code == 0
    """
    arguments = ["-i", str(tmp_path / "ix"), "--format", form, "plums", '"are blue"']
    loaded = loaded_by(code, *arguments)
    assert not loaded & {*HEAVY, "indexer.build", "indexer.files", "indexer.readers"}
    assert {"whoosh", "click"} < loaded


#: Of Whoosh, a search from the shell needs the lists of stop words.
OF_WHOOSH = {"whoosh", "whoosh.lang", "whoosh.lang.stopwords"}
#: What takes long to load, and what only few searches need.
NOT_NEEDED = {
    *(
        "numpy",
        "pathlib",
        "difflib",
        "urllib",
        "csv",
        "shlex",
        "calendar",
        "traceback",
        "subprocess",
    ),
    *("indexer.storage.index", "indexer.storage.codec", "indexer.storage.writer"),
    *("search.backends.kernels.arrays", "search.broaden", "search.diagnosis"),
    *("search.output.snippet", "search.query.dates", "search.reading"),
    *("search.completion", "indexer.completion", "click.shell_completion"),
}
#: So many modules beyond those of click; each takes a third of a millisecond or more.
MOST_MODULES = 99


def test_what_a_search_from_the_shell_loads(tmp_path: Path) -> None:
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue and plump.\n")
    os.utime(tmp_path / "plums.txt", (1_500_000_000, 1_500_000_000))  # or it would be read again
    options = ReadOptions(language="en")
    build_index([str(tmp_path / "plums.txt")], tmp_path / "ix", options=options)
    code = """
        import sys, click
        before = set(sys.modules)
        from search.cli import PROG, run, search_command

        try:
            run(search_command, prog=PROG)
        except SystemExit as error:
            assert error.code == 0
        for name in before - {"sys"}:
            sys.modules.pop(name)
    """
    loaded = loaded_by(code, "-i", str(tmp_path / "ix"), "blue plums", '"are blue"', "plu*")
    assert {"search.engine", "indexer.storage.arrays"} <= loaded
    assert {name for name in loaded if of_package(name, "whoosh")} == OF_WHOOSH
    assert not loaded & NOT_NEEDED
    most = MOST_MODULES + (not IS_COMPILED)  # terms are looked up in Python then
    assert len(loaded) <= most, sorted(loaded)


def test_adding_plain_text_loads_no_other_reader(tmp_path: Path) -> None:
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue and plump.\n")
    code = """
        import sys
        from pathlib import Path
        from indexer import ReadOptions, build_index

        build_index([sys.argv[1]], Path(sys.argv[2]), options=ReadOptions(language="en"))
    """
    loaded = loaded_by(code, str(tmp_path / "plums.txt"), str(tmp_path / "ix"))
    assert not loaded & {*HEAVY, "search"}
