"""Takes the screenshots of the editor in docs/: `python -m tests.page.screenshots`."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.conversation_json import to_json
from tests.page.browser import open_browser
from tests.page.conftest import ROOT, served

EXAMPLE = (ROOT / "examples" / "harbour.txt").read_text(encoding="utf-8")
CHAT = Conversation().add_request("A small fishing harbour on a winter morning", 1).answer(EXAMPLE)
KEPT = json.dumps({"chat": to_json(CHAT)})
LOOKS = {
    "editor-light": ("?__theme=light", {"width": 1280, "height": 720}),
    "editor-dark": ("?__theme=dark", {"width": 1280, "height": 720}),
    "editor-narrow": ("?__theme=light", {"width": 390, "height": 844}),
}


def main(folder: Path = ROOT / "docs") -> None:
    with open_browser() as browser, served("gradio4", "tests.page.serve") as address:
        for name, (theme, size) in LOOKS.items():
            page = browser.new_page(viewport=size)
            page.add_init_script(f"localStorage.setItem('omost_txt2img', {json.dumps(KEPT)})")
            page.goto(f"{address}/{theme}")
            page.wait_for_selector("#omost_txt2img_editor.omost-editor")
            page.evaluate("document.querySelector('#omost_txt2img-checkbox input').click()")
            page.click("#omost_txt2img_editor [data-name='2']")
            page.wait_for_selector("#omost_txt2img_editor output:not(:empty)")
            page.wait_for_timeout(1500)
            parts = page.locator("#omost_txt2img_workplace")
            picture = Image.open(io.BytesIO(parts.screenshot())).convert("RGB")
            # A palette of 256 colours takes a third of the bytes.
            picture.quantize(256).save(folder / f"{name}.png", optimize=True)
            page.close()


if __name__ == "__main__":
    main()
