"""Builds tiny random pipelines once; a test that changes a pipeline builds its own."""

from typing import Any

import pytest

from lib_omost.renderer.pipeline_loading import silence_libraries
from lib_omost.renderer.renderer import Renderer
from model_tools.random_models import model_configs, random_pipeline


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    silence_libraries()


def build(architecture: str) -> Any:
    pipeline = random_pipeline(architecture, model_configs(architecture, tiny=True), seed=1)
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
