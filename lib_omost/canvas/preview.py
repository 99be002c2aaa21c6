"""The composition picture: every region a patch of its colour, far ones first."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lib_omost.canvas.model import UNITS, Box, Canvas, Color, Region

OPACITY = 0.7
"""Of a region over what is there."""

MAX_SIDE = 8192

Size = tuple[int, int]
_PixelBox = tuple[int, int, int, int]
_Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def draw(canvas: Canvas, size: Size, outlines: bool = False) -> Image.Image:
    """Draw the composition as an RGB picture of `size` (width, height) in pixels.

    The ground is the global colour; from far to near each region paints its box at 70 % opacity.
    outlines: also each box's edge, with the region's number (as written, from 1) and first words.
    Raises ValueError for a side below 1 or above 8192.
    """
    width, height = size
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ValueError(
            f"a picture's sides must be 1 to {MAX_SIDE} pixels, not {width} x {height}"
        )
    picture = Image.new("RGB", size, canvas.color)
    for region in canvas.far_to_near():
        box = pixel_box(region.box, size)
        under = picture.crop(box)
        patch = Image.new("RGB", under.size, region.color)
        picture.paste(Image.blend(under, patch, OPACITY), box)
    if outlines:
        _draw_outlines(picture, canvas)
    return picture


def blurred(canvas: Canvas, size: Size, radius: float | None = None) -> Image.Image:
    """Draw the composition without hard edges, for the sampling to start from.

    radius: of the Gaussian blur in pixels; a sixteenth of the shorter side where None.
    """
    radius = min(size) / 16 if radius is None else radius
    return draw(canvas, size).filter(ImageFilter.GaussianBlur(radius))


def pixel_box(box: Box, size: Size) -> _PixelBox:
    """Return (left, top, right, bottom) in whole pixels, at least one pixel wide and high."""
    left, right = _pixels(box.left, box.right, size[0])
    top, bottom = _pixels(box.top, box.bottom, size[1])
    return left, top, right, bottom


def _pixels(low: float, high: float, length: int) -> tuple[int, int]:
    start = min(round(low * length / UNITS), length - 1)
    return start, max(round(high * length / UNITS), start + 1)


def _draw_outlines(picture: Image.Image, canvas: Canvas) -> None:
    pen = ImageDraw.Draw(picture)
    line = max(1, min(picture.size) // 300)
    for region in canvas.far_to_near():
        left, top, right, bottom = pixel_box(region.box, picture.size)
        pen.rectangle((left, top, right - 1, bottom - 1), outline="black", width=2 * line)
        inside = (left + line, top + line, right - 1 - line, bottom - 1 - line)
        if inside[0] < inside[2] and inside[1] < inside[3]:
            pen.rectangle(inside, outline="white", width=line)
    letters = font(max(10, min(picture.size) // 34))
    taken: list[_PixelBox] = []
    for number, region in enumerate(canvas.regions, start=1):
        _draw_label(pen, picture.size, number, region, letters, taken)


def _draw_label(
    pen: ImageDraw.ImageDraw,
    size: Size,
    number: int,
    region: Region,
    font: _Font,
    taken: list[_PixelBox],
) -> None:
    """Write the region's number and first words on a chip of its colour, clear of other chips."""
    box = pixel_box(region.box, size)
    text = _fitting(pen, number, region.description, font, box[2] - box[0])
    _, top, _, bottom = map(round, pen.textbbox((0, 0), "Ag", font=font))
    margin = max(2, (bottom - top) // 3)
    wide, high = round(pen.textlength(text, font=font)), bottom - top
    chip = _free_spot(box, (wide + 2 * margin, high + 2 * margin), taken)
    taken.append(chip)
    ink = ink_on(region.color)
    pen.rectangle((chip[0], chip[1], chip[2] - 1, chip[3] - 1), fill=region.color, outline=ink)
    pen.text((chip[0] + margin, chip[1] + margin - top), text, fill=ink, font=font)


def _fitting(
    pen: ImageDraw.ImageDraw, number: int, description: str, font: _Font, width: int
) -> str:
    """The number and as many words as fit in 80 % of the width; always the number."""
    text = str(number)
    for word in description[:60].strip(" .").split():
        longer = f"{text} {word}".encode("latin-1", "replace").decode("latin-1")
        if pen.textlength(longer, font=font) > 0.8 * width:
            break
        text = longer
    return text


def _free_spot(box: _PixelBox, size: Size, taken: list[_PixelBox]) -> _PixelBox:
    """A place for a chip from the box's top left corner downwards that covers no other chip."""
    left, top, _, bottom = box
    width, height = size
    for y in range(top, max(bottom - height, top + 1), max(1, height // 2)):
        spot = (left, y, left + width, y + height)
        if not any(_overlap(spot, other) for other in taken):
            return spot
    return (left, top, left + width, top + height)


def _overlap(a: _PixelBox, b: _PixelBox) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def ink_on(background: Color) -> str:
    """Returns the colour of readable text on a background: black on light, white on dark.

    The luminance of the sRGB values has the weights of ITU-R BT.601.
    """
    red, green, blue = background
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def font(size: int) -> _Font:
    """Pillow's own font in a size, or in its only one where Pillow is old."""
    try:
        return ImageFont.load_default(size)
    except TypeError:  # Pillow before 10.1, as A1111 pins it, has one size
        return ImageFont.load_default()
