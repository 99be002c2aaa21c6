"""Grammars and a JSON schema that restrict a language model's output to canvases."""

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
""""wide" allows everything that Omost models and `write_code` write; "narrow" bounds all texts.

Small models need the narrow grammar, because their texts do not end by themselves.
"""

FIELD_VOCABULARIES: Mapping[str, Iterable[str]] = {
    "location": LOCATIONS,
    "offset": OFFSETS,
    "area": AREAS,
    "HTML_web_color_name": color_names(),
}
"""The allowed values of each field with a fixed vocabulary."""

_RULES = {
    **{name: name.upper() for name in ("location", "offset", "area", "tags")},
    **dict.fromkeys(("description", "atmosphere", "style", "quality_meta"), "TEXT"),
    "detailed_descriptions": "details",
    "distance_to_viewer": "DISTANCE",
    "HTML_web_color_name": "COLOR",
}
"""The grammar rule for the value of each field."""


# Rule names have no underscores, which llama.cpp forbids. Names in capitals are terminals, which
# llguidance matches fast. A rule with many repetitions is not in brackets, because llama.cpp
# multiplies the repetitions by the rules in the brackets and allows at most 2,000.
_NARROW = r"""root ::= "```python\n" "canvas = Canvas()\n" global region{%(min_regions)d,6} "```"
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
"""Texts and tags consist of a bounded number of whole words, so every text ends.

The description of a region must begin with a subject of the request: small models forget it
otherwise.
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
"""Texts and numbers follow Python's repr, except U+FFFD, which marks lost characters.

The demonstration composer begins with comments: the edit, the background, then each region.
"""

_CLASS = re.compile(r"""("(?:\\.|[^"\\])*")|(\[(?:\\.|[^]\\])*\])""")
"""Matches a literal or a character class of a grammar."""


class GrammarError(RuntimeError):
    """A grammar cannot be applied; the message states the reason and a remedy."""


def lark_grammar(
    width: Width = "narrow", subjects: Iterable[str] = (), min_regions: int = 2
) -> str:
    """Returns the grammar of an answer with one block of canvas code, in llguidance's Lark syntax.

    Args:
        width: The variant of the grammar.
        subjects: Lower-case words; each region's description must contain one. Applies to the
            narrow grammar only, and only if any are given.
        min_regions: Minimum number of regions in the narrow grammar.
    """
    return gbnf_to_lark(gbnf_grammar(width, subjects, min_regions))


def gbnf_to_lark(rules: str) -> str:
    """Converts a grammar of this package from GBNF to llguidance's Lark syntax."""
    lark = _CLASS.sub(lambda found: found[1] or f"/{found[2]}/", rules)
    return "start: root\n" + lark.replace(" ::= ", ": ")


def gbnf_grammar(
    width: Width = "narrow", subjects: Iterable[str] = (), min_regions: int = 2
) -> str:
    """Returns the grammar of `lark_grammar` in llama.cpp's GBNF syntax.

    Args:
        width: The variant of the grammar.
        subjects: As in `lark_grammar`.
        min_regions: Minimum number of regions in the narrow grammar.
    """
    is_wide = width == "wide"
    subject_words = [f'"{form}"' for word in subjects for form in (word, word.capitalize())]
    root = _NARROW.replace("%(min_regions)d", str(min_regions))
    narrow = f"{root}SUBJECT ::= {' | '.join(subject_words) or 'WORD'}\n"
    region_rules = _RULES if is_wide else _RULES | {"description": "ABOUT"}
    lists = (f"{_RULES[name]} ::= {_one_of(words)}\n" for name, words in FIELD_VOCABULARIES.items())
    return "".join(
        (
            _WIDE if is_wide else narrow,
            _call("global", "set_global_description", CANVAS_FIELDS, _RULES, is_wide),
            _call("region", "add_local_description", REGION_FIELDS, region_rules, is_wide),
            *lists,
        )
    )


def canvas_json_schema() -> dict[str, Any]:
    """Returns the JSON schema of a canvas; its keys are the arguments of canvas code.

    `formats.read` reads every allowed document without a diagnostic. Texts and lists are bounded,
    because truncated JSON loses its last regions. The schema avoids references and patterns, which
    few servers support.
    """
    region = {name: _schema(name) for name in REGION_FIELDS}
    canvas = {name: _schema(name) for name in CANVAS_FIELDS}
    return _object({**canvas, "regions": _list(_object(region), 8)})


