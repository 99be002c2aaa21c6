"""All labels, tooltips and messages of the page, for translators.

The WebUI translates complete texts in the browser, so the page shows each text exactly as it is
written here. `localisation.say` translates texts with values between braces before it inserts the
values. The page also shows labels and tooltips of settings.py, compose/settings.py and options.py.
messages.py has the progress messages of jobs; their other messages stay in English, as in the API.
"""

from __future__ import annotations

from typing import NamedTuple

from lib_omost.compose import settings as compose_settings


class Control(NamedTuple):
    """Label, tooltip and placeholder of a component."""

    label: str
    hint: str
    placeholder: str = ""


TITLE = "Omost"

INTRODUCTION = (
    "Describe a picture and press Compose, or drag on the canvas to draw a region. Then press "
    "Generate."
)

TOUCH_HINT = "Hold a control to read its hint."

PANELS = {
    "about": "About",
    "code": "Code",
    "compose": "Compose",
    "model_settings": "Language model settings",
    "presets": "Presets",
}
"""Labels of the parts that open and close."""

CONTROLS = {
    **{
        name: Control(field.label, field.help)
        for name, field in compose_settings.COMPOSE_FIELDS.items()
    },
    "messages": Control("Chat", "Click one of your requests to edit it."),
    "leave": Control("Do not edit", "Stop editing and leave the message unchanged."),
    "request": Control(
        "Request",
        "Enter and Ctrl+Enter send the request. Shift+Enter starts a new line.",
        "Describe the picture, or a change to it",
    ),
    "condense": Control(
        "Continue from the current canvas only",
        "Removes earlier messages so that the model has room. Undo restores them.",
    ),
    "think_off": Control(
        "Try without thinking",
        "Turns the model's thinking off and answers the request again.",
    ),
    "think_longer": Control(
        "Try with twice the tokens",
        "Doubles the most tokens of an answer and answers the request again.",
    ),
    "compose_button": Control("Compose", "Let the language model write or change the canvas."),
    "paint": Control("Generate", "Generate pictures from the canvas (Ctrl+Enter)."),
    "paint_stop": Control("Interrupt", "Stop the picture that is being generated."),
    "retry": Control("Retry", "Answer the last request again with the next seed."),
    "undo": Control("Undo", "Undo the last step: an answer, a paste, a preset or a manual change."),
    "new": Control("New chat", "Clear the chat and the canvas. Undo restores both."),
    "export": Control("Export", "Download the chat as a file."),
    "import": Control("Import", "Continue an exported chat."),
    "stop": Control("Stop", "Stop the answer. The part that is finished is kept."),
    "seed": Control(
        "Seed of the answer",
        "The same seed, model and chat give the same answer. -1 picks a random seed each time.",
    ),
    "list_models": Control("List the server's models", "Ask the server which models it has."),
    "key": Control(
        "Key of the server",
        "API key. Only this server receives it. It is stored in a separate file on this computer.",
    ),
    "save_key": Control("Save key", "Store the key. An empty key deletes the stored one."),
    "plan_button": Control(
        "Set up language models",
        "Show the packages to download, and ask before the download starts.",
    ),
    "setup_button": Control(
        "Download and compose",
        "Download what the language model lacks, then compose the request. The download can be "
        "stopped and continues from there at the next attempt.",
    ),
    "confirm": Control("Confirm", "Download and install the packages."),
    "refuse": Control("Not now", "Close without a download."),
    "stop_building": Control(
        "Stop",
        "Stop the installation. The next attempt continues from here.",
    ),
    "log": Control("Installation log", "The last lines of pip's output."),
    "preset_name": Control("Preset", "Saved canvases, with or without settings."),
    "preset_load": Control(
        "Load",
        "Load the preset. Settings that it does not contain stay unchanged.",
    ),
    "preset_save": Control(
        "Save as",
        "Save the canvas under a name. Omost asks before it replaces a preset.",
    ),
    "preset_rename": Control("Rename", "Give the preset another name."),
    "preset_delete": Control("Delete", "Delete the preset after a confirmation."),
    "preset_export": Control(
        "Export",
        "Download the selected preset, or all presets if none is selected.",
    ),
    "preset_bring": Control(
        "Import",
        "Add the presets of a file, or the canvas of a file or picture in any format. Existing "
        "presets stay unchanged.",
    ),
    "preset_new_name": Control(
        "Name", 'Name of the preset. It may not contain < > : " / | ? or *.'
    ),
    "preset_with_settings": Control(
        "With the settings",
        "Also save the settings of this accordion.",
    ),
    "preset_confirm": Control("Confirm", "Answer the question with yes."),
    "preset_leave": Control("Cancel", "Close the question and change nothing."),
    "about_report": Control(
        "For a bug report",
        "Versions, device and missing features, without paths, keys and addresses.",
    ),
    "about_copy": Control("Copy", "Copy the text to the clipboard, for a bug report."),
}
"""Texts of the components by name."""

