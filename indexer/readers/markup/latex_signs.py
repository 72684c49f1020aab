"""What LaTeX writes as commands and is a character, or a mark on one; pure."""

from __future__ import annotations

import unicodedata

#: Marks on the letter that follows.
ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331", "t": "\u0361",
}  # fmt: skip

#: Commands that are characters; what is "" is only about how things are set.
SIGNS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å",
    "AA": "Å", "l": "ł", "L": "Ł", "i": "i", "j": "j", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
    "ng": "ŋ", "NG": "Ŋ", "dj": "đ", "DJ": "Đ", "S": "§", "P": "¶", "dag": "†", "ddag": "‡",
    "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "EUR": "€", "degree": "°",
    "ldots": "…", "dots": "…", "textellipsis": "…", "slash": "/", "textbackslash": "\\",
    "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">",
    "textbar": "|", "textbraceleft": "{", "textbraceright": "}", "textunderscore": "_",
    "textdollar": "$", "textregistered": "®", "texttrademark": "™", "textcopyright": "©",
    "textdegree": "°", "textsection": "§", "textparagraph": "¶", "textbullet": "•",
    "textperiodcentered": "·", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textendash": "–", "textemdash": "—",
    "textquotesingle": "'", "textquotedbl": '"', "lq": "‘", "rq": "’", "og": "«", "fg": "»",
    "guillemotleft": "«", "guillemotright": "»", "glqq": "„", "grqq": "“", "textmu": "µ",
    "textonehalf": "½", "texttimes": "×", "times": "×", "pm": "±", "to": "→", "rightarrow": "→",
    "leftarrow": "←", "cdot": "·", "quad": " ", "qquad": " ", "space": " ", "enspace": " ",
    "thinspace": " ", "newline": " ", "linebreak": " ", "hfill": " ", "dotfill": " ",
    "LaTeX": "LaTeX", "TeX": "TeX", "LaTeXe": "LaTeX2e", "XeTeX": "XeTeX", "XeLaTeX": "XeLaTeX",
    "LuaTeX": "LuaTeX", "LuaLaTeX": "LuaLaTeX", "pdfTeX": "pdfTeX", "pdfLaTeX": "pdfLaTeX",
    "BibTeX": "BibTeX", "MF": "METAFONT", "textvisiblespace": "␣", "nobreakspace": " ",
}  # fmt: skip

#: Characters that are written with a backslash before them.
ESCAPED = {
    **dict(zip("&%$#_{}", "&%$#_{}", strict=True)),
    **dict.fromkeys(" ,;:>\t\n", " "),
    **dict.fromkeys("-/@!+()[]", ""),
}


def accented(mark: str, letter: str) -> str:
    """A letter with a mark on it, as one character if there is one.

    >>> accented("'", "e"), accented("c", "c")
    ('é', 'ç')
    """
    return unicodedata.normalize("NFC", f"{letter}{ACCENTS[mark]}") if letter.strip() else letter
