"""Stand-ins for the sampling, UNet and text encoders of Forge, Forge Classic and reForge.

They imitate only behaviour that the conformance run checks in the real programs: `Denoiser` passes
conditions, chunks and options as `backend/sampling` does, and the UNet calls patches as Forge's.
Forge Classic and reForge have the first generation of the backend.
"""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import nn

from tests.hosts.stand_in_modules import forget

WIDTH, HEADS, TEXT = 8, 2, 6


def attention_function(q, k, v, heads, attn_precision=None):
    split = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    return nn.functional.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.to_q, self.to_k = nn.Linear(WIDTH, WIDTH), nn.Linear(width, WIDTH)
        self.to_v, self.to_out = nn.Linear(width, WIDTH), nn.Linear(WIDTH, WIDTH)


class SpatialTransformer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.transformer_blocks = [SimpleNamespace(attn2=Attention(width))]
        self.module = self.transformer_blocks[0].attn2

    def forward(self, x, context, options):
        replaced = options.get("patches_replace", {}).get("attn2", {})
        place = (*options["block"], 0)
        place = place if place in replaced else options["block"]
        attn, n = self.module, x.flatten(2).transpose(1, 2)
        q, k, v = attn.to_q(n), attn.to_k(context), attn.to_v(context)
        if place in replaced:
            extra = {name: value for name, value in options.items() if name != "patches_replace"}
            n = replaced[place](q, k, v, {**extra, "n_heads": HEADS})
        else:
            n = attention_function(q, k, v, HEADS)
        return x + attn.to_out(n).transpose(1, 2).reshape(x.shape)


