"""The progress of a sampling from the noise level of a model call."""

import pytest

from lib_omost.attention.noise_schedule import NoiseSchedule

FOUR_STEPS = NoiseSchedule([8.0, 4.0, 2.0, 1.0])


@pytest.mark.parametrize(("level", "progress"), [(8.0, 0.0), (4.0, 0.25), (2.0, 0.5), (1.0, 0.75)])
def test_progress_is_the_fraction_of_the_steps_before(level: float, progress: float) -> None:
    assert FOUR_STEPS.progress(level) == progress


def test_a_level_between_two_steps_belongs_to_the_noisier_one() -> None:
    assert FOUR_STEPS.progress(2.8) == 0.25


def test_levels_outside_the_schedule_belong_to_the_first_and_the_last_step() -> None:
    assert FOUR_STEPS.progress(9.0) == 0
    assert FOUR_STEPS.progress(0.0) == 0.75


def test_rounding_to_bfloat16_changes_no_step() -> None:
    rounded_up = 4.0 * (1 + 1 / 256)
    assert FOUR_STEPS.progress(rounded_up) == 0.25
