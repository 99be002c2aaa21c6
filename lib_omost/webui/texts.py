"""Every text of the page, in one place: what a translator reads.

Both hosts translate whole texts in the browser, so each of them stands in the page as it stands
here; what is between braces is filled in after that (localisation.py). Beside these the page shows
the labels and tooltips of the settings (settings.py) and of the host's Settings (options.py), and
what a job, a canvas or a language model says of itself, which is English as over the API.
"""

from __future__ import annotations

from typing import NamedTuple


class Control(NamedTuple):
    """What stands on a control, its tooltip, and what an empty box shows."""

    label: str
    hint: str
    placeholder: str = ""


TITLE = "Omost"

PANELS = {
    "code": "Code",
    "compose": "Compose",
    "model_settings": "Language model settings",
    "presets": "Presets",
}
"""What stands on what opens and closes."""

CONTROLS = {
    "model": Control(
        "Language model",
        "A name of the list or of the hub, a folder, a GGUF file, or a server's address.",
    ),
    "messages": Control("Chat", "A click on a request of yours takes it up again, to be changed."),
    "leave": Control("Do not edit", "Leave this message as it is."),
    "request": Control(
        "Request",
        "Enter sends it, Shift and Enter begin a new line.",
        "What the picture is to show, or what is to change in it",
    ),
    "condense": Control(
        "Continue from the current canvas alone", "Undo brings the rest of the chat back."
    ),
    "compose_button": Control("Compose", "Have it answered."),
    "retry": Control("Retry", "Have the last request answered anew, with the next seed."),
    "undo": Control(
        "Undo", "Take back what was done last: an answer, a paste, a preset or a change by hand."
    ),
    "new": Control("New chat", "Empties the chat and the canvas. Undo brings both back."),
    "export": Control("Export", "Download the chat as a file."),
    "import": Control("Import", "Go on with an exported chat."),
    "stop": Control("Stop", "What is written is kept."),
    "server_model": Control(
        "Model on the server", "Its name there; empty takes the first that the server has."
    ),
    "dialect": Control(
        "Dialect", "How the server is held to a canvas; openai is understood by most."
    ),
    "temperature": Control(
        "Temperature",
        "0 takes the likeliest words. Automatic: 0 for the composer, 0.6 for Omost's models and "
        "servers, else 0.3.",
    ),
    "top_p": Control("Top p", "The share of the likely words that one is drawn from."),
    "max_new_tokens": Control("Most tokens of an answer", "An answer that is longer is cut."),
    "seed": Control(
        "Seed of the answer",
        "The same seed, model and chat write the same. -1: another one each time.",
    ),
    "canvas_only": Control(
        "Only a canvas", "Hold the model to canvas code. Automatic: all models but Omost's."
    ),
    "keep_loaded": Control(
        "Always keep the model loaded",
        "Without this, a picture unloads the model only if there is not enough memory for both.",
    ),
    "own_process": Control(
        "Own process",
        "Run the model outside of the WebUI, in what “Set up language models” made.",
    ),
    "list_models": Control("List the server's models", "Ask the server for them."),
    "key": Control(
        "Key of the server",
        "Sent to the server alone; kept in a file of its own on this machine.",
    ),
    "save_key": Control("Save key", "An empty one deletes it."),
    "plan_button": Control(
        "Set up language models", "Shows what would be downloaded, and asks before it starts."
    ),
    "setup_button": Control(
        "Set up language models", "Shows what would be downloaded, and asks before it starts."
    ),
    "confirm": Control("Confirm", "Download and install."),
    "refuse": Control("Not now", "Download nothing."),
    "stop_building": Control("Stop", "A later try goes on."),
    "log": Control("What pip says", "The last lines of the installing."),
    "preset_name": Control("Preset", "A canvas that was saved, perhaps with settings."),
    "preset_load": Control("Load", "Put the preset into the page; what it does not set stays."),
    "preset_save": Control("Save as", "Asks for a name, and before it replaces a preset."),
    "preset_rename": Control("Rename", "Asks for the new name."),
    "preset_delete": Control("Delete", "Asks first."),
    "preset_export": Control("Export", "Download the preset, or all of them where none is chosen."),
    "preset_bring": Control("Import", "Add the presets of a file; those that are there stay."),
    "preset_new_name": Control(
        "Name", 'What the preset is called; none of < > : " / | ? * may be in it.'
    ),
    "preset_with_settings": Control("With the settings", "The settings of this accordion too."),
    "preset_confirm": Control("Confirm", "Do what is asked about."),
    "preset_leave": Control("Cancel", "Leave everything as it is."),
}
"""By the names that the panels give them; the settings' own are in settings.py."""

