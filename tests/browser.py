"""A real Chromium that opens pages of a folder and tells which words it marks."""

from __future__ import annotations

import base64
import functools
import http.server
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

#: Where Debian and others put it; None where there is none.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What a page needs so that a marked word is a box of one colour: letters are not drawn, as those of
# some fonts have colours of their own.
STYLE = (
    "<style>body { background: white; color: black; width: 600px }"
    " ::target-text { background: rgb(255, 0, 255); color: transparent }</style>"
)
# The words of the text as it is shown, each with its boxes.
_WORDS = """() => {
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest('style, script')) continue;
    for (const found of node.data.matchAll(/\\S+/gu)) {
      const range = document.createRange();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      const boxes = [...range.getClientRects()].filter(box => box.width > 0);
      words.push([found[0], boxes.map(box => [
        box.left + scrollX, box.top + scrollY, box.width, box.height])]);
    }
  }
  return words;
}"""
# What share of each box has the colour, in a picture.
_SHARES = """async ([picture, boxes]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  return boxes.map(([left, top, width, height]) => {
    const y = Math.floor(top + height / 2), x = Math.ceil(left);
    const columns = Math.max(1, Math.floor(left + width) - x);
    const pixels = context.getImageData(x, y, columns, 1).data;
    let marked = 0;
    for (let at = 0; at < pixels.length; at += 4)
      if (pixels[at] > 200 && pixels[at + 1] < 60 && pixels[at + 2] > 200) marked++;
    return marked / columns;
  });
}"""


# The share of a box's middle line that has the colour, in the picture of a word.
_UNMARKED, _MARKED = 0.1, 0.85
# For a busy machine; only a test that fails looks so often.
_MOST_LOOKS = 400


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Page]:
    """Start a browser without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"]
        )
        yield browser.new_page(viewport={"width": 640, "height": 800})
        browser.close()


def marked(page: Page, link: str) -> list[str]:
    """The words that are marked when a link is opened, in the order of the page."""
    page.goto("about:blank")  # else a second link would not load the page again
    page.goto(link)
    for _ in range(_MOST_LOOKS):  # a busy machine may mark them after it has loaded the page
        if found := _marked_now(page):
            return found
        page.wait_for_timeout(50)
    return []


def _marked_now(page: Page) -> list[str]:
    words: list[tuple[str, list[list[float]]]] = page.evaluate(_WORDS)
    picture = base64.b64encode(page.screenshot(full_page=True)).decode()
    boxes = [box for _, of_word in words for box in of_word]
    shares = iter(page.evaluate(_SHARES, [picture, boxes]))
    found = []
    for word, of_word in words:
        own = [next(shares) for _ in of_word]
        if own and max(own) > _UNMARKED:
            # A part of a word is told as such, so that it equals no word.
            found.append(word if min(own) > _MARKED else f"{word}?{own}")
    return found
