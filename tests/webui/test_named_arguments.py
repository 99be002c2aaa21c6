"""The host's API with Omost's arguments as one object."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from lib_omost.webui.named_arguments import ROUTES, accept_objects


class HostAPI:
    """Reads script arguments by position, as the hosts' class Api does."""

    def __init__(self, app):
        for path in ROUTES:
            app.add_api_route(path, self.generate, methods=["POST"])

    def generate(self):
        """Stands in for text2imgapi and img2imgapi."""

    def init_script_args(self, request, default_script_args, *, input_script_args=None):
        arguments = list(default_script_args)
        for script in request.alwayson_scripts.values():
            if "args" in script:
                for index in range(min(len(arguments), len(script["args"]))):
                    arguments[index] = script["args"][index]
        return arguments


@pytest.fixture
def read():
    """Returns the arguments that the host reads for Omost."""
    app = FastAPI()
    api = HostAPI(app)
    accept_objects(app)

    def read(scripts):
        request = SimpleNamespace(alwayson_scripts=scripts)
        return api.init_script_args(request, [False, "", "page"], input_script_args={})

    return read


@pytest.mark.parametrize("name", ["Omost", "omost"])
def test_an_object_is_the_first_argument(read, name):
    assert read({name: {"args": {"method": "couple"}}}) == [{"method": "couple"}, "", "page"]


def test_a_list_and_no_arguments_stay_as_they_are(read):
    assert read({"Omost": {"args": [True, "code"]}}) == [True, "code", "page"]
    assert read({"Omost": {"args": []}}) == [False, "", "page"]
    assert read({"Omost": {}}) == read({"Omost": []}) == read({}) == [False, "", "page"]


def test_the_object_of_another_script_is_the_host_s_affair(read):
    with pytest.raises(KeyError):
        read({"ADetailer": {"args": {"method": "couple"}}})


def test_an_app_without_the_host_s_api_is_left_alone():
    app = FastAPI()
    app.add_api_route(ROUTES[0], lambda: None, methods=["POST"])
    accept_objects(app)
