"""Converts the JSON schemas of answers to grammars in GBNF.

llama.cpp converts schemas itself, but its texts do not end by themselves: a small model fills them
up. The texts of this grammar consist of a bounded number of words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

CHARACTERS_PER_WORD = 7
"""Characters of `maxLength` for each word that a text may have."""

_WORD = r'WORD ::= [^"\\ \x00-\x1f\x7f\ufffd]{1,20}' + "\n"


def json_gbnf(schema: Mapping[str, Any]) -> str:
    """Returns a grammar of the documents of a schema, written as json.dumps writes them.

    Args:
        schema: A JSON schema of objects whose properties are all required, arrays with minItems and
            maxItems, enumerations, texts with maxLength, and alternatives (anyOf).
    """
    rules: dict[str, str] = {}
    root = _rule(schema, rules, "answer")
    names = "".join(f"{name} ::= {rule}\n" for name, rule in rules.items())
    return f"root ::= {root}\n{names}{_WORD}"


def _rule(schema: Mapping[str, Any], rules: dict[str, str], name: str) -> str:
    """Adds the rules of a schema and returns an expression for it."""
    if "anyOf" in schema:
        options = [
            _rule(option, rules, f"{name}{number}") for number, option in enumerate(schema["anyOf"])
        ]
        return _named(rules, name, " | ".join(options))
    if "enum" in schema:
        words = (_literal(json.dumps(value, ensure_ascii=False)) for value in schema["enum"])
        return _named(rules, name, " | ".join(words))
    if schema["type"] == "array":
        item = _rule(schema["items"], rules, f"{name}item")
        least, most = schema["minItems"], schema["maxItems"]
        rest = f'(", " {item}){{{least - 1},{most - 1}}}' if most > 1 else ""
        return _named(rules, name, f'"[" {item} {rest} "]"')
    if schema["type"] == "object":
        members = [
            f"{_literal(f'{json.dumps(key)}: ')} {_rule(value, rules, f'{name}{_plain(key)}')}"
            for key, value in schema["properties"].items()
        ]
        return _named(rules, name, f'"{{" {_COMMA.join(members)} "}}"')
    words = max(schema["maxLength"] // CHARACTERS_PER_WORD, 2)
    return _named(rules, f"TEXT{words}", rf'"\"" WORD (" " WORD){{0,{words - 1}}} "\""')


_COMMA = ' ", " '


def _named(rules: dict[str, str], name: str, rule: str) -> str:
    """Adds a rule under a name and returns the name; equal rules share the first name."""
    known = next((other for other, text in rules.items() if text == rule), None)
    if known is None:
        rules[name] = rule
    return known or name


def _plain(key: str) -> str:
    return re.sub(r"[^a-z]", "", key)  # llama.cpp forbids underscores, llguidance hyphens


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
