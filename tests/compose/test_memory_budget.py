"""The memory of a picture beside a loaded language model."""

from __future__ import annotations

import pytest

from lib_omost.compose.memory_budget import fits_beside_picture, picture_reserve
from lib_omost.compose.model_state import MemoryUse

GIB = 2**30


class ImageModel:
    """An image model of which a number of GiB is not loaded."""

    def __init__(self, gib):
        self._gib = gib

    def bytes_to_load(self):
        return self._gib * GIB


def test_a_picture_needs_the_missing_weights_and_working_memory():
    assert picture_reserve(ImageModel(0)) == 4 * GIB
    assert picture_reserve(ImageModel(5)) == 9 * GIB


@pytest.mark.parametrize(("used", "fits"), [(3, True), (4, False)])
def test_a_language_model_stays_if_the_memory_suffices_for_both(used, fits):
    measured = MemoryUse("graphics card", used * GIB, 12 * GIB)
    assert fits_beside_picture(ImageModel(5), lambda: measured) is fits


@pytest.mark.parametrize(
    ("device", "reserved", "fits"),
    [
        ("graphics card", 9, True),
        ("graphics card", 8, False),  # another image model was chosen since
        ("machine", 9, False),  # the reserve was one of the graphics card
    ],
)
def test_a_language_model_that_left_enough_free_on_the_card_stays(device, reserved, fits):
    measured = MemoryUse(device, 11 * GIB, 12 * GIB)
    found = fits_beside_picture(ImageModel(5), lambda: measured, reserved=reserved * GIB)
    assert found is fits


def test_memory_that_cannot_be_measured_is_not_counted_on():
    assert not fits_beside_picture(ImageModel(0), lambda: None, reserved=99 * GIB)
