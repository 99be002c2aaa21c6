"""Draws the composition picture: the box of each region in its colour, from far to near.

Source: "Colours" and "Initial latent" in docs/omost-format.md.
"""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lib_omost.canvas.model import UNITS, Box, Canvas, Color, Region

OPACITY = 0.7
"""Opacity of a region's colour over farther regions and the background."""

MAX_SIDE = 8192
"""Maximum width and height of a composition picture, in pixels."""

Size = tuple[int, int]
_PixelBox = tuple[int, int, int, int]
_Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def draw(canvas: Canvas, size: Size, outlines: bool = False) -> Image.Image:
    """Draws the composition picture.

    The background has the global colour. From far to near, each region paints its box with
    OPACITY.

    Args:
        canvas: The canvas.
        size: (width, height) in pixels.
        outlines: Whether to add the edges of the boxes, and labels with the number of the region
            (1 is the nearest, as on the page) and its first words.

    Returns:
        An RGB picture of that size.

    Raises:
        ValueError: A side is below 1 or above MAX_SIDE.
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


def draw_blurred(canvas: Canvas, size: Size, radius: float | None = None) -> Image.Image:
    """Draws the blurred composition picture, which becomes the init latent of a sampling run.

    Args:
        canvas: The canvas.
        size: (width, height) in pixels.
        radius: Radius of the Gaussian blur in pixels; None for a sixteenth of the shorter side.

    Returns:
        An RGB picture of that size.
    """
    radius = min(size) / 16 if radius is None else radius
    return draw(canvas, size).filter(ImageFilter.GaussianBlur(radius))


def pixel_box(box: Box, size: Size) -> _PixelBox:
    """Converts a box to pixels.

    Args:
        box: The box in canvas units.
        size: (width, height) of the picture in pixels.

    Returns:
        (left, top, right, bottom) in pixels, at least one pixel text_width and text_height.
    """
    left, right = _pixel_range(box.left, box.right, size[0])
    top, bottom = _pixel_range(box.top, box.bottom, size[1])
    return left, top, right, bottom


def _pixel_range(low: float, text_height: float, length: int) -> tuple[int, int]:
    start = min(round(low * length / UNITS), length - 1)
    return start, max(round(text_height * length / UNITS), start + 1)


def _draw_outlines(picture: Image.Image, canvas: Canvas) -> None:
    pen = ImageDraw.Draw(picture)
    line = max(1, min(picture.size) // 300)
    for region in canvas.far_to_near():
        left, top, right, bottom = pixel_box(region.box, picture.size)
        pen.rectangle((left, top, right - 1, bottom - 1), outline="black", width=2 * line)
        inside = (left + line, top + line, right - 1 - line, bottom - 1 - line)
        if inside[0] < inside[2] and inside[1] < inside[3]:
            pen.rectangle(inside, outline="white", width=line)
    font = load_font(max(10, min(picture.size) // 34))
    occupied: list[_PixelBox] = []
    for number, region in zip(canvas.depth_numbers(), canvas.regions, strict=True):
        if not region.hidden:
            _draw_label(pen, picture.size, number, region, font, occupied)


def _draw_label(
    pen: ImageDraw.ImageDraw,
    size: Size,
    number: int,
    region: Region,
    font: _Font,
    occupied: list[_PixelBox],
) -> None:
    """Draws a label in the region's colour: its number and first words, beside other labels."""
    box = pixel_box(region.box, size)
    text = _label_text(pen, number, region.description, font, box[2] - box[0])
    _, top, _, bottom = map(round, pen.textbbox((0, 0), "Ag", font=font))
    margin = max(2, (bottom - top) // 3)
    text_width, text_height = round(pen.textlength(text, font=font)), bottom - top
    label_box = _free_label_box(box, (text_width + 2 * margin, text_height + 2 * margin), occupied)
    occupied.append(label_box)
    text_color = ink_on(region.color)
    pen.rectangle(
        (label_box[0], label_box[1], label_box[2] - 1, label_box[3] - 1),
        fill=region.color,
        outline=text_color,
    )
    pen.text((label_box[0] + margin, label_box[1] + margin - top), text, fill=text_color, font=font)


def _label_text(
    pen: ImageDraw.ImageDraw, number: int, description: str, font: _Font, width: int
) -> str:
    """Returns the number and as many words as fit into 80 % of the width."""
    text = str(number)
    for word in description[:60].strip(" .").split():
        longer = f"{text} {word}".encode("latin-1", "replace").decode("latin-1")
        if pen.textlength(longer, font=font) > 0.8 * width:
            break
        text = longer
    return text


def _free_label_box(box: _PixelBox, size: Size, occupied: list[_PixelBox]) -> _PixelBox:
    """Returns the first free position for a label below the box's top left corner.

    The top left corner is the result if every position covers another label.
    """
    left, top, _, bottom = box
    width, height = size
    for y in range(top, max(bottom - height, top + 1), max(1, height // 2)):
        label_box = (left, y, left + width, y + height)
        if not any(_overlap(label_box, other) for other in occupied):
            return label_box
    return (left, top, left + width, top + height)


def _overlap(a: _PixelBox, b: _PixelBox) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def ink_on(background: Color) -> str:
    """Returns the colour of readable text on a background: black on light, white on dark.

    The luminance of the sRGB values has the weights of ITU-R BT.601.
    """
    red, green, blue = background
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def load_font(size: int) -> _Font:
    """Loads Pillow's default font in a size in pixels, which old Pillow versions ignore."""
    try:
        return ImageFont.load_default(size)
    except TypeError:  # Pillow before 10.1, which A1111 pins, has one size
        return ImageFont.load_default()
