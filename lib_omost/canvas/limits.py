"""How much a reader of canvases takes in; more than this is refused or left out with a message."""

MAX_CHARACTERS = 400_000
"""Of a text to read. An answer of six described regions has about 13,000."""

MAX_REGIONS = 100
"""On one canvas. Each costs tokens in every attention layer; the language models write 3 to 8."""

MAX_NESTING = 24
"""Brackets within brackets, in code and in JSON. Canvas code needs two."""

MAX_CODE_CHARACTERS = 5_000
"""Of one call outside its strings, blanks and commas. A full call has about 250."""


def too_long(text: str) -> str:
    """Say that a text is longer than is read; nothing where it is not."""
    if len(text) <= MAX_CHARACTERS:
        return ""
    return (
        f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. "
        "Paste the last answer alone."
    )
