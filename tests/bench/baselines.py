"""The libraries that the product is measured beside: SQLite's FTS5, stock Whoosh, tantivy.

    python -m tests.bench.baselines NAME RECORDS FOLDER CONTENT

builds one's index; run as a process, so that what it costs can be told. Each has the id and a
stemmed field with positions; the text is stored unless CONTENT is ``postings``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from abc import abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.engines import LIMIT, Content, Engine, Searcher, Syntax
from tests.bench.queries import Query, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

# ruff: noqa: PLC0415  (what one library loads is no other's cost)

#: How FTS5 writes queries; words are quoted, as some are words of its language.
FTS5_SYNTAX = Syntax(word='"{}"', beside=" OR ", without="{} NOT {}")
#: The file of its database in the folder of its index.
FTS5_DATABASE = "fts5.db"
# Memory for postings that are not on the disk yet, as tantivy's own default.
_HEAP_BYTES = 128_000_000
#: What Whoosh may use of it, more than its default as its documentation advises for many records.
WHOOSH_MB = 512


class Baseline(Engine):
    """A library: what builds its index is here, not a command of its own."""

    key: str  # what the command line calls it

    def build_command(self, records: Path, folder: Path, content: Content) -> list[str]:
        """This module's own command."""
        module = "tests.bench.baselines"
        arguments = [self.key, str(records), str(folder), content.value]
        return [sys.executable, "-m", module, *arguments]

    @abstractmethod
    def build(self, records: Path, folder: Path, content: Content) -> None:
        """Index a file of records in an empty folder."""


class Fts5(Baseline):
    """SQLite FTS5 with the Porter stemmer, in one transaction."""

    name = "SQLite FTS5"
    key = "fts5"

    def version(self) -> str:
        """The version of the library that Python is linked with."""
        return f"SQLite {sqlite3.sqlite_version}"

    def missing(self) -> str:
        """Whether that library has FTS5."""
        with sqlite3.connect(":memory:") as database:
            options = {option for (option,) in database.execute("PRAGMA compile_options")}
        database.close()
        return "" if "ENABLE_FTS5" in options else "this Python's SQLite has no FTS5"

    def build(self, records: Path, folder: Path, content: Content) -> None:
        """Insert all records; without content the table has no text."""
        columns, options = "id UNINDEXED, text", "tokenize='porter unicode61'"
        statement = "INSERT INTO passages VALUES (:id, :text)"
        if content is Content.POSTINGS:
            columns, options = "text", f"{options}, content=''"
            statement = "INSERT INTO passages(text) VALUES (:text)"
        database = sqlite3.connect(folder / FTS5_DATABASE)
        with database:
            database.execute(f"CREATE VIRTUAL TABLE passages USING fts5({columns}, {options})")
            database.executemany(statement, _documents(records, content))
        database.close()

    def open(self, folder: Path) -> Searcher:
        """Open the database; ranked by its bm25."""
        database = sqlite3.connect(folder / FTS5_DATABASE)
        select = "SELECT text FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"

        def ask(query: Query) -> list[str]:
            return [text for (text,) in database.execute(select, (FTS5_SYNTAX.write(query), LIMIT))]

        ((passages,),) = database.execute("SELECT count(*) FROM passages")
        return Searcher(ask, passages)


class Whoosh(Baseline):
    """Whoosh with its own codec, analyzer for English and BM25F, by one writer."""

    name = "stock Whoosh"
    key = "whoosh"

    def version(self) -> str:
        """The installed version."""
        from importlib.metadata import version

        return f"whoosh3 {version('whoosh3')}"

    def build(self, records: Path, folder: Path, content: Content) -> None:
        """Add all records in one commit."""
        from whoosh.analysis import StemmingAnalyzer
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.index import create_in

        fields = {"text": TEXT(StemmingAnalyzer(), phrase=True, stored=content is Content.TEXT)}
        if content is Content.TEXT:
            fields["id"] = ID(stored=True)
        writer = create_in(str(folder), Schema(**fields)).writer(limitmb=WHOOSH_MB)
        for document in _documents(records, content):
            writer.add_document(**document)
        writer.commit()

    def open(self, folder: Path) -> Searcher:
        """Open the index."""
        from whoosh.index import open_dir
        from whoosh.qparser import QueryParser

        index = open_dir(str(folder))
        searcher = index.searcher()
        parse = QueryParser("text", index.schema).parse
        write = Syntax(beside=" OR ").write

        def ask(query: Query) -> list[str]:
            return [hit["text"] for hit in searcher.search(parse(write(query)), limit=LIMIT)]

        return Searcher(ask, searcher.doc_count())


class Tantivy(Baseline):
    """tantivy with its English stemmer, by one thread."""

    name = "tantivy"
    key = "tantivy"

    def version(self) -> str:
        """The installed version."""
        from importlib.metadata import version

        return f"tantivy {version('tantivy')}"

    def missing(self) -> str:
        """Whether it can be imported."""
        return "" if find_spec("tantivy") else "it is not installed: pip install '.[bench]'"

    def build(self, records: Path, folder: Path, content: Content) -> None:
        """Add all records in one commit."""
        import tantivy

        schema = tantivy.SchemaBuilder()
        if content is Content.TEXT:
            schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field(
            "text",
            stored=content is Content.TEXT,
            tokenizer_name="en_stem",
            index_option="position",
        )
        index = tantivy.Index(schema.build(), path=str(folder))
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        for document in _documents(records, content):
            writer.add_document(tantivy.Document(**document))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> Searcher:
        """Open the index; its parser has no prefixes, which are regular expressions here."""
        import tantivy

        index = tantivy.Index.open(str(folder))
        searcher = index.searcher()
        # "a AND NOT b" finds nothing: its NOT is a clause of its own, and required.
        write = Syntax(without="+{} -{}", prefix="{}.*").write

        def ask(query: Query) -> list[str]:
            text = write(query)
            if query.shape is Shape.PREFIX:
                parsed = tantivy.Query.regex_query(index.schema, "text", text)
            else:
                parsed = index.parse_query(text, ["text"])
            hits = searcher.search(parsed, LIMIT).hits
            return [searcher.doc(address)["text"][0] for _, address in hits]

        return Searcher(ask, searcher.num_docs)


#: All of them, in the order of the tables.
BASELINES: tuple[Baseline, ...] = (Fts5(), Whoosh(), Tantivy())


def _documents(records: Path, content: Content) -> Iterator[dict[str, str]]:
    """Yield the fields of each record that are indexed."""
    fields = ("id", "text") if content is Content.TEXT else ("text",)
    with records.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield {field: record[field] for field in fields}


def main() -> None:
    """Build the index that the command line names."""
    key, records, folder, content = sys.argv[1:]
    (baseline,) = (one for one in BASELINES if one.key == key)
    Path(folder).mkdir()
    baseline.build(Path(records), Path(folder), Content(content))


if __name__ == "__main__":
    main()
