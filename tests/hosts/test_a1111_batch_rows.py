"""The batch rows of A1111's UNet calls."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

from tests.hosts.a1111_stand_in import Webui


@pytest.fixture(autouse=True)
def _running() -> Iterator[None]:
    with Webui(None).running():
        yield


def test_unet_calls_use_the_rows_in_order() -> None:
    """Two images, the first with two AND parts, then two negative rows, in calls of two."""
    from lib_omost.hosts.a1111.batch_rows import A1111BatchRows

    rows = A1111BatchRows([0, 0, 1])
    assert [rows.next_call(2) for _ in range(3)] == [(0, 0), (1,), ()]


def test_each_and_part_belongs_to_its_image() -> None:
    from lib_omost.hosts.a1111.batch_rows import positive_images

    assert positive_images(SimpleNamespace(batch=[["cat", "dog"], ["cat"]])) == [0, 0, 1]


def test_controlnet_s_marker_is_the_extra_token_before_the_chunks() -> None:
    from lib_omost.hosts.a1111.batch_rows import controlnet_marker, remove_controlnet_marker

    context = torch.arange(155.0)[None, :, None]
    assert controlnet_marker(context).flatten().tolist() == [0]
    assert remove_controlnet_marker(context).shape == (1, 154, 1)
    assert remove_controlnet_marker(context[:, :154]).shape == (1, 154, 1)
