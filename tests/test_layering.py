"""Who may import whom: the source is read, and what processes load is looked at."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.build import ReadOptions, build_index

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
    assert {"indexer.store", "indexer.readers.html", "search.engine", "search"} <= set(SOURCES)
    assert Import("search.query", lazy=False) in IMPORTS["search.parser"]
    assert Import("indexer.build", lazy=True) in IMPORTS["search.engine"]
    assert "whoosh.index" in loaded_with("search.engine")


def test_the_indexer_knows_nothing_of_the_search() -> None:
    assert {module.split(".")[0] for module in importers("search")} == {"search"}


ALWAYS = {
    *("analysis", "codec", "console", "errors", "model", "schema", "stopwords", "store"),
    "terminal",
}
ON_DEMAND = {"build", "sample"}  # for files read without an index, and where there is none


@pytest.mark.parametrize("module", [name for name in SOURCES if of_package(name, "search")])
def test_what_the_search_takes_from_the_indexer(module: str) -> None:
    for one in IMPORTS[module]:
        if of_package(one.name, "indexer"):
            part = one.name.removeprefix("indexer").lstrip(".")
            assert part in ALWAYS | (ON_DEMAND if one.lazy else set()), one


def test_where_whoosh_is_used() -> None:
    assert importers("whoosh") == {
        "indexer.codec",
        "indexer.schema",
        "indexer.stopwords",
        "indexer.store",
    }


def test_which_parts_of_the_search_bring_whoosh() -> None:
    """All others are pure: another engine could serve them."""
    bringing = {
        module
        for module in SOURCES
        if of_package(module, "search")
        and any(of_package(name, "whoosh") for name in loaded_with(module))
    }
    assert bringing == {"search.engine", "search.segments"}


def test_where_click_is_used() -> None:
    assert importers("click") == {"indexer.cli", "indexer.console", "search.cli"}


HOMES = {
    "Stemmer": {"indexer.analysis", "indexer.store"},
    "charset_normalizer": {"indexer.readers.encoding"},
    "lxml": {"indexer.readers.html", "indexer.readers.html_page"},
    "markdown_it": {"indexer.readers.markdown"},
    "mdit_py_plugins": {"indexer.readers.markdown"},
    "platformdirs": {"indexer.store"},
    "py3langid": {"indexer.language"},
    "regex": {"search.evaluate", "search.plan"},
    "trafilatura": {"indexer.readers.html"},
    "yaml": {"indexer.readers.markdown"},
}


def test_each_library_has_its_place() -> None:
    used = {one.name.split(".")[0] for imports in IMPORTS.values() for one in imports}
    foreign = used - set(sys.stdlib_module_names) - {*PACKAGES, "whoosh", "click"}
    assert {library: importers(library) for library in foreign} == HOMES


def test_private_modules_are_left_alone() -> None:
    for module, imports in IMPORTS.items():
        private = {one.name for one in imports if "._" in one.name}
        assert not private, module


@pytest.mark.parametrize("module", ["pickle", "marshal", "shelve", "dill", "whoosh.codec.whoosh3"])
def test_nothing_that_runs_what_it_reads(module: str) -> None:
    assert importers(module) == set()


# What processes load


HEAVY = {
    *("charset_normalizer", "lxml", "markdown_it", "mdit_py_plugins", "numpy", "py3langid"),
    *("regex", "trafilatura", "yaml"),
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
    assert not loaded_by("import search.cli, search.engine") & {*HEAVY, "indexer.build"}
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
        from search.cli import main

        try:
            main()
        except SystemExit as error:
            assert error.code == 0
    """
    arguments = ["-i", str(tmp_path / "ix"), "--format", form, "plums", '"are blue"']
    loaded = loaded_by(code, *arguments)
    assert not loaded & {*HEAVY, "indexer.build", "indexer.files", "indexer.readers"}
    assert {"whoosh", "click"} < loaded


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