CHOOSE_MODEL = "Choose a language model"
"""The head of the list of language models, which stands for none."""

EXAMPLES = (
    "a red boat in a quiet harbour at dawn",
    "an old sailor, and a lighthouse behind him",
    "a cat and a dog on a sofa by the window",
)
"""Requests to begin with, for a general language model."""

DEMO_EXAMPLES = (
    "a yellow fish above a red circle on a teal background",
    "a red boat on the left and a white house on the right",
    "three pink hearts in a row",
)
"""As many for the demonstration composer, of its own world."""

EXAMPLE_HINT = "Put this into the request box, if it is empty."

CANVAS_PLACEHOLDER = """\
Paste a whole answer of an Omost language model here, or write the canvas yourself:

canvas = Canvas()
canvas.set_global_description(
    description='A quiet harbour at dawn.', detailed_descriptions=['Mist lies on the water.'],
    tags='harbour, dawn, mist', HTML_web_color_name='lightsteelblue')
canvas.add_local_description(
    location='on the right', offset='slightly to the lower', area='a medium-sized square area',
    distance_to_viewer=3.0, description='A red fishing boat.',
    detailed_descriptions=['Its paint is flaking.'], tags='boat, red',
    atmosphere='calm', style='photographic', quality_meta='sharp',
    HTML_web_color_name='firebrick')"""

KEY_SAVED = "One is saved; it is not shown"

# What the chat says.
STARTING = "Starting."
WRITING = "Writing"
WRITTEN = "Composed: {regions}, {tokens}."
REGION_WARNING = "Region {number}: {message}"
EDITING = "Editing message {number}: later ones will be replaced."
NO_ANSWER = "There is no answer yet that could be written anew."
NO_CANVAS = "The answer holds no canvas. Ask for one, or retry."
EMPTY_ANSWER = "The answer is empty: retry."
NOTHING_WRITTEN = "Stopped before anything was written."
NO_END = "The language model ended without a word: try again."
KEPT_PART = "{reason} What was written is kept; Retry writes it anew."
CUT = "The answer was cut: its most tokens, or what the model can read, were reached."
REPEATED = "The model repeated itself and was stopped; what came before is kept."
STOPPED = "Stopped; what was written is kept."
SAME_AGAIN = (
    "The same answer again: at temperature 0 every seed writes the same. Raise it in the language "
    "model settings."
)
TAKEN_BACK = "Taken back."
MADE_AGAIN = "Made again."
NEW_CHAT = "A new chat and an empty canvas. Undo brings the former ones back."
CHANGED = "{regions}, with your changes"
YOURS = "{regions}, your canvas"
EMPTIED = "You emptied the canvas."
CHAT_IMPORTED = "Imported: {requests}."
CHAT_UNREADABLE = "The chat that this browser kept cannot be read and was put aside: {reason}"
CONDENSED = "The chat goes on from the canvas alone. Undo brings the rest back."
NOTHING_TO_GO_ON = "There is no canvas yet to go on from."
FULL = "The chat fills what the model can read; the next answer would be cut."
TOO_FULL = "The chat fills what the model can read; nothing was sent."
BUDGET = "{tokens} tokens"
BUDGET_OF = "{tokens} of {context} tokens"

