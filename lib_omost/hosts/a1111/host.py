"""Implements the Host protocol for the running A1111 and its loaded checkpoint."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from modules import sd_unet, shared

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts import hijacked_text_encoding as text_encoding
from lib_omost.hosts.a1111.cross_attention import find_cross_attentions
from lib_omost.hosts.a1111.sampling_hooks import A1111Hooks
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import SubPrompt


class A1111Host:
    """The running A1111 and its loaded checkpoint."""

    name = "a1111"

    def unsupported_reason(self) -> str | None:
        """Explains in one sentence why the loaded model cannot be used; returns None if it can."""
        model = shared.sd_model
        if model is None:
            return "No checkpoint is loaded."
        unet = getattr(model.model, "diffusion_model", None)
        if (
            unet is None
            or not find_cross_attentions(unet)
            or not text_encoding.find_clip_models(model)
        ):
            return (
                f"A {type(model).__name__} model has no cross-attention that regions could steer; "
                "Omost works with SD1, SD2 and SDXL."
            )
        if model.cond_stage_key == "edit":
            return "An instruct-pix2pix model edits a picture; regions cannot steer it."
        if option := sd_unet.get_unet_option():
            return (
                f"The UNet {option.label!r} replaces the checkpoint's UNet, and regions cannot "
                'steer it; set "SD Unet" to None in the settings.'
            )
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
        """Encodes each bag as one 77-token chunk, exactly as A1111 encodes a prompt.

        Args:
            bags: The bags.

        Returns:
            Context [bags, 77, C] and, on SDXL, pooled vectors [bags, P].

        Raises:
            ValueError: A bag has more than 75 tokens.
        """
        _move_text_encoders(shared.sd_model)
        return text_encoding.encode_bags(shared.sd_model, bags)

    def encoding_key(self) -> Hashable:
        """Returns everything except the text that changes an encoding.

        Weak references identify the loaded text encoders without extending their life; the host
        creates new objects whenever it loads a checkpoint.
        """
        opts = shared.opts
        return (
            tuple(map(weakref.ref, text_encoding.find_clip_models(shared.sd_model))),
            text_encoding.embeddings_key(),
            _active_loras(),
            opts.CLIP_stop_at_last_layers,
            opts.sdxl_clip_l_skip,
            opts.emphasis,
        )

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Installs the hooks of a regional pass on entering and removes them on leaving.

        Leaving a second time does nothing.

        Args:
            regional_pass: The regional pass.
        """
        hooks = A1111Hooks(regional_pass)
        try:
            hooks.install()
            yield
        finally:
            hooks.remove()


def _move_text_encoders(model: Any) -> None:
    """Runs the hooks that move SDXL's text encoders to the GPU under medvram and lowvram.

    The hooks belong to the conditioner, and a call of one of its text encoders does not run them.
    On SD1 and SD2 they belong to the text encoder's own modules.
    """
    conditioner = getattr(model, "conditioner", None)
    if conditioner is not None:
        for hook in list(conditioner._forward_pre_hooks.values()):
            hook(conditioner, ())


def _active_loras() -> Hashable:
    """Returns the active LoRAs and their strengths on the text encoders.

    The host's built-in extension holds them; its modules are imported under their bare names.
    """
    networks = getattr(sys.modules.get("networks"), "loaded_networks", [])
    return tuple((net.name, net.mtime, net.te_multiplier, net.dyn_dim) for net in networks)
