"""Builds the requests that compose a canvas from each prompt of a generation job."""

from __future__ import annotations

from collections.abc import Sequence

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.settings import IMAGE_SEED
from lib_omost.text.prompt_syntax import has_several_prompts, parse_emphasis, remove_extra_networks

AND_JOINS_PROMPTS = (
    "AND in the prompt joins several prompts, but one canvas needs one request: remove AND, or "
    "use the canvas on the page"
)
EMPTY_PROMPT = (
    "has no words to compose a canvas from: describe the picture, or use the canvas on the page"
)


class PromptRequestError(ValueError):
    """Reports a prompt that no canvas can be composed from; the message says what to change."""


def requests_from_prompts(
    settings: ComposeSettings,
    prompts: Sequence[str],
    seeds: Sequence[int],
    seed: int = IMAGE_SEED,
) -> list[ComposeRequest]:
    """Builds one request for each image of a job.

    Args:
        settings: Settings of composing.
        prompts: Final prompt of each image, after styles and other extensions.
        seeds: Seed of each image.
        seed: Seed of all requests. IMAGE_SEED uses the seed of each image.

    Raises:
        PromptRequestError: A prompt has no words, or joins several prompts with AND.
    """
    requests: list[ComposeRequest] = []
    for number, (prompt, image_seed) in enumerate(zip(prompts, seeds, strict=False), start=1):
        if has_several_prompts(prompt):
            raise PromptRequestError(AND_JOINS_PROMPTS)
        words = request_from_prompt(prompt)
        if not words:
            subject = f"the prompt of picture {number}" if len(prompts) > 1 else "the prompt"
            raise PromptRequestError(f"{subject} {EMPTY_PROMPT}")
        used_seed = int(image_seed) if seed == IMAGE_SEED else seed
        requests.append(ComposeRequest(Conversation().add_request(words, used_seed), settings))
    return requests


def request_from_prompt(prompt: str) -> str:
    """Returns the words of a prompt without extra network tags, emphasis, BREAK and line ends."""
    words = "".join(text for text, _ in parse_emphasis(remove_extra_networks(prompt)))
    return " ".join(word for word in words.split() if word != "BREAK").strip(" ,")
