"""What a language model may write: canvases and nothing else, in the dialect of each engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS
from lib_omost.canvas.vocabulary import AREAS, LOCATIONS, OFFSETS

if TYPE_CHECKING:
    import torch
    from llguidance import LLTokenizer

Width = Literal["wide", "narrow"]
"""wide: what Omost models and `write_code` write; narrow: for small models, whose texts run on."""

LISTS: Mapping[str, Iterable[str]] = {
    "location": LOCATIONS,
    "offset": OFFSETS,
    "area": AREAS,
    "HTML_web_color_name": color_names(),
}
"""The words of each field that takes no others."""

_RULES = {
    **{name: name.upper() for name in ("location", "offset", "area", "tags")},
    **dict.fromkeys(("description", "atmosphere", "style", "quality_meta"), "TEXT"),
    "detailed_descriptions": "details",
    "distance_to_viewer": "DISTANCE",
    "HTML_web_color_name": "COLOR",
}
"""Which rule a field's value follows."""


# Names have no underscores, for llama.cpp, and are in capitals where llguidance may take the rule
# for one word, which is fast. A rule that repeats often stands alone, not in brackets: llama.cpp
# multiplies by the rules in them, and allows 2,000.
_NARROW = r"""root ::= "```python\n" "canvas = Canvas()\n" global region{%(least)d,6} "```"
details ::= "[\n" item{1,5} "    ]"
item ::= "        " TEXT ",\n"
TEXT ::= "'" WORD ((" " | ", ") WORD){1,19} ".'"
ABOUT ::= "'" (BEGIN SUBJECT | SUBJECT " " WORD) ((" " | ", ") WORD){0,17} ".'"
BEGIN ::= (WORD " "){1,2}
TAGS ::= "'" TAG (", " TAG){2,11} "'"
TAG ::= WORD (" " WORD){0,2}
WORD ::= [A-Za-z0-9]{1,14} ("-" [A-Za-z0-9]{1,14})?
DISTANCE ::= ("10" | [1-9]) "." [0-9]
"""
"""Sentences and tags are made of whole words, so that no text can run on.

A region's description names early what the request is about: small models forget it otherwise.
"""

_WIDE = r"""root ::= "```python\n" NOTE{0,14} "canvas = Canvas()\n" global region{0,12} "```"
NOTE ::= "# " [^\x00-\x1f\x7f\ufffd]{0,200} "\n"
details ::= "[]" | "[\n" item{1,12} "    ]"
item ::= "        " TEXT ",\n"
syntax ::= "    syntax='webui',\n"
TEXT ::= "'" SINGLE{0,400} "'" | "\"" DOUBLE{0,400} "\""
TAGS ::= "'" SINGLE{0,700} "'" | "\"" DOUBLE{0,700} "\""
SINGLE ::= [^'\\\x00-\x1f\x7f\ufffd] | ESCAPE
DOUBLE ::= [^"\\\x00-\x1f\x7f\ufffd] | ESCAPE
ESCAPE ::= "\\" ([\\'nrt] | "\"" | "x" HEX{2} | "u" [0-9a-ce-f] HEX{3} | "ud" [0-7] HEX{2} | PLANE)
PLANE ::= "U000" HEX{5} | "U0010" HEX{4}
HEX ::= [0-9a-f]
DISTANCE ::= (WHOLE | "0." "0"{0,3} [1-9] [0-9]{0,17}) ("e" [+-] [0-9]{2,3})?
WHOLE ::= [1-9] [0-9]{0,16} ("." [0-9]{1,17})?
"""
"""Texts and numbers are what Python's repr writes, but for U+FFFD, which stands for a loss.

The composer begins with comments: what an edit changes, the background, then each region.
"""

_CLASS = re.compile(r"""("(?:\\.|[^"\\])*")|(\[(?:\\.|[^]\\])*\])""")
"""A literal, or a class of characters."""


class GrammarError(RuntimeError):
    """A grammar that cannot be applied; the message says why and what to do."""


def lark(width: Width = "narrow", subjects: Iterable[str] = (), least: int = 2) -> str:
    """Return the grammar of an answer that is one block of canvas code, for llguidance.

    subjects: words in lower case of which each region's description must name one, where any are
    given and the grammar is narrow. least: regions of a narrow grammar's canvas.
    """
    rules = _CLASS.sub(lambda found: found[1] or f"/{found[2]}/", gbnf(width, subjects, least))
    return "start: root\n" + rules.replace(" ::= ", ": ")


