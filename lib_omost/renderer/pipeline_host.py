"""Implements the Host protocol for a diffusers pipeline."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.renderer.pipeline_loading import PIPELINES, UnsupportedModelError
from lib_omost.renderer.text_encoding import encode_bags, text_encoders
from lib_omost.renderer.unet_hooks import PipelineHooks
from lib_omost.text.bags import Bag
from lib_omost.text.sub_prompt import SubPrompt


class PipelineHost:
    """A diffusers pipeline of SD1, SD2 or SDXL as a host."""

    name = "embedded"

    def __init__(self, pipeline: Any) -> None:
        """Wraps a pipeline.

        Args:
            pipeline: The pipeline, or an object with its text encoders, tokenizers and UNet.
        """
        self.pipeline = pipeline
        self._loras: dict[str, float] = {}

    def unsupported_reason(self) -> str | None:
        """Explains in one sentence why the pipeline cannot be used; returns None if it can."""
        pipeline_class = type(self.pipeline).__name__
        if pipeline_class not in PIPELINES.values():
            return f"A {pipeline_class} has no cross-attention that could follow a canvas."
        if self.pipeline.unet.config.in_channels != 4:
            return "The model edits pictures; only text-to-image models can be used."
        return None

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        """Counts a sub-prompt's tokens without the begin and end tokens.

        Both text encoders of SDXL have the same tokens.
        """
        return len(text_encoders(self.pipeline)[0].tokenize(sub_prompt))

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        """Encodes each bag as one prompt chunk, with the loaded LoRA."""
        return encode_bags(self.pipeline, bags)

    def encoding_key(self) -> Hashable:
        """Identifies the state of the text encoders: the pipeline and its LoRA."""
        return id(self.pipeline.text_encoder), tuple(self._loras.items())

    def add_lora(self, file: str, weight: float) -> None:
        """Loads a LoRA for the UNet and the text encoders, in addition to those loaded before.

        Args:
            file: The LoRA's file.
            weight: Its strength; 1 is the strength that it was trained for.

        Raises:
            UnsupportedModelError: The file is not a LoRA, or not one for this model.
        """
        name = f"lora_{len(self._loras)}"
        try:
            self.pipeline.load_lora_weights(file, adapter_name=name)
        except Exception as error:  # a broken file makes the loaders raise anything
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
        """Installs the attention hooks in the UNet for one call of a pipeline.

        Args:
            regional_pass: Computes the positive batch rows.
            running: The called pipeline, if it is another one that shares the UNet.
            prompt_tokens: Number of tokens of the positive batch rows that belong to the prompt.
                None stands for all tokens. See PipelineHooks.
        """
        called = running or self.pipeline

        def timesteps() -> Any:
            return called.scheduler.timesteps[-called.num_timesteps :]

        hooks = PipelineHooks(regional_pass, timesteps, prompt_tokens)
        return hooks.installed(self.pipeline.unet)
