"""What the manual page of ``indexer`` says beside the help."""

from __future__ import annotations

from indexer.manpages import Manual

DATA_FOLDER = "~/.local/share/passage-search"
INDEX_PLACE = (
    "The index, where neither an option nor the environment names one; on other systems than Linux "
    "it is in their folder for the data of users."
)

MANUAL = Manual(
    environment=(
        (
            "PASSAGE_INDEX",
            "The index directory, or its address in OpenSearch, where ``--index`` names none.",
        ),
        ("PASSAGE_DEBUG", "If it is 1, an unexpected error shows its traceback."),
        ("NO_COLOR", "If it is not empty, nothing is coloured."),
    ),
    files=((f"{DATA_FOLDER}/index", INDEX_PLACE),),
    examples=(
        ("Index a folder, and later what has changed in it:", "indexer add --prune articles"),
        ("Index records that another program writes:", "gunzip -c dump.jsonl.gz | indexer add -"),
        ("Look for damage, and save what is whole:", "indexer check || indexer check --repair"),
        ("Complete command lines in this bash:", 'eval "$(indexer --completion bash)"'),
    ),
    see_also=("search", "search-serve"),
)
