"""What a language model is asked for by the prompts of a job's images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.settings import TIED
from lib_omost.text.prompt_syntax import has_several_prompts, parse_emphasis, remove_extra_networks

AND_JOINS = (
    "AND in the prompt joins several, which are no request for one canvas; take it out, or choose "
    "the canvas on the page"
)
NOTHING_ASKED = (
    "says nothing that a canvas could be composed from: say what the picture is to show, or choose "
    "the canvas on the page"
)


class RequestError(ValueError):
    """A prompt that nothing can be composed from; the message says why and what would do."""


def orders(
    order: ComposeRequest, prompts: Sequence[str], seeds: Sequence[int], seed: int = TIED
) -> list[ComposeRequest]:
    """Order a canvas for each image of a job, with its own seed or a fixed one.

    order: how to compose. prompts: with styles and all that extensions put in. Raises RequestError.
    """
    asked: list[ComposeRequest] = []
    for number, (prompt, own) in enumerate(zip(prompts, seeds, strict=False), start=1):
        if has_several_prompts(prompt):
            raise RequestError(AND_JOINS)
        request = request_of(prompt)
        if not request:
            which = f"the prompt of picture {number}" if len(prompts) > 1 else "the prompt"
            raise RequestError(f"{which} {NOTHING_ASKED}")
        conversation = Conversation().ask(request, int(own) if seed == TIED else seed)
        asked.append(replace(order, conversation=conversation))
    return asked


def request_of(prompt: str) -> str:
    """The words of a prompt: without tags of extra networks, emphasis, BREAK and line ends."""
    words = "".join(text for text, _ in parse_emphasis(remove_extra_networks(prompt)))
    return " ".join(word for word in words.split() if word != "BREAK").strip(" ,")
