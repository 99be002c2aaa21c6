"""What a host hands to the script, as far as the script uses it.

The conformance runner checks on real hosts that they behave like this.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import pytest
import torch

from lib_omost.canvas import formats
from lib_omost.compose.composed_canvases import ComposedCanvas, CompositionError
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.program import current
from lib_omost.webui.sampling_session import SamplingSession

CODE = """\
canvas = Canvas()
canvas.set_global_description(
    description='A quiet harbour (at dawn).',
    detailed_descriptions=['Mist lies on the water.'],
    tags='harbour, dawn',
    HTML_web_color_name='lightsteelblue',
)
canvas.add_local_description(
    location='on the right', offset='no offset', area='a small square area',
    distance_to_viewer=2.0, description='A red boat.', detailed_descriptions=[],
    tags='boat', atmosphere='calm', style='photo', quality_meta='sharp',
    HTML_web_color_name='red',
)
"""
DESCRIPTION = r"A quiet harbour \(at dawn\)."
OTHER_CODE = CODE.replace("harbour (at dawn)", "forest")
NOISE = torch.zeros(1, 4, 8, 8)


class FakeHost:
    """Counts words as tokens, encodes to zeros, and remembers what is installed."""

    name = "fake"

    def __init__(self):
        self.reason = None
        self.lora = "none"
        self.installed = []
        self.encoded = []

    def unsupported_reason(self):
        return self.reason

    def count_tokens(self, sub_prompt):
        return len(sub_prompt.text.split())

    def encode_bags(self, bags):
        self.encoded.append(self.lora)
        return EncodedBags(torch.zeros(len(bags), 77, 4))

    def encoding_key(self):
        return self.lora

    @contextmanager
    def sampling(self, regional_pass):
        self.installed.append(regional_pass)
        try:
            yield
        finally:
            self.installed.remove(regional_pass)


class FakeSampler:
    """Remembers how it was asked to sample, and what was installed in the host meanwhile."""

    def __init__(self, host=None):
        self.host = host
        self.broken = False
        self.calls = []
        self.installed = []
        self.func = None

    def sample(self, p, x, c, uc, steps=None, image_conditioning=None):
        return self._run("sample", p, x)

    def sample_img2img(self, p, x, noise, c, uc, steps=None, image_conditioning=None):
        return self._run("sample_img2img", p, x)

    def _run(self, name, p, x):
        if self.broken:
            raise RuntimeError("out of memory")
        self.calls.append((name, x, p.denoising_strength))
        self.installed.append(list(self.host.installed) if self.host else [])
        return x


class FakeJob(SimpleNamespace):
    """The host's processing object, and the order in which the host calls the script's hooks."""

    def __init__(self, prompt="", *, images=1, batch_size=1, hires=False, host=None):
        super().__init__(
            all_prompts=[prompt] * images,
            all_hr_prompts=[prompt] * images,
            all_seeds=list(range(100, 100 + images)),
            main_prompt=prompt,
            cfg_scale=7,
            batch_size=batch_size,
            iteration=0,
            enable_hr=hires,
            is_hr_pass=False,
            denoising_strength=0.7,
            do_not_save_grid=False,
            extra_generation_params={},
            comments={},
            sampler=FakeSampler(host),
        )

    def comment(self, text):
        self.comments[text] = 1

    def batches(self):
        for number in range(len(self.all_prompts) // self.batch_size):
            self.iteration = number
            first = number * self.batch_size
            self.prompts = self.all_prompts[first : first + self.batch_size]
            yield number


@pytest.fixture
def host():
    return FakeHost()


class FakeCompositions:
    """Composes CODE, or OTHER_CODE for requests with "forest"; remembers what it was asked for."""

    def __init__(self):
        self.asked = []
        self.diagnostics = ()
        self.remark = ""
        self.failure = None

    def compose(self, orders, ahead=()):
        turns = [order.conversation.turns[-1] for order in orders]
        self.asked.append([(turn.request, turn.seed) for turn in turns])
        if self.failure:
            raise CompositionError(self.failure)
        codes = [OTHER_CODE if "forest" in turn.request else CODE for turn in turns]
        return [
            ComposedCanvas(formats.read(code).canvas, self.diagnostics, self.remark)
            for code in codes
        ]


class FakeProgram:
    """The port to the program as far as jobs use it; `infotext` is that of any picture."""

    def __init__(self):
        self.jpeg = False
        self.nested = False
        self.infotext = {}
        self.encode_pictures = None

    def saves_jpeg(self):
        return self.jpeg

    def within_job(self):
        return self.nested

    def infotext_of(self, picture):
        return self.infotext


@pytest.fixture(autouse=True)
def _same_program(monkeypatch):
    """scripts/omost.py sets the program; later tests have the former one again."""
    monkeypatch.setattr(current, "_current", current._current)


@pytest.fixture
def session(host):
    return SamplingSession(lambda: host, FakeProgram(), FakeCompositions())


@pytest.fixture
def script_class(monkeypatch):
    """The script as a host imports it; the page is tested with real gradio elsewhere."""

    def bring(name, **contents):
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    script = type("Script", (), {"is_img2img": False})
    bring("modules", scripts=bring("modules.scripts", Script=script, AlwaysVisible=object()))
    bring("modules.ui_components", InputAccordion=None)
    bring("lib_omost.ui.accordion", build=None)
    sys.modules.pop("lib_omost.webui.script", None)
    yield importlib.import_module("lib_omost.webui.script").OmostScript
    del sys.modules["lib_omost.webui.script"]


@pytest.fixture
def tabs(script_class, host):
    """The scripts of the two tabs."""
    script_class.session = SamplingSession(lambda: host, FakeProgram(), FakeCompositions())
    return script_class(), script_class()


def run(script, job, *args, crash_before_sampling=False):
    """A job as a host runs it; when it fails, no later hook fires."""
    script.before_process(job, *args)
    for _ in job.batches():
        script.before_process_batch(job, *args, prompts=job.prompts)
        if not job.prompts:
            break
        script.process_before_every_sampling(job, *args, x=NOISE, noise=NOISE, c=None, uc=None)
        if crash_before_sampling:
            return
        job.sampler.sample(job, NOISE, None, None)
    script.postprocess(job, job, *args)
