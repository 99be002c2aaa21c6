"""Implements the Host protocol for the running Forge, of either generation, and its checkpoint."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from modules import shared

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.forge.backend import memory_management, text_encoding
from lib_omost.hosts.forge.cross_attention import is_unet
from lib_omost.hosts.forge.sampling_hooks import ForgeHooks
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import SubPrompt

EDIT_CHANNELS = 8
"""Input channels of an instruct-pix2pix UNet: the latent and the latent of the edited picture."""


class ForgeHost:
    """The running Forge and its loaded checkpoint."""

    name = "forge"

    def unsupported_reason(self) -> str | None:
        """Explains in one sentence why the loaded model cannot be used; returns None if it can."""
        model = shared.sd_model
        if getattr(model, "forge_objects", None) is None:
            return "No checkpoint is loaded."
        unet = model.forge_objects.unet.model.diffusion_model
        if not is_unet(unet) or not text_encoding.build_text_encoders(model):
            return (
                f"A {type(model).__name__} model has no cross-attention that regions could steer; "
                "Omost works with SD1, SD2 and SDXL."
            )
        if unet.in_channels == EDIT_CHANNELS:
            return "An instruct-pix2pix model edits a picture; regions cannot steer it."
        return None

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Counts the tokens of a sub-prompt as `encode_bags` does, without begin and end tokens.

        Args:
            sub_prompt: The sub-prompt.

        Returns:
            Number of tokens.

        Raises:
            PromptSyntaxError: The text uses prompt syntax that regions do not support.
        """
        check_syntax(sub_prompt)
        encoder = text_encoding.build_text_encoders(shared.sd_model)[0]
        return len(encoder.tokenize([sub_prompt]).tokens)

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encodes each bag as one 77-token chunk, exactly as Forge encodes a prompt.

        Args:
            bags: The bags.

        Returns:
            Context [bags, 77, C] and, on SDXL, pooled vectors [bags, P].

        Raises:
            ValueError: A bag has more than 75 tokens.
        """
        model = shared.sd_model
        memory_management.load_model_gpu(model.forge_objects.clip.patcher)
        return text_encoding.encode_bags(model, bags)

    def encoding_key(self) -> Hashable:
        """Returns everything except the text that changes an encoding.

        A weak reference identifies the loaded text encoders without extending their life. A
        checkpoint that is loaded again gets a new key, because its file or an embedding may have
        changed.
        """
        clip = shared.sd_model.forge_objects.clip
        return (
            weakref.ref(clip.cond_stage_model),
            _lora_key(clip.patcher),
            text_encoding.embeddings_key(),
            int(shared.opts.CLIP_stop_at_last_layers),
            shared.opts.emphasis,
        )

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Installs the hooks of a regional pass on entering and removes them on leaving.

        Leaving a second time does nothing.

        Args:
            regional_pass: The regional pass.
        """
        hooks = ForgeHooks(regional_pass)
        hooks.install()
        try:
            yield
        finally:
            hooks.remove()


def _lora_key(patcher: Any) -> Hashable:
    """Returns a key of the LoRAs that patch a text encoder.

    Forge lists the LoRAs. Forge Neo and reForge create a new id whenever they change, Forge Classic
    a new patcher.

    Args:
        patcher: The text encoder's model patcher.
    """
    if hasattr(patcher, "patches_uuid"):
        return str(patcher.patches_uuid)
    if hasattr(patcher, "lora_patches"):
        return tuple(patcher.lora_patches)
    return weakref.ref(patcher)
