import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from lib_omost.__main__ import main
from tests.canvas.test_code_reader import CODE, HARBOUR


@pytest.fixture
def run(tmp_path, capsys):
    """Runs `canvas` on a file with this content; returns exit status, output and messages."""

    def run(content, *options):
        file = tmp_path / "canvas.txt"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        status = main(["canvas", str(file), *options])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_code_is_printed(run):
    assert run(f"Here:\n```python\n{CODE}```") == (0, CODE, "")


def test_json_and_comfy_are_printed(run):
    status, out, _ = run(CODE, "--to", "json")
    assert (status, json.loads(out)["description"]) == (0, HARBOUR.description)
    assert run(out) == (0, CODE, "")
    status, out, _ = run(CODE, "--to", "comfy")
    assert (status, json.loads(out)[1]["rect"]) == (0, [25, 85, 0, 35])


def test_a_layout_is_printed_with_its_losses(run):
    status, out, err = run(CODE, "--to", "grounding")
    assert (status, json.loads(out)[0]["bbox_2d"]) == (0, [0, 278, 389, 944])
    assert "warning: grounding: the global description: left out: texts\n" in err
    status, out, _ = run(CODE, "--to", "comfy-boxes", "--size", "900x450")
    assert (json.loads(out)[0]["x"], json.loads(out)[0]["height"]) == (0, 300)


def test_a_picture_with_a_canvas_is_read(run):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a ADDCOMM b ADDCOL c")
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    status, out, _ = run(file.getvalue(), "--to", "json")
    assert (status, len(json.loads(out)["regions"])) == (0, 2)


def test_the_preview_has_the_size_asked_for(run, tmp_path):
    target = tmp_path / "preview.png"
    assert run(CODE, "--preview", str(target), "--size", "520x776")[0] == 0
    with Image.open(target) as picture:
        assert (picture.format, picture.size) == ("PNG", (520, 776))


def test_diagnostics_go_to_standard_error(run):
    status, out, err = run(CODE.replace("'navy'", "'navyblu'"))
    assert (status, out) == (0, CODE)
    assert err == (
        "note: line 10: the global description: colour 'navyblu' is read as 'navyblue'\n"
    )


def test_strict_fails_on_anything_to_say_and_still_prints(run):
    assert run(CODE, "--strict")[0] == 0
    status, out, _ = run(CODE.replace("'navy'", "'navyblu'"), "--strict")
    assert (status, out) == (1, CODE)


def test_nothing_readable_is_1(run):
    status, out, err = run("just a prompt")
    assert (status, out) == (1, "")
    assert err.startswith("error: this is a plain text, such as a prompt: describe the picture to")


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + CODE.encode(), CODE.encode("utf-16"), CODE.replace("\n", "\r\n").encode()],
)
def test_encodings(run, content):
    assert run(content) == (0, CODE, "")


@pytest.mark.parametrize("content", [CODE.encode("cp1252"), b"\xe9" + CODE.encode()])
def test_what_is_not_utf_8_is_reported(run, content):
    status, _, err = run(content)
    assert status == 0
    assert "some characters could not be decoded" in err


def test_bytes_that_are_no_text(run):
    assert run(bytes(range(256)) * 20)[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt"], "error: cannot read missing.txt: No such file or directory\n"),
        (["."], "error: cannot read .: Is a directory\n"),
        (["a\0b"], "error: cannot read a\0b: embedded null byte\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_2(capsys, arguments, message):
    assert main(["canvas", *arguments]) == 2
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a", "b"],
        ["a", "--to", "xml"],
        ["a", "--size", "0x5"],
        ["a", "--size", "9999x9"],
        ["a", "--size", "big"],
    ],
)
def test_a_wrong_call_is_2(capsys, arguments):
    with pytest.raises(SystemExit) as exit:
        main(["canvas", *arguments])
    assert exit.value.code == 2
    assert "usage: python -m lib_omost" in capsys.readouterr().err


def test_a_form_that_cannot_hold_the_canvas_is_2_and_named(run):
    text = '{"description": "A.", "color": [1, 2, 3]}'
    status, out, err = run(text)
    assert (status, out) == (2, "")
    assert err.startswith(
        "error: the canvas cannot be written as code: the global description: col"
    )
    assert run(text, "--to", "json")[0] == 0


def test_a_preview_has_the_format_of_its_name(run, tmp_path):
    target = tmp_path / "preview.jpg"
    assert run(CODE, "--preview", str(target))[0] == 0
    assert Image.open(target).format == "JPEG"
    status, out, err = run(CODE, "--preview", str(tmp_path / "preview.txt"))
    assert (status, out) == (2, "")
    assert "the name of a picture ends in .png, .jpg, .jpeg or .webp" in err


def test_a_preview_that_cannot_be_written_is_2(run, tmp_path):
    status, _, err = run(CODE, "--preview", str(tmp_path / "no" / "p.png"))
    assert status == 2
    assert err.endswith(f"there is no folder {tmp_path / 'no'}\n")


def test_standard_input(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CODE.encode())))
    assert main(["canvas", "-"]) == 0
    assert capsys.readouterr().out == CODE


def test_closed_standard_input_is_2(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", None)
    assert main(["canvas", "-"]) == 2
    assert capsys.readouterr().err == "error: cannot read -: standard input is closed\n"


def program_writing_to(output, tmp_path):
    file = tmp_path / "canvas.txt"
    file.write_text(CODE, encoding="utf-8")
    call = [sys.executable, "-m", "lib_omost", "canvas", str(file)]
    return subprocess.run(call, stdout=output, stderr=subprocess.PIPE, text=True, check=False)


def test_a_reader_that_has_gone_is_no_failure(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = program_writing_to(writer, tmp_path)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_2(tmp_path):
    with open("/dev/full", "w") as full:
        done = program_writing_to(full, tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "error: cannot write standard output: No space left on device\n",
    )


def test_neither_torch_nor_the_other_commands_are_imported(tmp_path):
    file = tmp_path / "canvas.txt"
    file.write_text(CODE, encoding="utf-8")
    program = (
        "import sys; from lib_omost.__main__ import main; "
        f"main(['canvas', {str(file)!r}]); "
        "print([name for name in ('torch', 'numpy', 'diffusers') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8",
        env={"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.stdout == CODE + "[]\n"
