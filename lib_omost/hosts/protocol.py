"""Defines the Host protocol, implemented for A1111, the Forge family and the diffusers renderer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.text.bags import Bag
from lib_omost.text.sub_prompt import SubPrompt


@dataclass(frozen=True, eq=False)
class EncodedBags:
    """The text encoder's output for several bags.

    Attributes:
        context: Context [bags, 77, C].
        pooled: Pooled vectors [bags, P] on SDXL, else None.
    """

    context: torch.Tensor
    pooled: torch.Tensor | None = None


class Host(Protocol):
    """A program that samples images; it encodes bags and installs the hooks of a regional pass."""

    name: str

    def unsupported_reason(self) -> str | None:
        """Explains in one sentence why the loaded model cannot be used; returns None if it can."""

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Counts the tokens of a sub-prompt as `encode_bags` does, without begin and end tokens.

        Args:
            sub_prompt: The sub-prompt.

        Returns:
            Number of tokens.

        Raises:
            PromptSyntaxError: The text uses prompt syntax that regions do not support.
        """

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encodes each bag as one 77-token chunk, exactly as the host encodes a prompt.

        Args:
            bags: The bags.

        Returns:
            Context [bags, 77, C] and, on SDXL, pooled vectors [bags, P].

        Raises:
            ValueError: A bag has more than 75 tokens.
        """

    def encoding_key(self) -> Hashable:
        """Returns all that changes an encoding besides the text: checkpoint, LoRA, CLIP skip.

        Weak references name the text encoders. Encodings of dead ones leave the cache.
        """

    def sampling(self, regional_pass: RegionalPass) -> AbstractContextManager[None]:
        """Installs the hooks of a regional pass on entering and removes them on leaving.

        The hooks compute the cross-attention of the positive batch rows with the regional pass.
        Leaving a second time does nothing.

        Args:
            regional_pass: The regional pass.
        """
