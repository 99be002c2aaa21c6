"""A1111 as a host: what it can sample, how it encodes, where a regional pass takes part."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

from modules import sd_hijack, sd_unet, shared

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.a1111 import text_encoding
from lib_omost.hosts.a1111.cross_attention import cross_attentions
from lib_omost.hosts.a1111.sampling_hooks import A1111Hooks
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.prompt_syntax import check_syntax
from lib_omost.text.sub_prompt import Bag, SubPrompt


class A1111Host:
    """The running A1111 and the checkpoint that it has loaded."""

    name = "a1111"

    def unsupported(self) -> str | None:
        """Say in one sentence why the loaded model cannot be used, None when it can."""
        model = shared.sd_model
        if model is None:
            return "No checkpoint is loaded."
        unet = getattr(model.model, "diffusion_model", None)
        if unet is None or not cross_attentions(unet) or not text_encoding.clip_models(model):
            return (
                f"A {type(model).__name__} model has no cross-attention that regions could steer; "
                "Omost works with SD1, SD2 and SDXL."
            )
        if model.cond_stage_key == "edit":
            return "An instruct-pix2pix model follows a picture, so regions cannot steer it."
        if option := sd_unet.get_unet_option():
            return (
                f"The UNet {option.label!r} answers instead of the checkpoint's, out of reach of "
                'regions; set "SD Unet" to None in the settings.'
            )
        return None

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Count a sub-prompt's tokens without begin and end, as `encode_bags` will see them.

        Raises PromptSyntaxError where the host's syntax in it cannot be used in a region.
        """
        check_syntax(sub_prompt)
        encoder = text_encoding.text_encoders(shared.sd_model)[0]
        return len(encoder.read([sub_prompt]).tokens)

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encode each bag as one 77-token chunk, exactly as A1111 encodes a prompt.

        Raises ValueError for a bag of more than 75 tokens.
        """
        return text_encoding.encode(shared.sd_model, bags)

    def encoding_key(self) -> Hashable:
        """Everything outside the text that changes an encoding.

        Text encoders and embeddings are the loaded ones, told apart by identity without keeping
        them alive: the host makes new ones whenever it loads a checkpoint or embeddings.
        """
        embeddings = sd_hijack.model_hijack.embedding_db.word_embeddings
        opts = shared.opts
        return (
            tuple(map(weakref.ref, text_encoding.clip_models(shared.sd_model))),
            tuple(map(weakref.ref, embeddings.values())),
            _loaded_networks(),
            opts.CLIP_stop_at_last_layers,
            opts.sdxl_clip_l_skip,
            opts.emphasis,
        )

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Let `regional_pass` answer for the positive rows of the sampling that comes next.

        Leaving is safe to repeat and removes everything that was installed.
        """
        hooks = A1111Hooks(regional_pass)
        try:
            hooks.install()
            yield
        finally:
            hooks.remove()


def _loaded_networks() -> Hashable:
    """The LoRA that are active and how strongly they act on text encoders.

    They live in the host's built-in extension, whose modules are imported by their bare names.
    """
    networks = getattr(sys.modules.get("networks"), "loaded_networks", [])
    return tuple((net.name, net.mtime, net.te_multiplier, net.dyn_dim) for net in networks)
