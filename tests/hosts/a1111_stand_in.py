"""Stand-ins for the A1111 modules that the hooks use, around ldm's real UNet.

They imitate only behaviour that the conformance run checks in the real program: the order of batch
rows and UNet calls, the callbacks, and the interface of the text encoder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from ldm.modules.diffusionmodules.openaimodel import UNetModel
from torch import nn

from lib_omost.text.prompt_syntax import parse_emphasis
from tests.hosts.stand_in_modules import forget

WIDTH = 16
"""Channels of the context."""
OMEGACONF = ("omegaconf", "omegaconf.listconfig")


def tiny_unet(seed: int = 0, context_dim: int = WIDTH) -> UNetModel:
    """Builds a real UNet with attention at two levels; zero weights are replaced."""
    torch.manual_seed(seed)
    # The constructor only tests whether an argument is an omegaconf list.
    with pytest.MonkeyPatch.context() as patch:
        for name in OMEGACONF:
            patch.setitem(sys.modules, name, _module(name, {"ListConfig": list}))
        unet = UNetModel(
            image_size=8,
            in_channels=4,
            out_channels=4,
            model_channels=32,
            attention_resolutions=[1, 2],
            num_res_blocks=1,
            channel_mult=[1, 2],
            num_heads=4,
            use_spatial_transformer=True,
            context_dim=context_dim,
            legacy=False,
        )
    for weight in unet.parameters():
        if not weight.any():
            nn.init.normal_(weight, std=0.05)
    return unet.eval()


class Wrapper(nn.Module):
    """ldm's DiffusionWrapper with text conditioning only."""

    def __init__(self, unet: nn.Module) -> None:
        super().__init__()
        self.diffusion_model = unet

    def forward(
        self, x: torch.Tensor, t: torch.Tensor, c_crossattn: list[torch.Tensor]
    ) -> torch.Tensor:
        out: torch.Tensor = self.diffusion_model(x, t, context=torch.cat(c_crossattn, 1))
        return out


def checkpoint(name: str, unet: nn.Module, **more: Any) -> SimpleNamespace:
    """Returns a loaded checkpoint."""
    info = SimpleNamespace(filename=f"{name}.safetensors", name_for_extra=name)
    return SimpleNamespace(
        model=Wrapper(unet), cond_stage_key="txt", sd_checkpoint_info=info, **more
    )


class Encoder(nn.Module):
    """A text encoder: each word is one token, and its vector repeats the token id.

    calls: tokens, multipliers and fixes of each call.
    """

    id_start, id_end, chunk_length = 0, 1, 75

    def __init__(self, width: int = 2, return_pooled: bool = False) -> None:
        super().__init__()
        self.width = width
        self.return_pooled = return_pooled
        self.words: list[str] = ["<start>", "<end>"]
        self.embeddings: dict[int, Any] = {}
        self.hijack = SimpleNamespace(
            fixes=None, embedding_db=SimpleNamespace(find_embedding_at_position=self._embedding)
        )
        self.calls: list[tuple[Any, Any, Any]] = []

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self.id_of(word) for word in text.split()] for text in texts]

    def id_of(self, word: str) -> int:
        if word not in self.words:
            self.words.append(word)
        return self.words.index(word)

    def _embedding(self, tokens: list[int], position: int) -> tuple[Any, int | None]:
        found = self.embeddings.get(tokens[position])
        return (found, 1) if found else (None, None)

    def process_tokens(
        self, tokens: list[list[int]], multipliers: list[list[float]]
    ) -> torch.Tensor:
        self.calls.append((tokens, multipliers, self.hijack.fixes))
        self.hijack.fixes = None
        z = torch.tensor(tokens, dtype=torch.float32)[..., None].repeat(1, 1, self.width)
        if self.return_pooled:
            z.pooled = z[:, 1]
        return z


class Callbacks(ModuleType):
    """modules.script_callbacks: the denoiser runs the callbacks and hides their errors."""

    def __init__(self) -> None:
        super().__init__("modules.script_callbacks")
        self.registered: list[Callable[[Any], None]] = []
        self.callback_map = {"callbacks_cfg_denoiser": self.registered}
        self.swallowed: list[Exception] = []

    def add_callback(
        self, callbacks: list[Any], callback: Callable[[Any], None], *, category: str, filename: str
    ) -> None:
        callbacks.append(callback)

    def remove_callbacks_for_function(self, callback: Callable[[Any], None]) -> None:
        self.registered[:] = [other for other in self.registered if other != callback]

    def cfg_denoiser_callback(self, params: Any) -> None:
        for callback in self.registered:
            try:
                callback(params)
            except Exception as error:
                self.swallowed.append(error)


