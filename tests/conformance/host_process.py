"""Starts a WebUI of this machine beside a data folder of its own, and stops it again.

Nothing of the user's is touched: extensions, models, settings and outputs of the run lie in a
folder that the host is pointed to with --data-dir.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.client import Client, HostError

ROOT = Path(__file__).parents[2]
PROBE = Path(__file__).parent / "probe"
START_SECONDS = 600

FLAGS = [
    ["--skip-prepare-environment"],
    ["--skip-torch-cuda-test"],
    ["--skip-python-version-check"],
    ["--skip-install"],
    ["--skip-google-blockly"],
    ["--no-download-sd-model"],
    ["--do-not-download-clip"],
    ["--no-hashing"],
    ["--api"],
]
"""Flags; each host gets those that it knows, as Forge Neo refuses others.

--server-name is not among them: with it the host counts as open to the network, and Omost refuses
what only the WebUI's owner may do.
"""

CPU_FLAGS = [["--always-cpu"], ["--cpu"], ["--use-cpu", "all", "--no-half"]]
"""By which a host is kept on the CPU: the first that it knows."""

FLAG_FILES = (
    "modules/cmd_args.py",
    "modules/paths_internal.py",
    "backend/args.py",
    "ldm_patched/modules/args_parser.py",
)
"""Where the hosts declare their flags."""

VERSION_MARK = re.compile(r"^(VERSION_UID)\b.*= [\"'](.+)[\"']", re.MULTILINE)
"""Forge Neo waits for a key press unless its config.json holds this mark of its version."""
FORGE_VERSION = re.compile(r"^version = [\"'](.+)[\"']", re.MULTILINE)
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SERVER_NAME": "127.0.0.1",
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "Agg",
    "PYTHONUNBUFFERED": "1",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}
SETTINGS = {
    # "Approx NN" previews would download a model.
    "live_previews_enable": False,
    "show_progress_every_n_steps": -1,
    "return_grid": False,
    "samples_save": False,
    "grid_save": False,
    # With the default 0, Forge Classic samples the first step without the negative prompt.
    "skip_early_cond": -1,
    # A WebUI begins without a language model.
    "omost_model": "composer",
}


class StartError(RuntimeError):
    """The host did not come up; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class WebUI:
    """A checkout of A1111, Forge or a program made from them, and the Python that runs it."""

    folder: Path
    python: Path

    @property
    def forge(self) -> bool:
        return (self.folder / "modules_forge").is_dir()

    @property
    def name(self) -> str:
        if self.forge and self.version_mark():
            return "Forge Neo"
        if (self.folder / "ldm_patched").is_dir():
            return "Forge Classic" if self.forge_version() == "classic" else "reForge"
        return "Forge" if self.forge else "A1111"

    def forge_version(self) -> str:
        """The version that a host made from Forge declares; Forge Classic's is its name."""
        source = self.folder / "modules_forge" / "forge_version.py"
        found = FORGE_VERSION.search(source.read_text("utf-8")) if source.exists() else None
        return found[1] if found else ""

    def flags(self) -> list[str]:
        """The flags of ours that this host declares, one way to the CPU among them."""
        declared = {flag for file in FLAG_FILES for flag in flags_in(self.folder / file)}
        known = [flag for flag in FLAGS if flag[0] in declared]
        cpu = [flag for flag in CPU_FLAGS if flag[0] in declared][:1]
        return [word for flag in known + cpu for word in flag]

    def version_mark(self) -> dict[str, str]:
        """What the host must find in its config.json to start without a question."""
        source = self.folder / "modules" / "launch_utils.py"
        found = VERSION_MARK.search(source.read_text(encoding="utf-8")) if source.exists() else None
        return {found[1]: found[2]} if found else {}

    @property
    def controlnet(self) -> Path | None:
        """The folder of sd-webui-controlnet, where A1111 has it."""
        folder = self.folder / "extensions" / "sd-webui-controlnet"
        return folder if folder.is_dir() else None


def flags_in(source: Path) -> list[str]:
    """The flags that a file of a host's declares."""
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    return re.findall(r"[\"'](--[\w-]+)[\"']", text)


def find_webui(folder: Path, python: Path | None = None) -> WebUI:
    """Look for the host in a folder, its Python in a venv there or beside it.

    Raises FileNotFoundError.
    """
    folder = folder.resolve()
    if not (folder / "launch.py").is_file():
        raise FileNotFoundError(f"{folder} is no WebUI: it has no launch.py")
    guesses = [root / "venv" / "bin" / "python" for root in (folder, folder.parent)]
    for guess in [python] if python else guesses:
        if guess.exists():
            return WebUI(folder, guess.absolute())
    raise FileNotFoundError(f"no Python for {folder}; name it with --python")


