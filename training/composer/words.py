"""What people call the things, colours and places of the world, and those beyond it."""

from __future__ import annotations

from training.scenes import Layout

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


USUAL: dict[str, tuple[str, Layout, tuple[str, ...]]] = {
    "circle": ("orange", "plain", ("gray",)),
    "square": ("blue", "plain", ("tan",)),
    "triangle": ("purple", "plain", ("tan",)),
    "star": ("yellow", "plain", ("black",)),
    "heart": ("red", "gradient", ("tan", "sienna")),
    "moon": ("yellow", "plain", ("navy",)),
    "tree": ("green", "ground", ("teal", "sienna")),
    "house": ("red", "ground", ("gray", "tan")),
    "fish": ("pink", "plain", ("teal",)),
    "boat": ("white", "ground", ("navy", "teal")),
}
"""The colour of an object and the background behind it where nothing is said of them."""


def usual_ground(sky: str) -> str:
    """The colour of the ground where only the sky's is said."""
    return "tan" if sky == "sienna" else "sienna"