class Denoiser:
    """A1111's CFGDenoiser reduced to batch rows; one call evaluates all conds.

    conds: AND parts of each image, each [T, C]. uncond: [T, C] of each image. batch_cond_uncond,
    pad_cond_uncond: settings of the host; the padding is zeros here. skip_uncond: effect of the
    settings NGMS and skip_early_cond.
    """

    def __init__(
        self,
        webui: Webui,
        conds: Sequence[Sequence[torch.Tensor]],
        uncond: Sequence[torch.Tensor],
        *,
        batch_cond_uncond: bool = True,
        pad_cond_uncond: bool = False,
        skip_uncond: bool = False,
    ) -> None:
        self.webui = webui
        self.text = torch.stack([part for parts in conds for part in parts])
        self.uncond = torch.stack(list(uncond))
        self.repeats = [len(parts) for parts in conds]
        self.batch_cond_uncond, self.skip_uncond = batch_cond_uncond, skip_uncond
        self.pad_cond_uncond = pad_cond_uncond
        cond = SimpleNamespace(batch=conds)
        self.sampler = SimpleNamespace(sampler_extra_args={"cond": cond})
        self.comments: list[str] = []
        self.p = SimpleNamespace(comment=self.comments.append)
        self.vector: torch.Tensor | None = None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Predicts for a batch [B, 4, H, W]; returns the rows of all conds, then of the uncond."""
        batch = len(x)
        x_in = torch.cat([x.repeat_interleave(torch.tensor(self.repeats), 0), x])
        text: Any = self.text
        if self.vector is not None:
            text = {"crossattn": self.text, "vector": self.vector}
        self.webui.callbacks.cfg_denoiser_callback(
            SimpleNamespace(x=x_in, text_cond=text, text_uncond=self.uncond, denoiser=self)
        )
        if self.skip_uncond:
            return torch.cat(list(self._calls(x_in[:-batch], self.text, batch)))
        text = self.text
        if self.pad_cond_uncond:
            text = nn.functional.pad(text, (0, 0, 0, self.uncond.shape[1] - text.shape[1]))
        if text.shape[1] == self.uncond.shape[1]:
            text = torch.cat([text, self.uncond])
            size = len(text) if self.batch_cond_uncond else batch
            return torch.cat(list(self._calls(x_in, text, size)))
        size = batch * 2 if self.batch_cond_uncond else batch
        positive = list(self._calls(x_in[:-batch], self.text, size))
        return torch.cat([*positive, self._call(x_in[-batch:], self.uncond)])

    def _calls(self, x: torch.Tensor, text: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
        for x_part, text_part in zip(x.split(size), text.split(size), strict=True):
            yield self._call(x_part, text_part)

    def _call(self, x: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        t = torch.full((len(x),), 500)
        with torch.no_grad():
            out: torch.Tensor = self.webui.shared.sd_model.model(x, t, c_crossattn=[text])
        return out


class Webui:
    """The stand-in program with one checkpoint loaded."""

    def __init__(self, model: Any) -> None:
        self.callbacks = Callbacks()
        self.option: Any = None
        self.shared = ModuleType("modules.shared")
        self.shared.sd_model = model
        self.shared.loaded_hypernetworks = []
        self.shared.opts = SimpleNamespace(
            upcast_attn=False,
            emphasis="Original",
            CLIP_stop_at_last_layers=1,
            sdxl_clip_l_skip=False,
        )

    def modules(self) -> dict[str, ModuleType]:
        """Returns the stand-in modules by name."""
        database = SimpleNamespace(word_embeddings={})
        found = {
            "": {},
            ".shared": self.shared,
            ".script_callbacks": self.callbacks,
            ".devices": {
                "autocast": nullcontext,
                "without_autocast": lambda disable=False: nullcontext(),
            },
            ".prompt_parser": {"parse_prompt_attention": parse_emphasis},
            ".sd_hijack": {"model_hijack": SimpleNamespace(embedding_db=database)},
            ".sd_unet": {"get_unet_option": lambda: self.option},
            ".hypernetworks": {},
            ".hypernetworks.hypernetwork": {"apply_hypernetworks": _apply_hypernetworks},
        }
        return {f"modules{name}": _module(f"modules{name}", part) for name, part in found.items()}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Imports our package freshly inside this program and removes it afterwards."""
        ours = ("lib_omost.hosts.a1111", "lib_omost.hosts.hijacked_text_encoding")
        before = dict(sys.modules)
        forget(*ours, "modules")
        modules = self.modules()
        for name, module in modules.items():
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(modules[parent], child, module)
        sys.modules.update(modules)
        try:
            yield
        finally:
            forget(*ours, "modules")
            sys.modules.update(
                {name: before[name] for name in before if name.startswith((*ours, "modules"))}
            )


def _module(name: str, part: Any) -> ModuleType:
    if isinstance(part, ModuleType):
        return part
    module = ModuleType(name)
    vars(module).update({key: value for key, value in part.items() if not key.startswith("__")})
    return module


def _apply_hypernetworks(
    networks: Sequence[Callable[[torch.Tensor], torch.Tensor]], context: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    for network in networks:
        context = network(context)
    return context, context