def gbnf(width: Width = "narrow", subjects: Iterable[str] = (), least: int = 2) -> str:
    """Return the same grammar for llama.cpp."""
    wide = width == "wide"
    named = [f'"{form}"' for word in subjects for form in (word, word.capitalize())]
    root = _NARROW.replace("%(least)d", str(least))
    narrow = f"{root}SUBJECT ::= {' | '.join(named) or 'WORD'}\n"
    in_region = _RULES if wide else _RULES | {"description": "ABOUT"}
    lists = (f"{_RULES[name]} ::= {_one_of(words)}\n" for name, words in LISTS.items())
    return "".join(
        (
            _WIDE if wide else narrow,
            _call("global", "set_global_description", CANVAS_FIELDS, _RULES, wide),
            _call("region", "add_local_description", REGION_FIELDS, in_region, wide),
            *lists,
        )
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a canvas, its keys named as the arguments of canvas code.

    `files.read` reads whatever it allows without a diagnostic. Texts and lists are bounded, because
    JSON that was cut off cannot be read; references and patterns, which fewer servers know, are
    not in it.
    """
    region = {name: _schema(name) for name in REGION_FIELDS}
    canvas = {name: _schema(name) for name in CANVAS_FIELDS}
    return _object({**canvas, "regions": _list(_object(region), 8)})


def prepare(tokenizer: Any, end_tokens: Sequence[int] = ()) -> LLTokenizer:
    """Index a fast tokenizer of transformers for `logits_processor`; takes up to a second.

    end_tokens: what ends a generation, where that is not the tokenizer's own end alone. Raises
    GrammarError where llguidance is not installed, and for a tokenizer that is not fast.
    """
    try:
        from llguidance.hf import from_tokenizer
    except ImportError as error:
        raise GrammarError(
            "holding a model to canvas code needs llguidance: pip install llguidance"
        ) from error
    try:
        return from_tokenizer(tokenizer, eos_token=list(end_tokens) or None)
    except ValueError as error:
        raise GrammarError(f"this tokenizer cannot be held to a grammar: {error}") from error


def logits_processor(tokenizer: Any, grammar: str) -> GrammarMask:
    """Return a logits processor that holds one call of generate() to a grammar of `lark`.

    tokenizer: a fast tokenizer of transformers, or what `prepare` made of one, which is worth
    keeping. Raises GrammarError as `prepare` does, and for a grammar that cannot be read.
    """
    is_prepared = not hasattr(tokenizer, "get_vocab")
    return GrammarMask(tokenizer if is_prepared else prepare(tokenizer), grammar)


class GrammarMask:
    """A LogitsProcessor of transformers that forbids what a grammar does not allow next.

    What the first call sees is the prompt, which the grammar does not hold. Where the grammar is
    complete only the end token is left. Raises GrammarError for a grammar that cannot be read.
    """

    def __init__(self, tokenizer: LLTokenizer, grammar: str) -> None:
        from llguidance import LLMatcher

        self._matcher = LLMatcher(tokenizer, grammar, log_level=0)
        self._seen: int | None = None  # tokens of the sequence
        self._check()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores [1, V] with -inf where a token may not follow input_ids [1, T].

        Raises GrammarError for more than one sequence, and for one that has left the grammar.
        """
        import torch

        if len(input_ids) != 1:
            raise GrammarError("a grammar holds one sequence: generate without beams and batches")
        self._follow(input_ids[0].tolist())
        bias = bytearray(self._matcher.compute_logit_bias())
        allowed = torch.frombuffer(bias, dtype=torch.uint8).to(scores.device).bool()
        known = min(len(allowed), scores.shape[1])  # a model may have more rows than tokens
        masked = torch.full_like(scores, float("-inf"))
        masked[:, :known] = scores[:, :known].masked_fill(~allowed[:known], float("-inf"))
        return masked

    def forced(self, sequence: Sequence[int]) -> list[int]:
        """Return the tokens that must follow a sequence, where the grammar leaves no choice."""
        self._follow(sequence)
        return [] if self._matcher.is_stopped() else list(self._matcher.compute_ff_tokens())

    def _follow(self, sequence: Sequence[int]) -> None:
        """Take what is new of a sequence; the first is the prompt, of which nothing is held."""
        if self._seen is not None and not self._matcher.is_stopped():  # else the end token follows
            self._matcher.consume_tokens(list(sequence[self._seen :]))
            self._check()
        self._seen = len(sequence)

    def _check(self) -> None:
        if self._matcher.is_error():
            raise GrammarError(f"the grammar cannot be followed: {self._matcher.get_error()}")


def _call(
    rule: str, method: str, fields: Iterable[str], values: Mapping[str, str], wide: bool
) -> str:
    """The rule of a call; values: the rules of its fields' values.

    wide: perhaps a comment above it, and that its texts are the host's.
    """
    note, syntax = ("NOTE?", "syntax?") if wide else ("", "")
    arguments = " ".join(rf'"    {name}=" {values[name]} ",\n"' for name in fields)
    return rf'{rule} ::= "\n" {note} "canvas.{method}(\n" {arguments} {syntax} ")\n"' + "\n"


def _one_of(words: Iterable[str]) -> str:
    return " | ".join(f"\"'{word}'\"" for word in words)


def _schema(field: str) -> dict[str, Any]:
    """The schema of a field's value."""
    if field in LISTS:
        return {"type": "string", "enum": list(LISTS[field])}
    if field == "distance_to_viewer":
        return {"type": "integer", "enum": list(range(1, 11))}  # bounds are not known everywhere
    if field == "detailed_descriptions":
        return _list(_text(160), 5)
    return _text(240 if field == "tags" else 160)


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": most}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