@dataclass(frozen=True)
class Files:
    """What a host is to find in its data folder; `others` are more checkpoints."""

    checkpoint: Path
    loras: Sequence[Path] = ()
    controlnets: Sequence[Path] = ()
    ip_adapters: Sequence[Path] = ()
    embeddings: Sequence[Path] = ()
    others: Sequence[Path] = ()


def language_models(webui: WebUI, folder: Path) -> None:
    """Make the environment for language models, as the accordion's button does; needs a network.

    Where that fails the folder has none, and what needs it says so.
    """
    program = (
        "import sys, threading, pathlib; from lib_omost.llm.model_environment "
        "import ModelEnvironment; "
        "made = ModelEnvironment(pathlib.Path(sys.argv[1])); "
        "made.ready or print(*made.build(threading.Event()), sep='\\n')"
    )
    log = folder.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        subprocess.run(
            [str(webui.python), "-c", program, str(folder.resolve())],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )


def prepare_data(
    data: Path,
    webui: WebUI,
    files: Files,
    *,
    with_extension: bool,
    beside: Sequence[Path] = (),
) -> None:
    """Lay out an empty data folder: links to extensions and models, and settings.

    Args:
        data: The folder; what is in it is deleted.
        webui: The host that will use it.
        files: Models.
        with_extension: Whether this extension is among the extensions.
        beside: Folders of other extensions.
    """
    shutil.rmtree(data, ignore_errors=True)
    extensions = {"omost-probe": PROBE, **{folder.resolve().name: folder for folder in beside}}
    if with_extension:
        extensions["sd-webui-omost"] = ROOT
    controlnets = [*files.controlnets, *files.ip_adapters]
    if controlnets and not webui.forge and webui.controlnet:
        extensions["sd-webui-controlnet"] = webui.controlnet
    for name, target in extensions.items():
        link(data / "extensions" / name, target)
    for file in (files.checkpoint, *files.others):
        link_checkpoint(data / "models" / "Stable-diffusion", webui, file, files.checkpoint)
    for folder, found in (
        ("models/Lora", files.loras),
        ("models/ControlNet", controlnets),
        ("embeddings", files.embeddings),
        ("models/embeddings", files.embeddings),  # there Forge Neo looks for them
    ):
        (data / folder).mkdir(parents=True, exist_ok=True)
        for file in found:
            link(data / folder / file.name, file)
    (data / "tmp").mkdir()  # Forge Neo writes there without making it
    settings = {**SETTINGS, **webui.version_mark(), "sd_model_checkpoint": files.checkpoint.name}
    (data / "config.json").write_text(json.dumps(settings))


def link_checkpoint(folder: Path, webui: WebUI, file: Path, first: Path) -> None:
    """Link a checkpoint into the host's folder.

    A1111 looks for a checkpoint's description beside it, under the same name. A checkpoint without
    one is like the first, and gets the same name with another ending. Two checkpoints of one
    description exchange their weights in the same modules, as those of SD1 do in A1111.
    """
    description = file.with_suffix(".yaml")
    if webui.forge:
        link(folder / file.name, file)
    elif file == first or description.exists():
        link(folder / file.name, file)
        if description.exists():
            link(folder / description.name, description)
    else:
        link(folder / f"{first.stem}{file.suffix.upper()}", file)


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target.resolve())


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    webui: WebUI, data: Path, log: Path, port: int | None = None, more_flags: Sequence[str] = ()
) -> Iterator[Client]:
    """Start the host on a data folder, wait until it answers, stop it at the end.

    Raises StartError.
    """
    port = port or free_port()
    flags = [*webui.flags(), *more_flags]
    # A page of a host with another data folder may else not load the host's own scripts.
    folders = [f"--data-dir={data.resolve()}", f"--gradio-allowed-path={webui.folder}"]
    command = [str(webui.python), "launch.py", *flags, *folders]
    environment = {"OMP_NUM_THREADS": "1", **os.environ, **OFFLINE}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=webui.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        client = Client(f"http://127.0.0.1:{port}")
        wait_until_ready(client, process, log)
        yield client
    finally:
        stop(process)


def wait_until_ready(client: Client, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the API's first answer. Raises StartError when the host ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"the host ended with {process.returncode}\n{last_lines(log)}")
        # Forge answers before its scripts are ready, and then fails; the log knows.
        if "Startup time:" in log.read_text(encoding="utf-8", errors="replace"):
            with suppress(HostError, urllib.error.URLError, ConnectionError, TimeoutError):
                client.get("/omost-probe/host")
                return
        time.sleep(1)
    raise StartError(f"no answer within {START_SECONDS} s\n{last_lines(log)}")


def last_lines(log: Path, count: int = 20) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-count:])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the host that was started here, by force if it does not listen."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
