"""Settings and canvases in a picture's infotext, and back by Paste."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace

import pytest

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.settings import FIELDS, Settings
from lib_omost.text.prompt_box import fill_prompt
from tests.webui.conftest import CODE, OTHER_CODE

CANVAS = formats.read(CODE).canvas
OTHER = formats.read(OTHER_CODE).canvas
PARAMETERS = {"Steps": "20", "Sampler": "Euler a"}


def pasted(settings: Settings, *canvases: Canvas) -> dict:
    """What the page's components are set to by a picture made with these."""
    parameters = dict(PARAMETERS)
    infotext.add_parameters(parameters, settings, canvases)
    written = {key: value for key, value in parameters.items() if value is not None}
    return {name: paste(written) for name, paste in infotext.PASTE.items()}


def test_settings_and_canvas_come_back():
    settings = Settings(enabled=True, method="couple", end=0.75, start_from_colors=True)
    values = pasted(settings, CANVAS)
    assert formats.read(values["canvas"]).canvas == CANVAS
    assert Settings(**{**values, "canvas": ""}) == settings


def test_the_defaults_take_no_room():
    parameters = {}
    infotext.add_parameters(parameters, Settings(enabled=True), [CANVAS])
    assert parameters["Omost"] is None  # both hosts leave out what is None
    assert json.loads(parameters["Omost canvas"])["description"] == CANVAS.description


def test_a_canvas_comes_back_as_code_where_code_can_say_it():
    assert pasted(Settings(), CANVAS)["canvas"].startswith("canvas = Canvas()")


def test_a_free_box_comes_back_as_json():
    free = Canvas(description="x", regions=(Region(description="y", place=Box(1, 2, 3, 4)),))
    text = pasted(Settings(), free)["canvas"]
    assert json.loads(text)["regions"][0]["box"] == [1, 2, 3, 4]
    assert formats.read(text).canvas == free


def test_a_picture_made_without_omost_switches_it_off_and_touches_nothing_else():
    values = {name: paste(PARAMETERS) for name, paste in infotext.PASTE.items()}
    assert values.pop("enabled") is False
    assert set(values.values()) == {None}


def test_a_mere_prompt_changes_nothing():
    assert {paste({"Prompt": "a cat"}) for paste in infotext.PASTE.values()} == {None}


def test_a_picture_of_another_version_can_be_pasted():
    strange = {**PARAMETERS, "Omost": '{"new": 1, "end": 9}', "Omost canvas": '{"omost_canvas": 9}'}
    values = {name: paste(strange) for name, paste in infotext.PASTE.items()}
    assert values["canvas"] == '{"omost_canvas": 9}'
    assert Settings(**values) == Settings(enabled=True, canvas='{"omost_canvas": 9}')


@pytest.mark.parametrize("typed", ["", "<lora:ink:1>", "a cat"])
def test_a_pasted_prompt_is_the_one_that_was_typed(typed):
    """The canvas's description, which fills an empty box, must not act beside the next canvas."""
    parameters = {**PARAMETERS, "Prompt": fill_prompt(typed, CANVAS).prompt}
    infotext.add_parameters(parameters, Settings(method="couple"), [CANVAS])
    infotext.restore_prompt(parameters)
    assert parameters["Prompt"] == typed


def test_a_prompt_without_a_canvas_of_ours_is_pasted_as_it_is():
    parameters = {**PARAMETERS, "Prompt": CANVAS.description}
    infotext.restore_prompt(parameters)
    assert parameters["Prompt"] == CANVAS.description


def test_each_setting_is_pasted():
    assert list(infotext.PASTE) == list(FIELDS)


def test_a_job_s_copy_does_not_keep_the_keys_of_the_first():
    parameters = dict(PARAMETERS)
    infotext.add_parameters(parameters, Settings(method="couple"), [CANVAS])
    infotext.remove_parameters(parameters)
    assert parameters == PARAMETERS


class TestOwnCanvas:
    """A batch count of 2 with a batch size of 2 follows two canvases: A, B, A, B."""

    JOB = SimpleNamespace(all_prompts=["a", "b", "c", "d"], batch_size=2, iteration=1)

    @pytest.fixture
    def write(self):
        parameters = {}
        infotext.add_parameters(parameters, Settings(), [CANVAS, OTHER, CANVAS])
        return parameters["Omost canvas"]

    @pytest.mark.parametrize(
        ("all_prompts", "index", "number"),
        [
            (["c", "d"], 0, 2),  # with the batch's prompts the host counts within the batch
            (["c", "d"], 1, 3),
            (["a", "b", "c", "d"], 1, 1),  # with the job's, within the job
            (["a", "b", "c", "d"], 3, 3),
        ],
    )
    def test_each_picture_writes_its_own(self, write, all_prompts, index, number):
        text = write(p=self.JOB, index=index, all_prompts=all_prompts, iteration=0, key="ignored")
        assert formats.read(text).canvas == [CANVAS, OTHER, CANVAS, CANVAS][number]

    def test_a_grid_writes_the_first(self, write):
        text = write(p=self.JOB, index=0, all_prompts=["c", "d"], use_main_prompt=True)
        assert formats.read(text).canvas == CANVAS

    def test_the_job_s_parameters_are_json(self, write):
        """Forge Classic writes them into its answer; the other hosts leave out functions."""
        assert formats.read(json.loads(json.dumps(write))).canvas == CANVAS


def test_a_canvas_that_a_jpeg_has_no_room_for_is_known():
    texts = [hashlib.sha512(str(n).encode()).hexdigest() for n in range(400)]
    assert infotext.fit_into_jpeg(
        [CANVAS, Canvas(description="", detailed_descriptions=texts[:100])]
    )
    assert not infotext.fit_into_jpeg([CANVAS, Canvas(description="", detailed_descriptions=texts)])