CHOOSE_MODEL = "Choose a language model"
"""First entry of the list of language models; it stands for no model."""

EXAMPLES = (
    "a red boat in a quiet harbour at dawn",
    "an old sailor, and a lighthouse behind him",
    "a cat and a dog on a sofa by the window",
)
"""Example requests for a general language model."""

DEMO_EXAMPLES = (
    "a yellow fish above a red circle on a teal background",
    "a red boat on the left and a white house on the right",
    "three pink hearts in a row",
)
"""Example requests for the demonstration composer, which only knows a few objects."""

EXAMPLE_HINT = "Copy this example into the request box if the box is empty."

CANVAS_PLACEHOLDER = """\
Paste a complete answer of an Omost language model here, or write a canvas:

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

KEY_SAVED = "A key is stored (hidden)"

# Messages of the chat.
STARTING = "Starting."
WRITING = "Writing"
WRITTEN = "Composed: {regions}, {tokens}."
WRITTEN_AFTER_THINKING = "Composed: {regions}, {tokens} after {thinking} of thinking."
THINKING = "Thinking"
THOUGHTS = "Thinking: {words}"
REGION_WARNING = "Region {number}: {message}"
EDITING = "Editing message {number}: later ones will be replaced."
NO_ANSWER = "There is no answer to repeat yet."
NO_CANVAS = "The answer does not contain a canvas. Retry, or ask for a canvas."
UNREADABLE_CANVAS = "The answer's canvas cannot be read: {reason}. Retry, or ask for a canvas."
UNCHANGED = "The canvas is unchanged: {reason}. Retry, or say the change in other words."
EMPTY_ANSWER = "The answer is empty. Retry."
NOTHING_WRITTEN = "Stopped before the first word of the answer."
NO_END = "The language model ended without an answer. Try again."
KEPT_PART = "{reason} The finished part is kept. Retry starts the answer again."
SAME_AGAIN = (
    "The answer is the same: at temperature 0 every seed gives the same answer. Raise the "
    "temperature in the language model settings."
)
TAKEN_BACK = "Undone."
MADE_AGAIN = "Redone."
NEW_CHAT = "The chat and the canvas are empty. Undo restores them."
CHANGED = "{regions}, with your changes"
YOURS = "{regions}, your canvas"
EMPTIED = "You emptied the canvas."
CHAT_IMPORTED = "Imported: {requests}."
CHAT_UNREADABLE = "The chat stored in this browser cannot be read and was set aside: {reason}"
CONDENSED = "The chat continues from the canvas only. Undo restores the earlier messages."
NOTHING_TO_GO_ON = "There is no canvas to continue from."
FULL = "The chat fills the model's context window. The next answer would be cut."
TOO_FULL = "The chat fills the model's context window. Nothing was sent."
BUDGET = "{tokens} tokens"
BUDGET_OF = "{tokens} of {context} tokens"

# Message below the result of a job; omost_job_results.js adds its button.
WITHOUT_CANVAS = (
    "There is no canvas. Compose, draw or paste one. To compose a canvas from the prompt at "
    "every Generate, set “Canvas from” to “prompt”. To generate without regions, turn Omost off."
)

# Messages of the language model settings.
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
ENVIRONMENT_READY = "The environment exists already. Setting it up again repairs it."
ENVIRONMENT_MADE = (
    "Language models are set up and run in a process of their own (“Own process” is on). Press "
    "Compose."
)
SETUP_PLAN = (
    "{model} needs a download first: {parts}, to {folder}, where {free} MB are free. You can stop "
    "the download; it continues from there later."
)
SETUP_MODEL = "the model ({size} MB, licence {license})"
SETUP_ENVIRONMENT = "a Python environment (about {size} MB)"
SETUP_BOTH = "{environment} and {model}"
SETUP_FINISHED = "{model} is ready."
ENVIRONMENT_STOPPED = "Stopped. The next attempt continues from here."

# Messages of the presets.
ASK_SAVE = "Save the canvas under this name:"
ASK_REPLACE = "A preset named “{name}” exists already. Replace it?"
ASK_RENAME = "New name for “{name}”:"
ASK_DELETE = "Delete “{name}” permanently?"
CHOOSE_PRESET = "Choose a preset first."
NO_PRESET = "There are no presets to export."
NOTHING_TO_SAVE = "There is nothing to save: the canvas is empty."
LIBRARY_UNUSABLE = "The library cannot be used: {reason}"
PRESET_LOADED = "Loaded: {name}."
PRESET_SAVED = "Saved: {name}."
PRESET_RENAMED = "Renamed {name} to {new_name}."
PRESET_DELETED = "Deleted: {name}."
PRESET_DOWNLOADED = "Downloaded: {name}."
LIBRARY_DOWNLOADED = "Downloaded: all presets."
LIBRARY_DOWNLOADED_IN_PART = (
    "Downloaded all readable presets. These cannot be read and are not in the file: {left_out}"
)
PRESETS_IMPORTED = "Imported: {names}."

# Messages of the panel About.
REPORT_COPIED = "Copied."
REPORT_NOT_COPIED = "The browser does not allow copying. Select the text and press Ctrl+C."

COUNTED = {
    "region": ("1 region", "{count} regions"),
    "token": ("1 token", "{count} tokens"),
    "word": ("1 word", "{count} words"),
    "request": ("1 request", "{count} requests"),
    "model": ("1 model", "{count} models"),
}
"""Singular and plural of counted words."""

SCRIPTS = {
    "no_chat": "There is no chat to export.",
    "chat_exported": "The chat is downloaded.",
    "taken_back": "Undone.",
    "no_past": "There is nothing to undo.",
    "editor": "Region editor",
    "whole": "Whole picture",
    "region": "Region {number}",
    "selected": "{count} selected",
    "locked": "locked",
    "layers": "Arrange regions",
    "copy": "Copy",
    "copy_hint": "Copy the selected regions as text (Ctrl+C).",
    "copied": "Copied regions: {count}. Ctrl+V pastes them here, in another tab or page.",
    "copy_by_key": "The browser does not allow copying. Click the canvas and press Ctrl+C.",
    "paste": "Paste",
    "paste_hint": "Paste copied regions, or the regions of any text with a canvas (Ctrl+V).",
    "paste_by_key": "The browser does not allow reading the clipboard. Click the canvas and press "
    "Ctrl+V.",
    "pasted_nothing": "The pasted text contains no region.",
    "template": "Template",
    "template_hint": "Place the things that the request box lists, such as “a lamp, a cat, a "
    "vase”: each becomes a region. If several regions are selected, the template moves them.",
    "template_columns": "Columns",
    "template_rows": "Rows",
    "template_grid": "Grid",
    "template_thirds": "Two thirds and one third",
    "template_foreground": "Foreground and background",
    "align_left": "Align left",
    "align_left_hint": "Align the left edges of the selected regions.",
    "align_center": "Align centres",
    "align_center_hint": "Align the centres of the selected regions on one vertical line.",
    "align_right": "Align right",
    "align_right_hint": "Align the right edges of the selected regions.",
    "align_top": "Align top",
    "align_top_hint": "Align the upper edges of the selected regions.",
    "align_middle": "Align middles",
    "align_middle_hint": "Align the centres of the selected regions on one horizontal line.",
    "align_bottom": "Align bottom",
    "align_bottom_hint": "Align the lower edges of the selected regions.",
    "distribute_x": "Distribute horizontally",
    "distribute_x_hint": "Make the horizontal gaps between three or more regions equal.",
    "distribute_y": "Distribute vertically",
    "distribute_y_hint": "Make the vertical gaps between three or more regions equal.",
    "equal_size": "Equal size",
    "equal_size_hint": "Give the selected regions the size of the one that was selected last.",
    "hide": "Hide",
    "hide_hint": "Hide the region or show it again. A hidden region stays in the canvas and has no "
    "effect on the picture.",
    "alone": "Only this region",
    "alone_hint": "Hide all other regions, in the picture too. A second click restores them.",
    "lock": "Lock",
    "lock_hint": "Lock the region against changes by hand. Clicks on the canvas pass through it. "
    "The lock lasts until the page is reloaded.",
    "unnamed": "(no description)",
    "empty": "The canvas is empty. Drag here to draw a region, let a language model compose, or "
    "paste an answer into Code.",
    "stale": "The code cannot be read, so the last readable canvas is shown. An edit here "
    "replaces the code; Undo restores it.",
    "new": "New region",
    "new_hint": "Then drag over the canvas to draw the region. From the keyboard, the region "
    "appears in the middle.",
    "duplicate": "Duplicate",
    "duplicate_hint": "Copy the selected region (Ctrl+D).",
    "delete": "Delete",
    "delete_hint": "Remove the selected region (Delete). Undo restores it.",
    "nearer": "Nearer",
    "nearer_hint": "Move the selected region in front of the next nearer region ( ] ).",
    "farther": "Farther",
    "farther_hint": "Move the selected region behind the next farther region ( [ ).",
    "regenerate_region": "Regenerate region",
    "regenerate_region_hint": "Paint the selected region anew in the last picture, with a new seed "
    "and the present canvas. The rest of the picture stays. Undo restores the former picture.",
    "regenerate_no_picture": "There is no picture yet. Press Generate; a region of the picture can "
    "then be painted anew.",
    "regenerate_no_region": "Select the region that should be painted anew in the last picture.",
    "regenerate_painting": "A picture is being generated. Wait for its end, or press Interrupt.",
    "regenerate_lost": "The last picture cannot be read any more. Press Generate for a new one.",
    "undo": "Undo",
    "undo_hint": "Undo the last step of the editor, the chat, a paste or a preset, or a "
    "regenerated region (Ctrl+Z).",
    "redo": "Redo",
    "redo_hint": "Redo the step that was undone (Ctrl+Y).",
    "writing": "An answer is being written. Press Stop, or wait for its end.",
    "snap": "Snap to named places",
    "snap_hint": "Snap boxes to the 729 places that Omost's Python syntax can name. Omost's "
    "Python syntax cannot express free boxes, so a free box switches the canvas text to JSON. "
    "Nothing is lost.",
    "backdrop": "Backdrop",
    "backdrop_hint": "Picture behind the boxes. A picture file can be dropped on the canvas.",
    "backdrop_colors": "The colours",
    "backdrop_picture": "The last picture",
    "backdrop_source": "The img2img picture",
    "backdrop_own": "Your own picture",
    "backdrop_none": "Nothing",
    "opacity": "Opacity",
    "opacity_hint": "Opacity of the backdrop.",
    "zoom_out": "Zoom out",
    "zoom_out_hint": "Zoom out (−, or Ctrl and the mouse wheel).",
    "zoom_in": "Zoom in",
    "zoom_in_hint": "Zoom in (+, or Ctrl and the mouse wheel). To move the picture, drag with the "
    "middle button, with Space held down, or with two fingers.",
    "fit": "Fit the picture",
    "fit_hint": "Show the whole picture (0).",
    "full": "Full window",
    "full_hint": "Fill the window with the chat, the canvas and the fields. Escape goes back.",
    "advanced": "Advanced",
    "advanced_hint": "Show all settings, the code and the presets.",
    "help": "Help",
    "help_hint": "First steps, keys, and remedies for pictures that are not as wanted.",
    "close": "Close",
    "help_title": "How to work with Omost",
    "help_request": "Request: describe the picture and press Compose. A language model places "
    "regions on the canvas. The next request changes them.",
    "help_canvas": "Canvas: drag over an empty place to draw a region. Drag a region to move it. "
    "Its texts are beside the canvas. The eye of a row in the list hides a region.",
    "help_generate": "Generate: the picture appears on the canvas, behind its regions.",
    "help_advanced": "Advanced shows the settings, the code and the presets.",
    "help_touch": "On a touch screen, hold a control to read its hint, and a region to select "
    "several.",
    "help_symptoms": "The picture is not as wanted",
    "help_keys": "Keys",
    "stage": "The canvas: {count} regions. Tab selects the next region, arrow keys move it, "
    "Shift and arrow keys resize it.",
    "list": "Regions, nearest first",
    "grip": "Drag to change the depth of region {number}",
    "location": "Location",
    "location_hint": "Third of the picture that contains the centre of the region.",
    "offset": "Offset",
    "offset_hint": "Small shift of the region from its location.",
    "area": "Area",
    "area_hint": "Size and shape of the region.",
    "free": "free box",
    "left": "Left",
    "top": "Top",
    "width": "Width",
    "height": "Height",
    "side_hint": "In canvas units: the picture is 90 units wide and 90 high.",
    "description": "Description",
    "description_hint": "One sentence that describes the content.",
    "detailed_descriptions": "Details",
    "detailed_descriptions_hint": "Further sentences. Each is understandable on its own.",
    "detail": "Detail {number}",
    "add_detail": "Add a detail",
    "remove_detail": "Remove detail {number}",
    "tags": "Tags",
    "tags_hint": "Keywords, separated by commas.",
    "atmosphere": "Atmosphere",
    "atmosphere_hint": "The mood of the region.",
    "style": "Style",
    "style_hint": "Drawing or photographic style of the region.",
    "quality_meta": "Quality",
    "quality_meta_hint": "Quality keywords, for example: sharp, detailed.",
    "distance_to_viewer": "Distance",
    "distance_to_viewer_hint": "Distance to the viewer, above 0. Nearer regions cover farther "
    "ones.",
    "color": "Colour",
    "color_hint": "Colour of the region in the init latent when “Start from the colours” is on.",
    "color_pick": "Pick a colour. Omost uses the nearest named colour.",
    "tokens": "Tokens: {count}",
    "tokens_over": "Tokens: {count}. A bag holds {most}, so the text is split.",
    "bag": "Bag {number}: {count} of {most} tokens",
    "bags": "Bags",
    "bags_hint": "Groups of texts that the text encoder reads together. Each begins with the "
    "descriptions.",
    "line": "Line {line}",
    "line_hint": "Go to this line of the code.",
    "repaired": "Repaired or guessed ({count})",
    "cfg_1": "The CFG scale is 1: the negative prompt has no effect, and pictures follow the "
    "regions less than at 5 to 7.",
    "prompt_ignored": "The prompt box is ignored, apart from LoRA tags: see “Prompt box "
    "describes”.",
    "from_prompt": "Canvases are composed from the prompt, so this canvas is not used.",
    "compose_prompt": "Compose from the prompt",
    "picture": "Picture {number}",
    "history_picture": "Picture with the seed {seed}",
    "history_choose": "Show this picture. Click it again to restore its canvas and settings.",
    "history_seed": "Use the seed {seed} for the next picture.",
    "history_download": "Download this picture.",
    "off": "Omost is off and the canvas has no effect. Tick the box above to turn Omost on.",
}
"""Texts of the scripts in javascript/."""

HELP_SYMPTOMS = (
    ("The prompt overrules the regions", "Set “Prompt box describes” to “ignored”."),
    ("Regions have no effect", "Set the CFG scale to 5 to 7, or raise “Region strength” above 1."),
    ("Small regions look harsh", "Lower “Sharpness” to 0.5."),
    ("Overlapping objects mix", "Set “Overlap” to “overlay”."),
    ("Colours or layout are ignored", "Turn on “Start from the colours”."),
    ("One region is not as wanted", "Select it and press “Regenerate region”."),
    ("Regions look pasted together", "Set “End” to 0.5 to 0.8."),
)
"""Symptoms and remedies in the help; the settings are on the advanced page."""

HELP_KEYS = (
    ("Ctrl+Enter", "Generate. In the request box: compose."),
    ("Tab, Shift+Tab", "Select the next or the previous region."),
    ("Arrow keys", "Move the region. With Shift: resize it."),
    ("] and [", "Move the region nearer or farther."),
    ("Shift and click", "Select several regions. With a drag: those that it surrounds."),
    ("Ctrl+A", "Select all visible regions."),
    ("Ctrl+C, Ctrl+X, Ctrl+V", "Copy, cut and paste regions, in other pages too."),
    ("Ctrl+D", "Duplicate the region, as a drag with Alt does."),
    ("Delete", "Remove the region."),
    ("Ctrl+Z, Ctrl+Y", "Undo, redo."),
    ("+ and −", "Zoom in or out, as Ctrl and the mouse wheel do."),
    ("0", "Show the whole picture."),
    ("Space and drag", "Move the zoomed picture, as the middle button does."),
    ("Escape", "Cancel a drag, or leave the full window."),
)
"""Keys of the editor and their effects in the help."""

COVERED = (
    "Nearer regions cover this region: {percent} of its box is visible. Move the region, or "
    "reduce its distance."
)
OUTSIDE = "More than half of this region lies outside the picture and is cut off."
SILENT = "This region has no description yet."
LITERAL = (
    "“{found}” has no effect in a plain text and is encoded as words. Move it to the prompt box, "
    "or remove it."
)
UNSUPPORTED = "{reason} Tick “Go on without Omost” to generate pictures without regions."
REFUSED_SCRIPT = "Omost (does not work here)"
FEATURE_MISSING = (
    "Omost is off: this WebUI has no {feature}, so Omost could not {purpose}. Update the WebUI, "
    "or use Omost in Automatic1111 1.10, Forge, Forge Neo, Forge Classic or reForge."
)
OTHER_BACKEND = (
    "Omost is off: this WebUI samples with {backend}, where Omost cannot steer regions. Use "
    "Omost in Automatic1111 1.10, Forge, Forge Neo, Forge Classic or reForge."
)
DIFFUSERS_BACKEND = (
    "Omost is off: this WebUI samples with the pipelines of diffusers (as SD.Next does) and calls "
    "no extension at the start of a sampling pass, where Omost installs the regions. Use Omost in "
    "Automatic1111 1.10, Forge, Forge Neo, Forge Classic or reForge, or on its own page: "
    "python -m lib_omost serve"
)
