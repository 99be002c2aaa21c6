"""The hosts' memory management when a language model needs the GPU."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

HOSTS = Path(__file__).parents[2] / "lib_omost" / "hosts"


@pytest.fixture
def load(monkeypatch):
    """Returns a function that loads one host's memory module against stand-in modules."""

    def load(host, package, **modules):
        parent = ModuleType(package)
        vars(parent).update(modules)
        monkeypatch.setitem(sys.modules, package, parent)
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, f"{package}.{name}", module)
        spec = importlib.util.spec_from_file_location("memory", HOSTS / host / "memory.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


class A1111:
    """`modules.sd_models` with two checkpoints loaded, of which the first is the current one."""

    def __init__(self):
        self.sd_models = SimpleNamespace(
            model_data=SimpleNamespace(sd_model="a", loaded_sd_models=["a", "b"]),
            send_model_to_cpu=lambda model: self.log.append(("cpu", model)),
            send_model_to_device=lambda model: self.log.append(("device", model)),
        )
        self.log = []

    def memory(self, load, device):
        devices = SimpleNamespace(device=torch.device(device))
        return load("a1111", "modules", sd_models=self.sd_models, devices=devices)


def test_a1111_moves_all_checkpoints_out_and_only_the_current_one_back(load):
    host = A1111()
    memory = host.memory(load, "cuda")
    memory.move_model_out()
    memory.move_model_back()
    assert host.log == [("cpu", "a"), ("cpu", "b"), ("device", "a")]


def test_a1111_moves_nothing_without_a_gpu(load):
    host = A1111()
    host.memory(load, "cpu").move_model_out()
    assert host.log == []


def test_a1111_moves_nothing_without_a_checkpoint(load):
    host = A1111()
    host.sd_models.model_data = SimpleNamespace(sd_model=None, loaded_sd_models=[])
    memory = host.memory(load, "cuda")
    memory.move_model_out()
    memory.move_model_back()
    assert host.log == []


class Forge:
    """The memory management of Forge's backend, with weights as Forge makes them: for inference."""

    def __init__(self, device):
        self.log = []
        with torch.inference_mode():
            self.model = torch.nn.Linear(2, 2)
        self.memory_management = SimpleNamespace(
            get_torch_device=lambda: torch.device(device),
            unload_all_models=self.unload,
            soft_empty_cache=lambda: self.log.append("emptied"),
        )

    def memory(self, load):
        backend = "lib_omost.hosts.forge.backend"
        return load("forge", backend, memory_management=self.memory_management)

    def unload(self):
        # Replaces each weight as a move between devices does; the test has only one device.
        for weight in self.model.parameters():
            weight.data = weight.data.clone()
        self.log.append("unloaded")


@pytest.mark.parametrize(("device", "log"), [("cuda", ["unloaded", "emptied"]), ("cpu", [])])
def test_forge_unloads_all_models_only_with_a_gpu(load, device, log):
    host = Forge(device)
    memory = host.memory(load)
    memory.move_model_out()
    memory.move_model_back()
    assert host.log == log


def test_a1111_counts_the_weights_that_are_not_on_the_device(load):
    host = A1111()
    host.sd_models.model_data.sd_model = torch.nn.Linear(2, 2)  # 6 weights of 4 bytes
    assert host.memory(load, "cuda").bytes_to_load() == 24
    assert host.memory(load, "cpu").bytes_to_load() == 0
    host.sd_models.model_data.sd_model = None
    assert host.memory(load, "cuda").bytes_to_load() == 0


@pytest.fixture
def forge_model_data(monkeypatch):
    """Forge's `modules.sd_models.model_data` before a model is loaded."""
    data = SimpleNamespace(sd_model=object(), forge_loading_parameters={})
    monkeypatch.setitem(sys.modules, "modules", ModuleType("modules"))
    sd_models = SimpleNamespace(model_data=data)
    monkeypatch.setattr(sys.modules["modules"], "sd_models", sd_models, raising=False)
    return data


def test_forge_counts_the_weights_of_all_parts(load, forge_model_data):
    part = SimpleNamespace(model=torch.nn.Linear(2, 2))
    forge_model_data.sd_model = SimpleNamespace(
        forge_objects=SimpleNamespace(
            unet=part, clip=SimpleNamespace(patcher=part), vae=SimpleNamespace(patcher=part)
        )
    )
    counted = [Forge(device).memory(load).bytes_to_load() for device in ("cuda", "cpu")]
    assert counted == [72, 0]


def test_forge_classic_without_a_checkpoint_counts_nothing(load, forge_model_data):
    """Its model_data has no parameters of a checkpoint that it will load."""
    del forge_model_data.forge_loading_parameters
    assert Forge("cuda").memory(load).bytes_to_load() == 0


def test_forge_counts_the_file_of_a_checkpoint_that_is_not_loaded_yet(
    load, forge_model_data, tmp_path
):
    memory = Forge("cuda").memory(load)
    assert memory.bytes_to_load() == 0
    (tmp_path / "sd.safetensors").write_bytes(b"12345")
    chosen = SimpleNamespace(filename=str(tmp_path / "sd.safetensors"))
    forge_model_data.forge_loading_parameters = {"checkpoint_info": chosen}
    assert memory.bytes_to_load() == 5
