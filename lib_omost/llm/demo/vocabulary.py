"""The words that the demonstration composer knows, and the sentences that it was trained on.

Its training (training/composer) draws its requests from these lists, and the product tells by them
what a request says that the composer has never seen. So they stand here once, for both.
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
"""Other words for each object: its own, and things for which it is the nearest."""

OWN_WORDS = {
    *("ball", "disc", "box", "cube", "block", "pyramid", "cone", "sparkle", "valentine"),
    *("love heart", "crescent", "half moon", "oak", "bush", "plant", "home", "hut", "cottage"),
    *("goldfish", "ship", "sailboat", "yacht"),
}
"""Other words that mean the object itself; all others in OBJECT_WORDS are only drawn as it."""

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
    """More than one of an object of the world."""
    return "fish" if name == "fish" else f"{name}s"


BACKGROUNDS_SAID: dict[str, tuple[str, ...]] = {
    "plain": ("{0} on {a} {1} background", "{0}, {1} background", "{0} in front of {a} {1} wall"),
    "gradient": ("{0} on a background from {1} to {2}", "{0}, a gradient from {1} to {2}"),
    "ground": ("{0} under a {1} sky, on {2} ground", "{0}, {1} sky above {2} ground"),
}
"""How each layout of a background is said beside the things, {0}."""

SKY_SAID = "{0}, under a {1} sky"
"""How the sky is said where the ground's colour is left to the composer."""

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
"""What can be said of two objects, and how."""

MOST_ASKED = 4
"""Objects that one request may name."""

MOST_KEPT = 6
"""Objects of a canvas that the composer can change."""
