"""The sample article that a search answers from before anything has been indexed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_path() -> Path:
    """The bundled article as a file; the package is always installed unpacked."""
    return Path(str(files(__name__).joinpath("article.txt")))
