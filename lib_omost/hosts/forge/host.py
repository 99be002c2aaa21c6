"""Forge as a host: what it can sample, how it encodes, where a regional pass takes part."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

from backend.nn.unet import IntegratedUNet2DConditionModel
from modules import shared

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.forge.sampling_hooks import ForgeHooks
from lib_omost.hosts.forge.text_encoding import clip_engines, encode, patches_key, text_encoders
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import Bag, SubPrompt

EDIT_CHANNELS = 8
"""What the UNet of an instruct-pix2pix model takes: a latent and the latent of a picture."""


class ForgeHost:
    """The running Forge and the checkpoint that it has loaded."""

    name = "forge"

    def unsupported(self) -> str | None:
        """Say in one sentence why the loaded model cannot be used, None when it can."""
        model = shared.sd_model
        if getattr(model, "forge_objects", None) is None:
            return "No checkpoint is loaded."
        unet = model.forge_objects.unet.model.diffusion_model
        if not isinstance(unet, IntegratedUNet2DConditionModel) or not clip_engines(model):
            return (
                f"A {type(model).__name__} model has no cross-attention that regions could steer; "
                "Omost works with SD1, SD2 and SDXL."
            )
        if unet.in_channels == EDIT_CHANNELS:
            return "An instruct-pix2pix model follows a picture, so regions cannot steer it."
        return None

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Count a sub-prompt's tokens without begin and end, as `encode_bags` will see them.

        Raises PromptSyntaxError where the host's syntax in it cannot be used in a region.
        """
        check_syntax(sub_prompt)
        return len(text_encoders(shared.sd_model)[0].read([sub_prompt]).tokens)

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encode each bag as one 77-token chunk, exactly as Forge encodes a prompt.

        Raises ValueError for a bag of more than 75 tokens.
        """
        return encode(shared.sd_model, bags)

    def encoding_key(self) -> Hashable:
        """Everything outside the text that changes an encoding.

        The text encoders are the loaded ones, told apart by identity without keeping them alive:
        a checkpoint read again from its file may have changed there, and embeddings with it.
        """
        clip = shared.sd_model.forge_objects.clip
        return (
            weakref.ref(clip.cond_stage_model),
            patches_key(clip.patcher),
            int(shared.opts.CLIP_stop_at_last_layers),
            shared.opts.emphasis,
        )

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Let `regional_pass` answer for the positive rows of the sampling that comes next.

        Leaving is safe to repeat and removes everything that was installed.
        """
        hooks = ForgeHooks(regional_pass)
        hooks.install()
        try:
            yield
        finally:
            hooks.remove()
