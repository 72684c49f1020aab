"""Keeps what is no markup, such as code in a sentence, out of reach while markup is taken off."""

from __future__ import annotations

import re

# No text holds these: Unicode has them for such use within a program.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_STRAY = str.maketrans("", "", _OPEN + _CLOSE)


class Shelter:
    """Texts that are put aside, each with a sign that stands for it meanwhile."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    @staticmethod
    def entered(text: str) -> str:
        """A text without what would be taken for the sign of another."""
        return text.translate(_STRAY) if _OPEN in text or _CLOSE in text else text

    def put(self, text: str) -> str:
        """The sign that stands for a text from now on."""
        self._texts.append(self.restored(text))
        return f"{_OPEN}{len(self._texts) - 1}{_CLOSE}"

    def restored(self, text: str) -> str:
        """A text with what was put aside in it."""
        if _OPEN not in text:
            return text
        return _PLACE.sub(lambda found: self._texts[int(found[1])], text)