# Under the result of a job. Its button below is made by omost_results.js.
WITHOUT_CANVAS = (
    "There is no canvas. Compose, draw or paste one. To have one composed from the prompt at every "
    "Generate, set “Canvas from” to “prompt”. To make the picture without regions, turn Omost off."
)

# What the choice of a model says.
MODEL = "Model {state}."
MODEL_AND_MEMORY = "Model {state}; {used} of {total} GB of the {device}'s memory in use."
PHASES = (
    "not loaded",
    "loading",
    "ready",
    "in use",
    "unloaded",
    "unloaded to make room for a picture",
)
DEVICES = "graphics card", "machine"
SERVER_HAS = "The server has {models}."
KEY_KEPT = "The key is saved."
KEY_DELETED = "The key is deleted."
ENVIRONMENT_READY = "It is set up already; doing it again repairs it."
ENVIRONMENT_MADE = (
    "Language models are set up. “Own process” is ticked, which runs them there. Press Compose."
)
ENVIRONMENT_STOPPED = "Stopped; the next try goes on from here."

# What the presets say.
ASK_SAVE = "Under which name is the canvas to be saved?"
ASK_REPLACE = "A preset named “{name}” is there already. Replace it?"
ASK_RENAME = "What is “{name}” to be called?"
ASK_DELETE = "Delete “{name}” for good?"
CHOOSE_PRESET = "Choose a preset first."
NO_PRESET = "There is no preset yet to export."
NOTHING_TO_SAVE = "There is nothing to save: the canvas is empty."
LIBRARY_UNUSABLE = "The library cannot be used: {reason}"
PRESET_LOADED = "Loaded: {name}."
PRESET_SAVED = "Saved: {name}."
PRESET_RENAMED = "Renamed: {name} is {new_name} now."
PRESET_DELETED = "Deleted: {name}."
PRESET_DOWNLOADED = "Downloaded: {name}."
LIBRARY_DOWNLOADED = "Downloaded: all presets."
LIBRARY_DOWNLOADED_IN_PART = (
    "Downloaded: all presets that can be read. These cannot, and are left out: {left_out}"
)
PRESETS_IMPORTED = "Imported: {names}."

COUNTED = {
    "region": ("1 region", "{count} regions"),
    "token": ("1 token", "{count} tokens"),
    "request": ("1 request", "{count} requests"),
    "model": ("1 model", "{count} models"),
}
"""One of a thing, and another number of it."""

