"""Collects the texts that begin every bag of a condition, and the texts that follow them.

A condition is the whole picture or one region. Its first texts are prefixes, the others suffixes.
The descriptions form a tree with the global description at its root. The prefixes of a condition
are the path from the root to the condition; its details are the suffixes.
Source: docs/omost-format.md, "Bags and prefix paths".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Canvas, Region, Syntax
from lib_omost.canvas.prompt_texts import normalise, suffix_texts
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import SubPrompt, quote


@dataclass(frozen=True)
class PromptPath:
    """The texts of one condition.

    Attributes:
        prefixes: Sub-prompts that begin every bag.
        suffixes: Sub-prompts that are distributed over the bags.
    """

    prefixes: tuple[SubPrompt, ...]
    suffixes: tuple[SubPrompt, ...]


def prompt_paths(
    canvas: Canvas,
    *,
    canvas_text: Syntax = "plain",
    common_prefix: SubPrompt | None = None,
    with_global_prefix: bool = True,
) -> tuple[PromptPath, ...]:
    """Returns the prompt path of each condition: the global one, then the regions far to near.

    Args:
        canvas: The canvas.
        canvas_text: "webui" reads all texts of the canvas in the host's prompt syntax. With "plain"
            the canvas or a region can still ask for that syntax itself.
        common_prefix: Text that begins every path, before the global description.
        with_global_prefix: True if the global description is a prefix of the regions.

    Returns:
        The paths.

    Raises:
        PromptSyntaxError: A text uses prompt syntax that regions do not support.
    """

    def build_sub_prompts(
        texts: Iterable[str], syntax: Syntax, owner: str
    ) -> tuple[SubPrompt, ...]:
        syntax = "webui" if canvas_text == "webui" else syntax
        normalised = (SubPrompt(normalise(text), syntax, owner) for text in texts)
        sub_prompts = tuple(sub_prompt for sub_prompt in normalised if sub_prompt.text)
        for sub_prompt in sub_prompts:
            check_syntax(sub_prompt)
        return sub_prompts

    root: tuple[SubPrompt, ...] = ()
    if common_prefix is not None and normalise(common_prefix.text):
        root = (replace(common_prefix, text=normalise(common_prefix.text)),)
        check_syntax(root[0])

    owner = "the whole picture"
    description = build_sub_prompts([canvas.description], canvas.syntax, owner)
    details = build_sub_prompts(suffix_texts(canvas), canvas.syntax, owner)
    paths = [PromptPath(root + description, details)]
    prefixes = root + description if with_global_prefix else root
    for region in canvas.far_to_near():
        owner = _region_name(canvas, region)
        description = build_sub_prompts([region.description], region.syntax, owner)
        details = build_sub_prompts(suffix_texts(region), region.syntax, owner)
        paths.append(PromptPath(prefixes + description, details))
    return tuple(paths)


def _region_name(canvas: Canvas, region: Region) -> str:
    """Names a region by its number on the page, where 1 is the nearest, and its description."""
    number = canvas.depth_numbers()[canvas.regions.index(region)]
    return f"region {number} ({quote(region.description)})"
