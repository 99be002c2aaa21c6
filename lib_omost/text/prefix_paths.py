"""The prompt prefix tree: which sub-prompts lead to a region and which describe it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Canvas, Region, Syntax
from lib_omost.canvas.sub_prompts import normalise, suffix_texts
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import SubPrompt, quoted


@dataclass(frozen=True)
class PromptPath:
    """The prefixes that every bag of a condition starts with, and the suffixes to be bagged."""

    prefixes: tuple[SubPrompt, ...]
    suffixes: tuple[SubPrompt, ...]


def prompt_paths(
    canvas: Canvas,
    *,
    canvas_text: Syntax = "plain",
    everywhere: SubPrompt | None = None,
    shared_prefix: bool = True,
) -> tuple[PromptPath, ...]:
    """Return the path of each condition: the whole picture's, then the regions' far to near.

    canvas_text: "webui" reads the whole canvas in the host's syntax; with "plain" a canvas or a
    region may still ask for that syntax itself.
    everywhere: a text that leads every path, before the global description.
    shared_prefix: whether the global description leads the regions too.

    Raises PromptSyntaxError where webui syntax asks for what a region cannot do.
    """

    def readable(texts: Iterable[str], syntax: Syntax, owner: str) -> tuple[SubPrompt, ...]:
        syntax = "webui" if canvas_text == "webui" else syntax
        stripped = (SubPrompt(normalise(text), syntax, owner) for text in texts)
        kept = tuple(sub_prompt for sub_prompt in stripped if sub_prompt.text)
        for sub_prompt in kept:
            check_syntax(sub_prompt)
        return kept

    root: tuple[SubPrompt, ...] = ()
    if everywhere is not None and normalise(everywhere.text):
        root = (replace(everywhere, text=normalise(everywhere.text)),)
        check_syntax(root[0])

    whole = "the whole picture"
    description = readable([canvas.description], canvas.syntax, whole)
    details = readable(suffix_texts(canvas), canvas.syntax, whole)
    paths = [PromptPath(root + description, details)]
    shared = root + description if shared_prefix else root
    for region in canvas.far_to_near():
        owner = _name(canvas, region)
        own = readable([region.description], region.syntax, owner)
        details = readable(suffix_texts(region), region.syntax, owner)
        paths.append(PromptPath(shared + own, details))
    return tuple(paths)


def _name(canvas: Canvas, region: Region) -> str:
    return f"region {canvas.regions.index(region) + 1} ({quoted(region.description)})"
