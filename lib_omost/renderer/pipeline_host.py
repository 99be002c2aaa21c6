"""The host protocol on a diffusers pipeline."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.renderer.pipeline_loading import PIPELINES, UnsupportedModelError
from lib_omost.renderer.text_encoding import encode_bags, text_encoders
from lib_omost.renderer.unet_hooks import PipelineHooks
from lib_omost.text.sub_prompt import Bag, SubPrompt


class PipelineHost:
    """A diffusers pipeline of SD1, SD2 or SDXL as a host.

    pipeline: may be any that has the text encoders and the UNet.
    """

    name = "embedded"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self._loras: dict[str, float] = {}

    def unsupported(self) -> str | None:
        """Say in one sentence why the pipeline cannot be used, None when it can."""
        kind = type(self.pipeline).__name__
        if kind not in PIPELINES.values():
            return f"A {kind} has no cross-attention that could follow a canvas."
        if self.pipeline.unet.config.in_channels != 4:
            return "The model edits pictures; only one that makes them from text can be used."
        return None

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Count a sub-prompt's tokens without begin and end; both of SDXL's encoders agree."""
        return len(text_encoders(self.pipeline)[0].tokens(sub_prompt))

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encode each bag as one chunk, with the LoRA that is loaded."""
        return encode_bags(self.pipeline, bags)

    def encoding_key(self) -> Hashable:
        """The pipeline and its LoRA."""
        return id(self.pipeline.text_encoder), tuple(self._loras.items())

    def add_lora(self, file: str, weight: float) -> None:
        """Load a LoRA for UNet and text encoders beside those that are loaded.

        Raises UnsupportedModelError for a file that is none, or is for another model.
        """
        name = f"lora_{len(self._loras)}"
        try:
            self.pipeline.load_lora_weights(file, adapter_name=name)
        except Exception as error:  # whatever a broken file makes the loaders raise
            raise UnsupportedModelError(f"cannot load the LoRA {file}: {error}") from error
        self._loras[name] = weight
        self.pipeline.set_adapters(list(self._loras), list(self._loras.values()))

    def sampling(
        self,
        regional_pass: RegionalPass,
        *,
        running: Any = None,
        prompt_tokens: int | None = None,
    ) -> AbstractContextManager[None]:
        """Let `regional_pass` answer for the positive rows of one call of a pipeline.

        running: the pipeline that is called, if it is another one with the same UNet.
        prompt_tokens: as for Hooks; all of the positive rows' tokens where None.
        """
        running = running or self.pipeline
        hooks = PipelineHooks(regional_pass, lambda: int(running.num_timesteps), prompt_tokens)
        return hooks.installed(self.pipeline.unet)
