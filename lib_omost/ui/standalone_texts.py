"""Texts of the stand-alone page around the accordion, for translators."""

from __future__ import annotations

LABELS = {
    "enabled": "Use Omost",
    "prompt": "Prompt",
    "neg_prompt": "Negative prompt",
    "generate": "Generate",
    "interrupt": "Interrupt",
    "paste": "↙ Paste",
    "sampling": "Sampler",
    "steps": "Steps",
    "width": "Width",
    "height": "Height",
    "batch_count": "Batch count",
    "cfg_scale": "CFG scale",
    "seed": "Seed",
    "gallery": "Pictures",
    "source": "Picture",
    "send": "Send to txt2img",
}
"""Labels by the names of components."""

TOOLTIPS = {
    "prompt": "Text for the whole picture, in addition to the canvas. May be empty.",
    "neg_prompt": "Describes everything that the picture should not show.",
    "generate": "Paint pictures with these settings.",
    "interrupt": "Stop composing or painting. Finished pictures stay.",
    "paste": "Read an infotext from the prompt box and restore its prompts and settings.",
    "sampling": "Algorithm that denoises the picture step by step.",
    "steps": "Number of sampler steps. More steps take longer and can add detail.",
    "width": "Width of the picture in pixels.",
    "height": "Height of the picture in pixels.",
    "batch_count": "Number of pictures, painted one after another. Each seed is 1 higher.",
    "cfg_scale": "Strength of the prompts: higher values follow them more closely.",
    "seed": "Start of the random numbers. The same seed and settings repeat a picture. "
    "-1 chooses a random seed.",
    "gallery": "Click a picture to enlarge it and to read its infotext below.",
    "source": "A picture or text file with an infotext, from a WebUI or this page.",
    "send": "Restore the prompts and settings of this infotext in txt2img.",
}
"""Tooltips by the names of components."""

HISTORY = "Saved pictures, the newest first"
INFO = "Pictures of this page or a WebUI contain their prompts and settings."
PICTURE_REMOVED = "This picture was removed from the folder of pictures"

# The status line.
INTERRUPTED = "Interrupted."
FINISHED = "Finished."
CANVAS_OF = "Canvas {number} of {count}: {progress}"
PICTURE_OF = "Picture {number} of {count}: {progress}"
