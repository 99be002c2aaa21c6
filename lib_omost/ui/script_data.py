"""The vocabulary, limits, defaults and texts that the page's scripts get from the server."""

from __future__ import annotations

import json

from lib_omost.canvas import formats, vocabulary
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS, SYNTAX
from lib_omost.canvas.model import UNITS, Canvas, Place, Region
from lib_omost.presets.library_export import MAX_IMPORT
from lib_omost.settings import FIELDS, CanvasSource, PromptRole
from lib_omost.ui import texts

STORED_INPUTS = "chat", "request", "model", "server_model"
"""The inputs of the chat that the browser stores for the next visit."""

ENCODING_SETTINGS = "prompt_role", "canvas_text", "method"
"""Settings that decide how the editor counts the tokens of a canvas, beside the prompt."""

EVERY_REGION: PromptRole = "every region"
PROMPT_IGNORED: PromptRole = "ignored"
CANVAS_FROM_PROMPT: CanvasSource = "prompt"


def script_data() -> str:
    """Returns the values as JSON; javascript/omost_server_data.js documents each of them."""
    canvas = json.loads(formats.to_json(Canvas(description="")))
    placed = Canvas(description="", regions=(Region(description="", place=Place()),))
    region = json.loads(formats.to_json(placed))["regions"][0]
    for name in ("location", "offset", "area"):
        del region[name]
    return json.dumps(
        {
            "units": UNITS,
            "locations": vocabulary.LOCATIONS,
            "offsets": vocabulary.OFFSETS,
            "areas": vocabulary.AREAS,
            "offset_step": max(dx for dx, _ in vocabulary.OFFSETS.values()),
            "colors": color_names(),
            "empty_canvas": canvas,
            "new_region": region,
            "global_arguments": CANVAS_FIELDS,
            "region_arguments": REGION_FIELDS,
            "syntax_argument": SYNTAX,
            "setting_defaults": {name: FIELDS[name].default for name in ENCODING_SETTINGS},
            "every_region": EVERY_REGION,
            "prompt_ignored": PROMPT_IGNORED,
            "canvas_from_prompt": CANVAS_FROM_PROMPT,
            "stored_inputs": STORED_INPUTS,
            "max_file_bytes": MAX_IMPORT,
            "texts": texts.SCRIPTS,
            "help_symptoms": texts.HELP_SYMPTOMS,
            "help_keys": texts.HELP_KEYS,
            "no_canvas": texts.WITHOUT_CANVAS,
        }
    )