class IntegratedUNet2DConditionModel(nn.Module):
    """A UNet with two input blocks, a middle block at half the size and one output block.

    middle: another size of the middle block, as Kohya HRFix sets it.
    """

    def __init__(self, width=TEXT, sizes=0, channels=4, middle=None):
        super().__init__()
        torch.manual_seed(3)
        self.middle = middle
        self.in_channels, self.config = channels, {"context_dim": width}
        self.first = nn.Linear(channels, WIDTH)
        self.label = nn.Linear(sizes, WIDTH) if sizes else None
        self.input_blocks = [[], [SpatialTransformer(width)]]
        self.middle_block = [SpatialTransformer(width)]
        self.output_blocks = [[SpatialTransformer(width)]]
        self.last = nn.Linear(WIDTH, 4)
        self.seen: list[SimpleNamespace] = []

    def forward(self, x, context, y=None, control=None, transformer_options=None, **others):
        assert not others, others
        options = transformer_options
        options["original_shape"] = list(x.shape)
        self.seen.append(SimpleNamespace(context=context, y=y, options=options))
        h = self.first(x.movedim(1, -1)).movedim(-1, 1)
        if self.label is not None:
            h = h + self.label(y)[:, :, None, None]
        h = skip = self.run(("input", 1), self.input_blocks[1], h, context, options)
        if control:
            h = h + control["middle"].pop()
        middle = self.middle or [(side + 1) // 2 for side in x.shape[2:]]
        h = nn.functional.adaptive_avg_pool2d(h, middle)
        h = self.run(("middle", 0), self.middle_block, h, context, options)
        h = skip + nn.functional.interpolate(h, size=skip.shape[2:])
        h = self.run(("output", 0), self.output_blocks[0], h, context, options)
        return self.last(h.movedim(1, -1)).movedim(-1, 1)

    def run(self, block, layers, h, context, options):
        options["block"] = block
        for index, layer in enumerate(layers):
            h = self.before_layer(h, layer, index, layers, options)
            h = layer(h, context, options)
        return h

    def before_layer(self, h, layer, index, layers, options):
        for modifier in options.get("block_inner_modifiers", []):
            h = modifier(h, "before", layer, index, layers, options)
        return h


class ClassicUNet(IntegratedUNet2DConditionModel):
    """Forge Classic's UNet, which does not store its config."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.config


class ReforgeUNet(ClassicUNet):
    """reForge's UNet, which passes the level's size instead of calling modifiers."""

    def before_layer(self, h, layer, index, layers, options):
        options |= {"activations_shape": list(h.shape), "attn_precision": None}
        return h


UNETS = {
    "Forge": IntegratedUNet2DConditionModel,
    "Forge Classic": ClassicUNet,
    "reForge": ReforgeUNet,
}
"""The UNets of the programs that the stand-in can be."""


class Patcher:
    """A UNet and its options; cloning deep-copies the options."""

    def __init__(self, unet):
        self.model = SimpleNamespace(diffusion_model=unet)
        self.model_options: dict[str, Any] = {"transformer_options": {}}

    def clone(self):
        clone = Patcher.__new__(Patcher)
        clone.model, clone.model_options = self.model, copy.deepcopy(self.model_options)
        return clone

    def set_model_unet_function_wrapper(self, wrapper):
        self.model_options["model_function_wrapper"] = wrapper

    def add_conditioning_modifier(self, modifier):
        self.model_options.setdefault("conditioning_modifiers", []).append(modifier)


class Condition:
    def __init__(self, cond):
        self.cond = cond

    def process_cond(self, batch):
        repeats = [math.ceil(batch / len(self.cond))] + [1] * (self.cond.ndim - 1)
        return Condition(self.cond.repeat(repeats)[:batch])

    def concat(self, others):
        conds = [self.cond, *(other.cond for other in others)]
        if self.cond.ndim == 3:
            longest = math.lcm(*(cond.shape[1] for cond in conds))
            conds = [cond.repeat(1, longest // cond.shape[1], 1) for cond in conds]
        return torch.cat(conds)


def compiled(cond, y):
    conditions = {"c_crossattn": Condition(cond)} | ({} if y is None else {"y": Condition(y)})
    return {"model_conds": conditions}


class Denoiser:
    """Forge's CFGDenoiser; each call returns the raw prediction."""

    def __init__(self, forge):
        self.forge = forge
        self.inner_model = SimpleNamespace(inner_model=forge.shared.sd_model)
        self.comments = {}
        self.p = SimpleNamespace(comment=lambda text: self.comments.update({text: 1}))

    def call(self, x, conds, uncond, y=None, uncond_y=None, control=None):
        """conds: [images, T, C] for each AND part. Returns the rows' predictions, chunk by chunk.

        Keys are the chunks' names: "negative", or the number of the AND part.
        """
        params = SimpleNamespace(denoiser=self, text_cond=torch.cat(list(conds)))
        for callback in list(self.forge.callbacks):
            with suppress(Exception):  # the host prints what a callback raises, and goes on
                callback(params)
        unet = self.forge.shared.sd_model.forge_objects.unet
        cond = [compiled(part, y) for part in conds]
        negative = None if uncond is None else [compiled(uncond, uncond_y)]
        rest = (7.0, unet.model_options, 1)
        for modifier in unet.model_options.get("conditioning_modifiers", []):
            _, x, _, negative, cond, *rest = modifier(None, x, None, negative, cond, *rest)
        self.compiled = cond, negative
        named = [(number, 0, chunk) for number, chunk in enumerate(cond)]
        named += [("negative", 1, chunk) for chunk in negative or []]
        return self.run(x, named[::-1], control)

    def run(self, x, chunks, control=None):
        unet = self.forge.shared.sd_model.forge_objects.unet
        c = {}
        for name in chunks[0][2]["model_conds"]:
            parts = [chunk["model_conds"][name].process_cond(len(x)) for _, _, chunk in chunks]
            c[name] = parts[0].concat(parts[1:])
        marks = [mark for _, mark, _ in chunks]
        rows = [mark for mark in marks for _ in range(len(x))]
        c["transformer_options"] = {
            **unet.model_options["transformer_options"],
            "cond_or_uncond": marks,
        }
        if self.forge.program != "reForge":
            c["transformer_options"] |= {
                "cond_mark": torch.tensor(rows, dtype=torch.float32),
                "cond_indices": [row for row, mark in enumerate(rows) if mark == 0],
                "uncond_indices": [row for row, mark in enumerate(rows) if mark == 1],
            }
        if control is not None:
            c["control"] = {"middle": [control]}
        x = torch.cat([x] * len(marks))
        call = {"input": x, "timestep": torch.ones(len(x)), "c": c, "cond_or_uncond": marks}

        def apply_model(x, timestep, c_crossattn, **others):
            return unet.model.diffusion_model(x, c_crossattn, **others)

        wrapper = unet.model_options.get("model_function_wrapper")
        out = wrapper(apply_model, call) if wrapper else apply_model(x, call["timestep"], **c)
        names = [name for name, _, _ in chunks]
        return dict(zip(names, out.chunk(len(names)), strict=True))


class Embeddings:
    """A database with one embedding, "zorb", of two vectors."""

    fixes: Any = None

    def find_embedding_at_position(self, tokens, position):
        found = tokens[position] == ord("z")
        return (SimpleNamespace(name="zorb", vectors=2), 1) if found else (None, None)


class ClassicTextProcessingEngine:
    """A text engine: a token is a letter's code; an encoding is the tokens times their weights.

    "Original" emphasis restores the mean of all chunks of the call, as Forge does.
    """

    chunk_length, id_start, id_end = 75, 1, 2
    emphasis: Any = SimpleNamespace(name="of the last prompt")

    def __init__(self, factor=1.0, return_pooled=False):
        self.factor, self.return_pooled, self.embeddings = factor, return_pooled, Embeddings()
        self.calls: list[SimpleNamespace] = []

    def tokenize(self, texts):
        return [[ord(letter) for letter in text if letter.isalpha()] for text in texts]

    def process_tokens(self, tokens, multipliers):
        self.calls.append(SimpleNamespace(tokens=tokens, fixes=self.embeddings.fixes))
        self.embeddings.fixes = None
        plain = torch.tensor(tokens, dtype=torch.float32)
        z = plain * torch.tensor(multipliers)
        if self.emphasis.name == "Original":
            z = z * (plain.mean() / z.mean())
        z = z[..., None].expand(-1, -1, TEXT // 2) * self.factor
        if self.return_pooled:
            z.pooled = z[:, 1, :2]
        return z


class WrappedTextEncoder(ClassicTextProcessingEngine):
    """A text encoder as modules.sd_hijack wraps it, in Forge Classic and reForge."""

    def __init__(self, factor=1.0, return_pooled=False):
        super().__init__(factor, return_pooled)
        self.hijack = SimpleNamespace(embedding_db=self.embeddings, fixes=None)

    def process_tokens(self, tokens, multipliers):
        self.embeddings.fixes, self.hijack.fixes = self.hijack.fixes, None
        return super().process_tokens(tokens, multipliers)


class ClipEngine(ClassicTextProcessingEngine):
    """The engine of a newer Forge Neo, which reads the emphasis mode from the settings."""

    @property
    def emphasis(self):
        return SimpleNamespace(name=sys.modules["modules.shared"].opts.emphasis)


def parse_prompt_attention(text, emphasis):
    """Parses "a(b)c"; text in brackets has weight 2."""
    if emphasis == "None":
        return [[text, 1.0]]
    before, _, rest = text.partition("(")
    inside, _, after = rest.partition(")")
    pieces = [[before, 1.0], [inside, 2.0], [after, 1.0]]
    return [piece for piece in pieces if piece[0]]


def backend(forge):
    """Returns the contents of Forge's modules."""
    return {
        "backend": {},
        "backend.attention": {"attention_function": attention_function},
        "backend.memory_management": {"load_model_gpu": forge.loaded.append},
        "backend.sampling": {},
        "backend.sampling.condition": {"Condition": Condition},
        "backend.sampling.sampling_function": {
            "sampling_cleanup": forge.cleaned_up.append,
            "sampling_prepare": forge.prepare,
        },
        "backend.text_processing": {},
        "backend.text_processing.emphasis": {
            "get_current_option": lambda name: lambda: SimpleNamespace(name=name)
        },
        "backend.text_processing.parsing": {"parse_prompt_attention": parse_prompt_attention},
    }


def sampling_function(): ...


sampling_function.__module__ = "ldm_patched.modules.samplers"


def first_backend(forge):
    """Returns the contents of the modules of Forge Classic and reForge."""
    hijack = SimpleNamespace(embedding_db=forge.embeddings)
    return {
        "ldm_patched": {},
        "ldm_patched.ldm": {},
        "ldm_patched.ldm.modules": {},
        "ldm_patched.ldm.modules.attention": {"optimized_attention": attention_function},
        "ldm_patched.modules": {},
        "ldm_patched.modules.conds": {"CONDRegular": Condition},
        "ldm_patched.modules.model_management": {"load_model_gpu": forge.loaded.append},
        "modules_forge": {},
        "modules_forge.forge_sampler": {
            "sampling_cleanup": forge.cleaned_up.append,
            "sampling_prepare": forge.prepare,
        },
        "modules.devices": {"autocast": nullcontext},
        "modules.prompt_parser": {
            "parse_prompt_attention": lambda text: parse_prompt_attention(text, "Original")
        },
        "modules.sd_hijack": {"model_hijack": hijack},
        "modules.sd_samplers_cfg_denoiser": {"sampling_function": sampling_function},
    }


def modules(forge):
    """Returns the stand-in modules by the names under which our code imports the program."""
    parts = {
        "modules": {},
        "modules.shared": {"opts": forge.shared.opts, "sd_model": None},
        "modules.script_callbacks": {
            "callback_map": {"callbacks_cfg_denoiser": forge.callbacks},
            "add_callback": forge.add_callback,
            "remove_callbacks_for_function": forge.remove,
        },
        **(backend(forge) if forge.program == "Forge" else first_backend(forge)),
    }
    found = {}
    for name, contents in parts.items():
        found[name] = ModuleType(name)
        vars(found[name]).update(contents)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(found[parent], child, found[name])
    return found


class Forge:
    """The stand-in program with its model, options and callbacks."""

    def __init__(self, program):
        self.program = program
        self.embeddings = SimpleNamespace(word_embeddings={})
        self.callbacks: list[Any] = []
        self.loaded: list[Any] = []
        self.prepared: list[Any] = []
        self.cleaned_up: list[Any] = []
        opts = SimpleNamespace(emphasis="Original", CLIP_stop_at_last_layers=1)
        self.shared = SimpleNamespace(opts=opts)

    def prepare(self, unet, x):
        self.prepared.append((unet.model, x.shape))

    def add_callback(self, callbacks, function, *, category, filename):
        callbacks.append(function)

    def remove(self, function):
        self.callbacks[:] = [callback for callback in self.callbacks if callback != function]

    def unet(self, **properties):
        return UNETS[self.program](**properties)

    def load(self, unet=None, **engines):
        if not engines and self.program == "Forge":
            engines = {"text_processing_engine": ClassicTextProcessingEngine()}
        elif not engines:
            engines = {"cond_stage_model": WrappedTextEncoder()}
        patcher = Patcher(nn.Identity())
        if self.program == "Forge":
            patcher.lora_patches = {}
        clip = SimpleNamespace(cond_stage_model=nn.Identity(), patcher=patcher)
        unet = Patcher(unet or self.unet())
        self.shared.sd_model = SimpleNamespace(
            forge_objects=SimpleNamespace(unet=unet, clip=clip),
            set_clip_skip=lambda skip: None,
            **engines,
        )
        return unet


OURS = ("lib_omost.hosts.forge", "lib_omost.hosts.hijacked_text_encoding")


@contextmanager
def running(monkeypatch, program="Forge") -> Iterator[Forge]:
    """Imports our Forge host against this stand-in and removes both afterwards."""
    forge = Forge(program)
    stand_ins = modules(forge)
    forge.shared = stand_ins["modules.shared"]
    for name, module in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, module)
    forget(*OURS)
    forge.load()
    with torch.no_grad():
        yield forge
    forget(*OURS)
