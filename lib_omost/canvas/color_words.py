"""English words for colours that HTML does not name, and the HTML colour nearest to each."""

from __future__ import annotations

ADJECTIVES = {"golden": "gold", "silvery": "silver", "snowy": "snow"}
"""Words that mean the same as an HTML name."""

SHADES = {
    "cream": "cornsilk", "creamy": "cornsilk", "offwhite": "whitesmoke", "pearl": "whitesmoke",
    "eggshell": "linen", "champagne": "moccasin", "straw": "khaki", "blond": "palegoldenrod",
    "blonde": "palegoldenrod", "sand": "tan", "sandy": "sandybrown", "mustard": "goldenrod",
    "honey": "goldenrod", "amber": "orange", "mango": "orange", "pumpkin": "darkorange",
    "tangerine": "darkorange", "lemon": "yellow", "ginger": "chocolate", "cinnamon": "chocolate",
    "caramel": "peru", "copper": "peru", "bronze": "peru", "ochre": "peru", "ocher": "peru",
    "brass": "darkkhaki", "rust": "sienna", "rusty": "sienna", "chestnut": "sienna",
    "mahogany": "saddlebrown", "coffee": "saddlebrown", "brunette": "saddlebrown",
    "auburn": "brown", "terracotta": "indianred", "brick": "firebrick", "scarlet": "red",
    "vermilion": "tomato", "ruby": "crimson", "cherry": "crimson", "strawberry": "crimson",
    "raspberry": "mediumvioletred", "burgundy": "maroon", "wine": "maroon", "blood": "darkred",
    "rose": "pink", "rosy": "pink", "blush": "mistyrose", "peach": "peachpuff",
    "apricot": "peachpuff", "skin": "peachpuff", "nude": "peachpuff", "lilac": "plum",
    "mauve": "plum", "aubergine": "indigo", "eggplant": "indigo", "cobalt": "mediumblue",
    "sapphire": "mediumblue", "cerulean": "darkcyan", "denim": "steelblue",
    "midnight": "midnightblue", "sky": "skyblue", "mint": "palegreen", "emerald": "mediumseagreen",
    "jade": "mediumseagreen", "sage": "darkseagreen", "moss": "darkolivegreen",
    "grass": "forestgreen", "charcoal": "darkslategray", "graphite": "dimgray", "ash": "darkgray",
    "slate": "slategray", "ebony": "black", "jet": "black", "platinum": "lightgray",
}  # fmt: skip
"""Maps a word to the HTML name of a similar colour."""

MODIFIERS = frozenset({
    "bright", "brilliant", "cold", "cool", "dark", "deep", "dull", "dusty", "faded", "glowing",
    "icy", "intense", "light", "lightly", "matte", "medium", "metallic", "mid", "muted", "neon",
    "pale", "pastel", "pure", "rich", "shiny", "slightly", "soft", "strong", "very", "vibrant",
    "vivid", "warm",
})  # fmt: skip
"""Words that modify a colour."""

FILLERS = frozenset(
    {"a", "an", "the", "of", "in", "color", "colour", "colored", "coloured", "shade", "tone"}
)
"""Words without a meaning of their own beside a colour."""

CONJUNCTIONS = frozenset({"and", "or", "with"})
"""Words that join two colours."""
