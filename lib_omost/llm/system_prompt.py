"""The system prompts that explain canvases to a language model."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS
from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm.grammar import FIELD_VOCABULARIES
from lib_omost.llm.model_notation import write_code, write_json

PLACE_FIELDS = ("location", "offset", "area")

_TYPES = {"detailed_descriptions": "list[str]", "distance_to_viewer": "float"}  # other fields: str

REQUEST = "a walrus plays the balalaika on an iceberg, with a puffin"
"""The request of the worked example.

It shows things that hardly anybody asks for: small models copy from an example, and a copied walrus
is noticed where a copied boat is not.
"""

EXAMPLE = Canvas(
    description="A walrus plays the balalaika on an iceberg in the polar night.",
    detailed_descriptions=(
        "Green polar lights hang over a black sea with drifting ice.",
        "The iceberg is pale and smooth, and its edges glow.",
    ),
    tags="walrus, balalaika, iceberg, polar night, polar lights, puffin, drifting ice",
    color=color_names()["darkslateblue"],
    regions=(
        Region(
            place=Place("on the right", "slightly to the upper", "a medium-sized vertical area"),
            distance_to_viewer=8.0,
            description="A gray walrus with a balalaika.",
            detailed_descriptions=(
                "The gray walrus sits on the iceberg and looks at its audience.",
                "The balalaika of the walrus is triangular and has three strings.",
            ),
            tags="walrus, long tusks, whiskers, balalaika, three strings",
            color=color_names()["dimgray"],
            atmosphere="The walrus feels festive and proud.",
            style="The style is that of a detailed woodcut.",
            quality_meta="Crisp lines with strong contrast.",
        ),
        Region(
            place=Place("on the bottom-left", "no offset", "a small square area"),
            distance_to_viewer=3.0,
            description="A small puffin with an orange beak.",
            detailed_descriptions=(
                "The small puffin taps the ice with one foot.",
                "The puffin wears a tiny purple fez.",
            ),
            tags="puffin, orange beak, purple fez, tapping foot",
            color=color_names()["darkorange"],
            atmosphere="The puffin enjoys the tune.",
            style="The style is playful, with bold strokes.",
            quality_meta="Fine detail in feathers and ice.",
        ),
    ),
)
"""The answer of the worked example."""

_INSTRUCTIONS = """\
You plan pictures. Answer every request with one canvas, {form}, and with nothing else.
A canvas describes the whole picture and then two to six regions, one for each main thing and \
one for the background.

- description: one short sentence that names the thing and how it looks.
- detailed_descriptions: one to five sentences of less than forty words. Each can be understood \
alone: it names its thing again instead of writing "it" or "they".
- tags: four to twelve short tags between commas.
- atmosphere, style, quality_meta: one short sentence each, on the mood, the kind of picture and \
the quality.
- HTML_web_color_name: the main colour, by its HTML name in small letters, such as \
"darkslateblue".
- distance_to_viewer: a number from 1, close, to 10, far. Near regions cover far ones.
- location, offset, area: where the region is and how large. Only these words are known:
{places}

Make the regions fit each other and the request. Where the user asks for a change, write the \
whole canvas again with that change.

Example. The user writes:

{request}

You answer:

{answer}
"""


def omost_prompt() -> str:
    """Returns the system prompt of the Omost models, which contains the class Canvas."""
    return f"Compose images with the python class `Canvas`:\n\n```python\n{canvas_class()}\n```"


def code_prompt() -> str:
    """Returns the system prompt for untrained models that write canvas code."""
    return _prompt("written as the Python code that the example shows", write_code(EXAMPLE))


def json_prompt() -> str:
    """Returns the system prompt for untrained models that write JSON (canvas_json_schema)."""
    return _prompt("written as JSON with the keys that the example shows", write_json(EXAMPLE))


def canvas_class() -> str:
    """Returns the class Canvas exactly as in the training data of the Omost models."""
    lists = "".join(
        f"        assert {name} in [\n{_lines(_quoted_words(name))}\n        ]\n"
        for name in PLACE_FIELDS
    )
    return (
        f"class Canvas:\n{_method('set_global_description', CANVAS_FIELDS)}        pass\n\n"
        f"{_method('add_local_description', REGION_FIELDS)}{lists}"
        "        assert distance_to_viewer > 0\n        pass"
    )


def _prompt(form: str, answer: str) -> str:
    places = "\n".join(f"  {name}: {', '.join(_quoted_words(name))}" for name in PLACE_FIELDS)
    return _INSTRUCTIONS.format(form=form, places=places, request=REQUEST, answer=answer)


def _quoted_words(field: str) -> Iterable[str]:
    return map(json.dumps, FIELD_VOCABULARIES[field])


def _method(name: str, fields: Iterable[str]) -> str:
    """Returns the signature of a method; Omost's text has a space after each comma."""
    parameters = ["self", *(f"{field}: {_TYPES.get(field, 'str')}" for field in fields)]
    return f"    def {name}(\n{_lines(parameters)}\n    ):\n"


def _lines(items: Iterable[str]) -> str:
    return ", \n".join(f"            {item}" for item in items)
