"""What the conformance runner asks of a host."""

import itertools

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.model import Box
from tests.conformance import payloads
from tests.conformance.__main__ import choose
from tests.conformance.checks import in_order
from tests.conformance.client import TITLE


@pytest.mark.parametrize("places", list(itertools.permutations(payloads.PLACES, 2)))
def test_canvases_are_read_without_a_remark(places):
    reading = formats.read(payloads.canvas(places=places, distances=(3.0, 1.0), color="red"))
    assert not reading.diagnostics
    assert [region.box for region in reading.canvas.far_to_near()] == [Box(*box) for box in places]
    assert reading.canvas.regions[0].color == (255, 0, 0)


def test_canvases_of_a_locality_check_differ_in_one_region():
    first, second = (
        formats.read(payloads.canvas(left=text)).canvas
        for text in (payloads.CASTLE, payloads.BONFIRE)
    )
    assert first.regions[0] != second.regions[0]
    assert first.regions[1] == second.regions[1]


def test_scripts_are_added_without_changing_the_request():
    plain = payloads.job()
    request = payloads.with_omost(plain, ["a", "b"], method="couple")
    assert request["alwayson_scripts"][TITLE] == {
        "args": [{"canvas": ["a", "b"], "method": "couple"}]
    }
    assert "alwayson_scripts" not in plain
    both = payloads.with_script(request, "ControlNet", {"enabled": True})
    assert set(both["alwayson_scripts"]) == {TITLE, "ControlNet"}


def test_hires_asks_forge_for_what_it_needs():
    assert "hr_cfg" not in payloads.hires(payloads.job(), forge=False)
    assert payloads.hires(payloads.job(cfg_scale=3), forge=True)["hr_cfg"] == 3


def test_hires_enlarges_as_the_host_can():
    assert payloads.hires(payloads.job(), forge=False)["hr_upscaler"] == "Latent"
    assert payloads.hires(payloads.job(), forge=True, upscaler="None")["hr_upscaler"] == "None"


def test_every_check_has_a_name_and_a_sentence_of_its_own():
    checks = in_order()
    assert len({check.name for check in checks}) == len(checks)
    assert all(check.sentence.endswith(".") and check.models for check in checks)


def test_only_takes_a_name_or_a_part_of_names():
    def names(*only: str) -> list[str]:
        return [check.name for check in choose(in_order(), list(only))]

    assert names("off") == ["off"]
    assert names("odd_") == ["odd_small", "odd_large"]
    assert names() == [check.name for check in in_order()]