def index_tokenizer(tokenizer: Any, end_tokens: Sequence[int] = ()) -> LLTokenizer:
    """Prepares a fast tokenizer of transformers for `logits_processor`; takes up to a second.

    Args:
        tokenizer: A fast tokenizer of transformers.
        end_tokens: The tokens that end an answer; by default the tokenizer's end-of-sequence token.

    Raises:
        GrammarError: llguidance is not installed, or the tokenizer is not a fast one.
    """
    try:
        from llguidance.hf import from_tokenizer
    except ImportError as error:
        raise GrammarError(
            "restricting a model to canvas code needs llguidance: pip install llguidance"
        ) from error
    try:
        return from_tokenizer(tokenizer, eos_token=list(end_tokens) or None)
    except ValueError as error:
        raise GrammarError(f"this tokenizer does not support grammars: {error}") from error


def logits_processor(tokenizer: Any, grammar: str) -> GrammarMask:
    """Returns a logits processor that enforces a grammar during one call of generate().

    Args:
        tokenizer: A fast tokenizer of transformers, or the result of `index_tokenizer`. The result
            can be reused.
        grammar: A grammar of `lark_grammar`.

    Raises:
        GrammarError: As in `index_tokenizer`; also if the grammar is invalid.
    """
    is_indexed = not hasattr(tokenizer, "get_vocab")
    return GrammarMask(tokenizer if is_indexed else index_tokenizer(tokenizer), grammar)


class GrammarMask:
    """A logits processor that masks the tokens that a grammar forbids next.

    The tokens of the first call are the prompt and need not follow the grammar. At the end of the
    grammar only the end-of-sequence token is allowed.

    Raises:
        GrammarError: The grammar is invalid.
    """

    def __init__(self, tokenizer: LLTokenizer, grammar: str) -> None:
        from llguidance import LLMatcher

        self._matcher = LLMatcher(tokenizer, grammar, log_level=0)
        self._consumed: int | None = None  # number of tokens, prompt included
        self._check()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Masks the forbidden tokens.

        Args:
            input_ids: All tokens so far [1, T].
            scores: Logits of the next token [1, V].

        Returns:
            The logits [1, V], -inf for forbidden tokens.

        Raises:
            GrammarError: The batch has more than one sequence, or the sequence violates the
                grammar.
        """
        import torch

        if len(input_ids) != 1:
            raise GrammarError("a grammar restricts one sequence: generate one without beams")
        self._advance(input_ids[0].tolist())
        bias = bytearray(self._matcher.compute_logit_bias())
        allowed = torch.frombuffer(bias, dtype=torch.uint8).to(scores.device).bool()
        vocabulary_size = min(len(allowed), scores.shape[1])  # an embedding may be padded
        masked = torch.full_like(scores, float("-inf"))
        masked[:, :vocabulary_size] = scores[:, :vocabulary_size].masked_fill(
            ~allowed[:vocabulary_size], float("-inf")
        )
        return masked

    def forced_tokens(self, sequence: Sequence[int]) -> list[int]:
        """Returns the tokens that must follow a sequence because the grammar leaves no choice.

        Args:
            sequence: The prompt and all tokens so far.
        """
        self._advance(sequence)
        return [] if self._matcher.is_stopped() else list(self._matcher.compute_ff_tokens())

    def _advance(self, sequence: Sequence[int]) -> None:
        """Feeds the new tokens of a sequence to the matcher; the first sequence is the prompt."""
        if (
            self._consumed is not None and not self._matcher.is_stopped()
        ):  # then only the end-of-sequence token follows
            self._matcher.consume_tokens(list(sequence[self._consumed :]))
            self._check()
        self._consumed = len(sequence)

    def _check(self) -> None:
        if self._matcher.is_error():
            raise GrammarError(f"the grammar cannot be applied: {self._matcher.get_error()}")


def _call(
    rule: str, method: str, fields: Iterable[str], values: Mapping[str, str], is_wide: bool
) -> str:
    """Returns the grammar rule of a call in canvas code.

    Args:
        rule: The name of the rule.
        method: The name of the called method.
        fields: The arguments of the call.
        values: The grammar rule of each argument's value.
        is_wide: Whether a comment may precede the call and a `syntax` argument may end it.
    """
    note, syntax = ("NOTE?", "syntax?") if is_wide else ("", "")
    arguments = " ".join(rf'"    {name}=" {values[name]} ",\n"' for name in fields)
    return rf'{rule} ::= "\n" {note} "canvas.{method}(\n" {arguments} {syntax} ")\n"' + "\n"


def _one_of(words: Iterable[str]) -> str:
    return " | ".join(f"\"'{word}'\"" for word in words)


def _schema(field: str) -> dict[str, Any]:
    """Returns the JSON schema of a field's value."""
    if field in FIELD_VOCABULARIES:
        return {"type": "string", "enum": list(FIELD_VOCABULARIES[field])}
    if field == "distance_to_viewer":
        return {"type": "integer", "enum": list(range(1, 11))}  # some servers ignore bounds
    if field == "detailed_descriptions":
        return _list(_text(160), 5)
    return _text(240 if field == "tags" else 160)


def _text(max_characters: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": max_characters}


def _list(items: dict[str, Any], max_items: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": max_items}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
