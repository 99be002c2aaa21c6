"""Canvases for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from lib_omost.canvas import vocabulary
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import Box, Canvas, Place, Region

texts = st.text(st.characters(codec="utf-8", exclude_characters="\ufffd"))  # U+FFFD is reported
named_colors = st.sampled_from(sorted(color_names().values()))
any_color = st.tuples(*[st.integers(0, 255)] * 3)
places = st.builds(
    Place,
    st.sampled_from(sorted(vocabulary.LOCATIONS)),
    st.sampled_from(sorted(vocabulary.OFFSETS)),
    st.sampled_from(sorted(vocabulary.AREAS)),
)
_sides = st.lists(st.floats(0, 90), min_size=2, max_size=2, unique=True).map(sorted)
boxes = st.builds(lambda y, x: Box(y[0], y[1], x[0], x[1]), _sides, _sides)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
extras = st.dictionaries(
    texts | st.sampled_from(["tags", "extra", "box", "rect"]), _json, max_size=3
)


def canvases(places, colors, extras, texts=texts, with_hidden=False):
    shared = {
        "description": texts,
        "detailed_descriptions": st.lists(texts, max_size=4).map(tuple),
        "tags": texts,
        "color": colors,
        "syntax": st.sampled_from(["plain", "webui"]),
        "extra": extras,
    }
    region = st.builds(
        Region,
        **shared,
        place=places,
        distance_to_viewer=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
        atmosphere=texts,
        style=texts,
        quality_meta=texts,
        hidden=st.booleans() if with_hidden else st.just(False),
    )
    return st.builds(Canvas, **shared, regions=st.lists(region, max_size=4).map(tuple))


code_canvases = canvases(places, named_colors, st.just({}))
file_canvases = canvases(places | boxes, any_color, extras, with_hidden=True)
