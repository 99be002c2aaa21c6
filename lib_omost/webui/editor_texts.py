"""Every text that the region editor shows, in one place.

The page is given them with the vocabulary. Both hosts translate by whole texts, so each of them
stands in the page as it stands here, and only what is between braces is filled in.
"""

from __future__ import annotations

PAGE = {
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
    "undo_hint": "Take back the last change of the canvas, also by the chat or a paste (Ctrl+Z).",
    "redo": "Redo",
    "redo_hint": "Make again what was undone (Ctrl+Y).",
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
    "off": "Omost is off: tick its box above, or the canvas has no effect.",
}
"""What the scripts in javascript/ show."""

HIDDEN = "Nearer regions hide it: {percent} of its box is free. Make it nearer, or move it."
OUTSIDE = "More than half of its place lies outside the picture and is cut off."
SILENT = "It says nothing yet: describe it."
UNSUPPORTED = "{reason} Pictures are made without regions only if “Go on without Omost” is ticked."
