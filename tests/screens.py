"""Makes the README's pictures of the page: ``python -m tests.screens``; they are small PNGs.

It needs Pillow, which the extra ``bench`` brings along. Each picture is of a real service with the
papers of ``tests/harbour.py``, in a real Chromium. Few colours are kept, so that all of them
together stay below MOST_BYTES.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.browser import CHROMIUM
from tests.harbour import index_in, write_harbour
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parent / "screens"
MOST_BYTES = 300_000
_COLOURS = 48


class Screen(NamedTuple):
    """One picture: of which page, how large, in which colours; near unfolds what is around."""

    name: str
    address: str
    width: int
    height: int
    scheme: str
    near: bool = False


SCREENS = (
    Screen("results-light", "/?q=ferry+fog", 1120, 640, "light", near=True),
    Screen("results-dark", "/?q=ferry+fog", 400, 640, "dark"),
    Screen("article-light", "/article/notes%2Fharbour%2Fferry.md?q=ferry+fog", 1120, 640, "light"),
    Screen("nothing-light", "/?q=radar+plums&all=1", 400, 640, "light"),
)


def main() -> None:
    """Make all pictures."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made) / "harbour-post"  # which stands in some of them
        folder.mkdir()
        write_harbour(folder / "notes")
        index_in(folder / "notes")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"]
        )
        with serving(folder, "-i", "ix") as address:
            for screen in SCREENS:
                FOLDER.joinpath(f"{screen.name}.png").write_bytes(_taken(browser, address, screen))
        browser.close()
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    print(*(f"{name} {size:,} bytes" for name, size in sizes.items()), sep="\n")
    assert sum(sizes.values()) < MOST_BYTES, "the pictures are too large; take fewer colours"


def _taken(browser: Browser, address: str, screen: Screen) -> bytes:
    how: dict[str, Any] = {
        "viewport": {"width": screen.width, "height": screen.height},
        "color_scheme": screen.scheme,
        "base_url": address,
    }
    page = browser.new_page(**how)
    page.goto(screen.address)
    page.reload()  # the first answer takes longer than any after it
    page.evaluate("document.activeElement.blur()")
    if screen.near:
        page.keyboard.press("j")
        page.keyboard.press("o")
    picture = page.screenshot()
    page.close()
    return _with_few_colours(picture)


def _with_few_colours(picture: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - only here

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(_COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
