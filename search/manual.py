"""What the manual page of ``search`` says beside the help."""

from __future__ import annotations

from indexer.manpages import Manual
from indexer.manual import DATA_FOLDER, INDEX_PLACE

MANUAL = Manual(
    environment=(
        ("PASSAGE_INDEX", "The index directory, where ``--index`` names none."),
        ("COLUMNS", "Where lines are wrapped; else the width of the terminal."),
        ("NO_COLOR", "If it is not empty, nothing is coloured and no place is a link."),
        ("FORCE_COLOR, CLICOLOR_FORCE", "If one is set and not 0, files and pipes get colour too."),
        ("PASSAGE_DEBUG", "If it is 1, an unexpected error shows its traceback."),
    ),
    files=(
        (
            f"{DATA_FOLDER}/index",
            f"{INDEX_PLACE} While there is none, a sample article is searched.",
        ),
    ),
    examples=(
        ("Words, the best passages first:", "search community patrols"),
        (
            "A phrase; the outer quotes are for the shell, which takes one pair away:",
            "search '\"phone trees\"'",
        ),
        ("Files without an index:", "search --in articles -- hotline"),
        ("One object for a program:", "search --json -n 3 hotline"),
        ("Whether there is anything:", "search -q hotline && echo yes"),
        ("Complete command lines in this bash:", 'eval "$(search --completion bash)"'),
    ),
    see_also=("indexer", "search-serve", "search-mcp"),
)
