"""Makes docs/with-without.png: `python -m tools.with_without`.

The demonstration painter paints the same words twice from the same noise: once as one prompt, once
as a canvas with regions.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw, load_font
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.renderer import RenderJob
from lib_omost.settings import Settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "shapes.txt"
SEED = 0
SIDE, CAPTION, MARGIN = 320, 34, 10


def one_prompt(canvas: Canvas) -> Canvas:
    """Returns a canvas without regions; its description contains the words of all regions."""
    texts = [canvas.description, *(region.description for region in canvas.regions)]
    return Canvas(description=" ".join(texts))


def sheet(panels: dict[str, Image.Image]) -> Image.Image:
    """Returns the panels side by side, each below its caption."""
    width = len(panels) * (SIDE + MARGIN) + MARGIN
    whole = Image.new("RGB", (width, SIDE + CAPTION + MARGIN), "white")
    pen = ImageDraw.Draw(whole)
    for number, (caption, picture) in enumerate(panels.items()):
        left = MARGIN + number * (SIDE + MARGIN)
        pen.text((left, 8), caption, fill="black", font=load_font(15))
        whole.paste(picture.resize((SIDE, SIDE)), (left, CAPTION))
    return whole


def main() -> None:
    """Paints both pictures and writes the sheet."""
    canvas = formats.read(EXAMPLE.read_text("utf-8")).canvas
    assert canvas is not None
    model = ImageModel()
    pictures = [
        model.load()
        .render(
            RenderJob(
                canvases=(one,),
                settings=Settings(),
                size=model.size,
                steps=20,
                cfg=model.cfg,
                seed=SEED,
            )
        )
        .pictures[0]
        for one in (one_prompt(canvas), canvas)
    ]
    panels = {
        "Canvas": draw(canvas, (SIDE, SIDE), outlines=True),
        "Without Omost: one prompt, same words": pictures[0],
        "With Omost: regions, same noise": pictures[1],
    }
    sheet(panels).save(ROOT / "docs" / "with-without.png", optimize=True)


if __name__ == "__main__":
    main()
