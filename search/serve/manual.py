"""What the manual pages of ``search-serve`` and ``search-mcp`` say beside the help."""

from __future__ import annotations

from indexer.manpages import Manual
from indexer.manual import DATA_FOLDER, INDEX_PLACE

_ENVIRONMENT = (
    ("PASSAGE_INDEX", "The index directory, where ``--index`` names none."),
    ("PASSAGE_DEBUG", "If it is 1, an unexpected error shows its traceback."),
)

SERVE = Manual(
    environment=(
        *_ENVIRONMENT,
        ("BROWSER", "What ``--open`` starts, where it is not the browser of the desktop."),
    ),
    files=(
        (f"{DATA_FOLDER}/index", f"{INDEX_PLACE} While there is none, a sample article is served."),
    ),
    examples=(
        ("Serve your index to this machine, and open the page:", "search-serve --open"),
        ("Make a token that only you may read:", "(umask 077; openssl rand -hex 24 >token)"),
        (
            "Serve to other machines, to who shows the token:",
            "search-serve --host 0.0.0.0 --token-file token",
        ),
        (
            "Serve behind a proxy that is asked by a name:",
            "search-serve --allow-host search.example",
        ),
        ("Complete command lines in this bash:", 'eval "$(search-serve --completion bash)"'),
    ),
    see_also=("search", "indexer", "search-mcp"),
)

MCP = Manual(
    environment=_ENVIRONMENT,
    files=(
        (f"{DATA_FOLDER}/index", f"{INDEX_PLACE} While there is none, a sample article is served."),
    ),
    examples=(
        ("Answer a program that writes to standard input:", "search-mcp"),
        ("Complete command lines in this bash:", 'eval "$(search-mcp --completion bash)"'),
    ),
    see_also=("search", "indexer", "search-serve"),
)
