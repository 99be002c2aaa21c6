"""Tiny random pipelines, built once; a test that changes one builds its own."""

from typing import Any

import pytest

from lib_omost.renderer.architectures import configs
from lib_omost.renderer.pipeline_loading import keep_quiet, random_pipeline
from lib_omost.renderer.renderer import Renderer


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    keep_quiet()


def build(architecture: str) -> Any:
    pipeline = random_pipeline(architecture, configs(architecture, tiny=True), seed=1)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="session")
def sd1() -> Renderer:
    return Renderer(build("sd1"))


@pytest.fixture(scope="session")
def sdxl() -> Renderer:
    return Renderer(build("sdxl"))


@pytest.fixture
def own_sd1() -> Renderer:
    return Renderer(build("sd1"))
