"""The one protocol that A1111, Forge and diffusers implement."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.text.sub_prompt import Bag, SubPrompt


@dataclass(frozen=True, eq=False)
class EncodedBags:
    """The text encoder's output: context [bags, 77, C]; pooled [bags, P] on SDXL, else None."""

    context: torch.Tensor
    pooled: torch.Tensor | None = None


class Host(Protocol):
    """A program that samples pictures: it encodes bags and lets a regional pass take part."""

    name: str

    def unsupported(self) -> str | None:
        """Say in one sentence why the loaded model cannot be used, None when it can."""

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Count a sub-prompt's tokens without begin and end, as `encode_bags` will see them.

        Raises PromptSyntaxError where the host's syntax in it cannot be used in a region.
        """

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encode each bag as one 77-token chunk, exactly as the host encodes a prompt."""

    def encoding_key(self) -> Hashable:
        """Everything outside the text that changes an encoding: checkpoint, LoRA, clip skip."""

    def sampling(self, regional_pass: RegionalPass) -> AbstractContextManager[None]:
        """Install the hooks that let `regional_pass` answer for the positive rows.

        Leaving is safe to repeat and removes everything that entering installed.
        """
