"""How much a reader of canvases takes in; more than this is refused or left out with a message."""

MAX_CHARACTERS = 400_000
"""Of a text to read. An answer of six described regions has about 13,000."""

MAX_REGIONS = 100
"""On one canvas. Each costs tokens in every attention layer; the language models write 3 to 8."""

MAX_NESTING = 24
"""Brackets within brackets, in code and in JSON. Canvas code needs two."""

MAX_CODE_CHARACTERS = 5_000
"""Of one call outside its strings, blanks and commas. A full call has about 250."""
