"""The words and sentences that the demonstration composer was trained on.

Training (`training/composer`) generates requests from these lists. The checks of requests use the
same lists to detect words that the composer never saw.
"""

from __future__ import annotations

OBJECT_WORDS: dict[str, tuple[str, ...]] = {
    "circle": ("ball", "disc", "sun", "planet", "apple", "coin", "balloon", "wheel", "bubble"),
    "square": ("box", "cube", "block", "book", "window", "television", "chair", "table"),
    "triangle": ("pyramid", "mountain", "tent", "cone", "hill", "slice of pizza", "volcano"),
    "star": ("starfish", "sparkle", "flower", "snowflake", "firework", "comet", "spider"),
    "heart": ("valentine", "love heart", "strawberry", "leaf", "face", "child"),
    "moon": ("crescent", "half moon", "banana", "bow", "smile"),
    "tree": ("oak", "bush", "plant", "forest", "mushroom", "umbrella", "person", "man", "woman"),
    "house": ("home", "hut", "cottage", "castle", "barn", "church", "tower", "city", "school"),
    "fish": ("shark", "whale", "goldfish", "dolphin", "bird", "cat", "dog", "horse", "dragon"),
    "boat": ("ship", "sailboat", "yacht", "car", "train", "bicycle", "plane", "rocket", "truck"),
}
"""The objects of the composer, each with synonyms and with things that it draws as this object."""

EXACT_SYNONYMS = {
    *("ball", "disc", "box", "cube", "block", "pyramid", "cone", "sparkle", "valentine"),
    *("love heart", "crescent", "half moon", "oak", "bush", "plant", "home", "hut", "cottage"),
    *("goldfish", "ship", "sailboat", "yacht"),
}
"""The words in OBJECT_WORDS that mean the object itself; all others are only approximated by it."""

COLOR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("crimson", "scarlet", "ruby", "dark red"),
    "orange": ("amber", "copper", "tangerine"),
    "yellow": ("gold", "golden", "lemon"),
    "green": ("lime", "emerald", "olive", "dark green"),
    "blue": ("azure", "cyan", "sky blue", "light blue"),
    "purple": ("violet", "indigo", "lavender"),
    "pink": ("rose", "magenta", "salmon"),
    "white": ("ivory", "silver", "snow white"),
}

BACKGROUND_WORDS: dict[str, tuple[str, ...]] = {
    "navy": ("dark blue", "midnight blue"),
    "black": ("pitch black", "jet black"),
    "gray": ("grey", "dark gray"),
    "tan": ("beige", "sandy"),
    "teal": ("turquoise", "sea green"),
    "sienna": ("brown", "chocolate"),
}

LOCATION_WORDS: dict[str, tuple[str, ...]] = {
    "in the center": ("in the center", "in the middle", "in the centre", "at the center"),
    "on the left": ("on the left", "on the left side", "at the left", "to the left"),
    "on the right": ("on the right", "on the right side", "at the right", "to the right"),
    "on the top": ("at the top", "on the top", "in the upper part", "up at the top"),
    "on the bottom": ("at the bottom", "on the bottom", "in the lower part", "down below"),
    "on the top-left": (
        "in the top left corner",
        "on the top-left",
        "in the upper left",
        "at the top left",
    ),
    "on the top-right": (
        "in the top right corner",
        "on the top-right",
        "in the upper right",
        "at the top right",
    ),
    "on the bottom-left": (
        "in the bottom left corner",
        "on the bottom-left",
        "in the lower left",
        "at the bottom left",
    ),
    "on the bottom-right": (
        "in the bottom right corner",
        "on the bottom-right",
        "in the lower right",
        "at the bottom right",
    ),
}

SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small", "little", "tiny"),
    "big": ("big", "large", "huge"),
}

OPENINGS = (
    "{0}",
    "{0}.",
    "{0}, please",
    "draw {0}",
    "paint {0}",
    "please draw {0}.",
    "a picture of {0}",
    "generate an image of {0}",
    "I want {0}",
    "show me {0}",
    "can you draw {0}?",
    "put {0}",
)

NUMBERS = {2: "two", 3: "three", 4: "four"}


def plural(name: str) -> str:
    """Returns the plural of an object's name."""
    return "fish" if name == "fish" else f"{name}s"


BACKGROUND_PHRASES: dict[str, tuple[str, ...]] = {
    "plain": ("{0} on {a} {1} background", "{0}, {1} background", "{0} in front of {a} {1} wall"),
    "gradient": ("{0} on a background from {1} to {2}", "{0}, a gradient from {1} to {2}"),
    "ground": ("{0} under a {1} sky, on {2} ground", "{0}, {1} sky above {2} ground"),
}
"""The phrases for each background layout: {0} objects, {a} an article, {1} and {2} colours."""

SKY_PHRASE = "{0}, under a {1} sky"
"""The phrase for a sky if the composer chooses the colour of the ground."""

RELATIONS: dict[str, tuple[str, ...]] = {
    "left of": (
        "{0} to the left of {1}",
        "{0} left of {1}",
        "{0} on the left of {1}",
        "{0} at the left of {1}",
        "{0} next to {1}",
        "{0} beside {1}",
        "{0} on the left and {1} on the right",
    ),
    "right of": (
        "{0} to the right of {1}",
        "{0} right of {1}",
        "{0} on the right of {1}",
        "{0} at the right of {1}",
    ),
    "above": ("{0} above {1}", "{0} over {1}", "{0} on top of {1}"),
    "below": ("{0} below {1}", "{0} under {1}", "{0} beneath {1}"),
    "in front of": ("{0} in front of {1}", "{0} before {1}"),
    "behind": ("{0} behind {1}", "{0} half hidden by {1}"),
}
"""The relations between two objects, each with the phrases for it."""

MAX_REQUEST_OBJECTS = 4
"""Maximum number of objects that one request may name."""

MAX_CANVAS_OBJECTS = 6
"""Maximum number of objects in a canvas that the composer can change."""