SCRIPTS = {
    "no_chat": "There is no chat yet to export.",
    "chat_exported": "The chat is downloaded.",
    "taken_back": "Taken back.",
    "no_past": "There is nothing to take back.",
    "editor": "Region editor",
    "whole": "Whole picture",
    "region": "Region {number}",
    "unnamed": "(not described yet)",
    "empty": "Nothing is here yet. Drag here to draw a region, have a model compose below "
    "Compose, or paste an answer into Code.",
    "stale": "The code cannot be read. This is the last canvas that could; an edit here replaces "
    "the code, and Undo brings it back.",
    "new": "New region",
    "new_hint": "Then drag over the picture where it is to be. By keyboard it appears in the "
    "middle.",
    "duplicate": "Duplicate",
    "duplicate_hint": "Copy the selected region (Ctrl+D).",
    "delete": "Delete",
    "delete_hint": "Remove the selected region (Delete). Undo brings it back.",
    "nearer": "Nearer",
    "nearer_hint": "Put the selected region before the next one that is nearer ( ] ).",
    "farther": "Farther",
    "farther_hint": "Put the selected region behind the next one that is farther ( [ ).",
    "undo": "Undo",
    "undo_hint": "Take back what was done last, here, by the chat, a paste or a preset (Ctrl+Z).",
    "redo": "Redo",
    "redo_hint": "Make again what was undone (Ctrl+Y).",
    "writing": "An answer is being written. Press Stop, or wait for its end.",
    "snap": "Snap to named places",
    "snap_hint": "Keep boxes on the 729 places that canvas code can name. A free box turns the "
    "code into JSON.",
    "backdrop": "Backdrop",
    "backdrop_hint": "What is seen behind the boxes.",
    "backdrop_colors": "The colours",
    "backdrop_picture": "The last picture",
    "backdrop_none": "Nothing",
    "opacity": "Opacity",
    "opacity_hint": "How strongly the backdrop is seen.",
    "stage": "The canvas: {count} regions. Tab goes from one to the next, arrows move it, Shift "
    "and arrows resize it.",
    "list": "Regions, nearest first",
    "grip": "Drag to change how near region {number} is",
    "location": "Location",
    "location_hint": "The third of the picture in which the region's centre is.",
    "offset": "Offset",
    "offset_hint": "A small step away from there.",
    "area": "Area",
    "area_hint": "How large the region is.",
    "free": "free box",
    "left": "Left",
    "top": "Top",
    "width": "Width",
    "height": "Height",
    "side_hint": "In ninetieths of the picture.",
    "description": "Description",
    "description_hint": "What is to be seen, in one sentence.",
    "detailed_descriptions": "Details",
    "detailed_descriptions_hint": "Sentences that can each stand alone.",
    "detail": "Detail {number}",
    "add_detail": "Add a detail",
    "remove_detail": "Remove detail {number}",
    "tags": "Tags",
    "tags_hint": "Words, separated by commas.",
    "atmosphere": "Atmosphere",
    "atmosphere_hint": "The mood of the region.",
    "style": "Style",
    "style_hint": "How the region is drawn or photographed.",
    "quality_meta": "Quality",
    "quality_meta_hint": "Words for the quality that is wanted.",
    "distance_to_viewer": "Distance",
    "distance_to_viewer_hint": "How far away it is, above 0. Nearer regions lie over farther ones.",
    "color": "Colour",
    "color_hint": "Where the sampling starts from the colours, it starts from this one.",
    "color_pick": "Pick a colour; the nearest that has a name is taken",
    "tokens": "Tokens: {count}",
    "tokens_over": "Tokens: {count}, more than the {most} of one bag; it will be split",
    "bag": "Bag {number}: {count} of {most} tokens",
    "bags": "Bags",
    "bags_hint": "The texts are encoded in these groups; each begins with the descriptions.",
    "line": "Line {line}",
    "line_hint": "Go to this line of the code.",
    "repaired": "What had to be repaired or guessed ({count})",
    "cfg_1": "CFG scale is 1: the negative prompt counts for nothing, and regions are followed "
    "less than at 5 to 7.",
    "prompt_ignored": "The prompt box is ignored, apart from LoRA tags: see “Prompt box "
    "describes”.",
    "from_prompt": "Canvases are composed from the prompt: this one is not used.",
    "compose_prompt": "Compose from the prompt",
    "off": "Omost is off: tick its box above, or the canvas has no effect.",
}
"""What the scripts in javascript/ show."""

HIDDEN = "Nearer regions hide it: {percent} of its box is free. Make it nearer, or move it."
OUTSIDE = "More than half of its place lies outside the picture and is cut off."
SILENT = "It says nothing yet: describe it."
LITERAL = (
    "“{found}” has no effect here: this text is plain text, and “{found}” is a part of it. "
    "Put it into the prompt box, or take it out."
)
UNSUPPORTED = "{reason} Pictures are made without regions only if “Go on without Omost” is ticked."
REFUSED_SCRIPT = "Omost (does not work here)"
FEATURE_MISSING = (
    "Omost is off: this WebUI has no {feature}, so Omost could not {purpose}. "
    "Update the WebUI, or use Omost in Automatic1111 1.10, Forge or Forge Neo."
)
OTHER_BACKEND = (
    "Omost is off: this WebUI samples with {backend}, where Omost cannot steer regions. "
    "Use Omost in Automatic1111 1.10, Forge or Forge Neo."
)
BACKENDS = {
    "ldm_patched": "ldm_patched, the backend of the first Forge (as reForge and Forge Classic do)",
    "diffusers": "the pipelines of diffusers (as SD.Next does)",
}
