from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.batch.job_spec import JobSpec, LineError, LinesError, parse_line, read_lines
from lib_omost.settings import Settings
from tests.canvas.test_code_reader import CODE

DEFAULTS = JobSpec(width=128, height=128, steps=8, settings=Settings(method="couple"))


@pytest.fixture
def read(tmp_path):
    """Writes lines into a file and reads them."""

    def read(*lines, **options):
        file = tmp_path / "requests.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        file.write_text("\n".join(texts), encoding="utf-8")
        return read_lines(file, DEFAULTS, **options)

    return read


def wrong(read, *lines, **options):
    with pytest.raises(LinesError) as error:
        read(*lines, **options)
    return str(error.value).splitlines()


def test_what_a_line_leaves_open_is_as_by_default(read):
    (line,) = read({"request": "a cat", "seed": 3, "overlap": "overlay", "cfg": 2})
    assert line.number == 1
    assert line.job == JobSpec(
        request="a cat",
        width=128,
        height=128,
        steps=8,
        seed=3,
        cfg=2.0,
        settings=Settings(method="couple", overlap="overlay"),
    )


def test_blank_lines_and_comments_count_and_are_left_out(read):
    lines = ({"request": "a"}, "", " ", {"request": "b"}, "# cats", "  # dogs", "c")
    assert [line.number for line in read(*lines)] == [1, 4, 7]


def test_a_line_of_words_is_a_request(read):
    words, same = read("  a red circle, left of a star  ", {"request": "a red circle"})
    assert words.job.request == "a red circle, left of a star"
    assert same.fingerprint == read("a red circle")[0].fingerprint


def test_a_file_of_another_editor(tmp_path):
    """Windows' editor writes a mark at the beginning, and other line ends."""
    file = tmp_path / "requests.txt"
    file.write_bytes("\ufeff# cats\r\nein Kätzchen\r\n".encode())
    (line,) = read_lines(file, DEFAULTS)
    assert (line.number, line.job.request) == (2, "ein Kätzchen")


def test_the_webui_s_names_are_accepted(read):
    webui = {"negative_prompt": "dark", "cfg_scale": 5, "sampler_name": "Euler", "steps": 9}
    own = {"negative": "dark", "cfg": 5, "sampler": "Euler", "steps": 9}
    first, second = read({"request": "a", **webui}, {"request": "b", **own})
    assert first.job == dataclasses.replace(second.job, request="a")
    assert (first.job.negative, first.job.cfg, first.job.sampler) == ("dark", 5.0, "Euler")


def test_a_canvas_comes_as_code_or_as_json(read):
    regions = [{"description": "ball", "box": [0, 1, 0, 1]}]
    lines = read({"canvas": CODE}, {"canvas": {"description": "toys", "regions": regions}})
    assert lines[0].job.canvas == CODE
    assert json.loads(lines[1].job.canvas)["description"] == "toys"


def test_a_line_can_be_written_as_it_was_read(read):
    asked = {"request": "a cat", "seed": 3, "overlap": "overlay", "width": 64}
    (line,) = read(asked)
    (again,) = read(line.job.to_line())
    assert again == line
    assert line.job.to_line().items() >= asked.items()


def test_the_fingerprint_tells_what_would_be_another_picture(read):
    one = {"request": "a cat"}
    first, same, other = read(one, one, {**one, "seed": 1})
    assert len({line.fingerprint for line in (first, same, other)}) == 3
    assert [line.fingerprint for line in read(one, one)] == [first.fingerprint, same.fingerprint]
    assert read({"request": "b"}, one)[1].fingerprint == first.fingerprint  # whatever its place
    assert (
        read(one, models=lambda job: {"llm": "qwen2.5-coder-1.5b"})[0].fingerprint
        != first.fingerprint
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this is not JSON: Expecting property name"),
        ("[1]", "a line is an object"),
        ('{"request": "a", "cfg": NaN}', "NaN is not a valid number"),
        (f'{{"request": "a", "cfg": 1{"0" * 400}}}', "is too large a number"),
        ('{"request": "a", "cfg": 1e999}', "is too large a number"),
        (f'{{"request": "a", "seed": 1{"0" * 5000}}}', "is too large a number"),
        ("[" * 100_000, "nested too deep"),
        ({"request": " "}, 'give either a "request" in words or a "canvas"'),
        ({"seed": 1}, 'give either a "request" in words or a "canvas"'),
        ({"request": "a", "canvas": CODE}, "give either"),
        ({"canvas": "I cannot."}, "the canvas cannot be read: error: this is a plain text"),
        ({"request": "a", "sede": 1}, "unknown key 'sede'; did you mean 'seed'?"),
        ({"request": "a", "seed": True}, "'seed' is a whole number, not True"),
        ({"request": "a", "width": "512"}, "'width' is a whole number, not '512'"),
        ({"request": "a", "method": "best"}, "method must be one of omost, couple, area"),
        ({"request": "a", "start": 0.9, "end": 0.1}, "must not be after end"),
        ({"request": "a", "enabled": True}, "unknown key 'enabled'; known: request, canvas"),
        ({"request": "a", "cfg_scael": 5}, "unknown key 'cfg_scael'; did you mean 'cfg_scale'?"),
        ({"request": "a", "cfg_scale": "5"}, "'cfg_scale' is a number, not '5'"),
        ({"request": "a", "cfg": 5, "cfg_scale": 6}, "'cfg' has two values; give it once"),
        ('{"request": "a"', "this is not JSON"),
        ('"a cat"', "a line is an object"),
        ("]", "this is not JSON"),
        ("canvas = Canvas()", "this is canvas code"),
        ("canvas.add_local_description(", "this is canvas code"),
        ('--prompt "a cat" --steps 30', "a line has no options"),
    ],
)
def test_what_is_wrong_with_a_line(read, line, message):
    (said,) = wrong(read, {"request": "good"}, line)
    assert "requests.jsonl:2: " in said
    assert message in said


def test_all_wrong_lines_are_told_of_at_once(read):
    def check(job):
        if job.steps < 1:
            raise ValueError("at least 1 step")

    said = wrong(read, {"request": "a", "steps": 0}, {"request": "b"}, "{", check=check)
    assert [message.split(":")[1] for message in said] == ["1", "3"]


def test_a_file_without_lines_and_one_that_is_not_text(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_bytes(b"\n\n")
    with pytest.raises(LinesError, match="the file has no lines"):
        read_lines(file, DEFAULTS)
    file.write_bytes(b'{"request": "\xff"}')
    with pytest.raises(LinesError, match=r":1: this is not UTF-8 \(byte 14\)"):
        read_lines(file, DEFAULTS)
    with pytest.raises(FileNotFoundError):
        read_lines(Path("absent.jsonl"), DEFAULTS)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["request", "canvas", "seed", "cfg", "start"]), JSON))
def test_whatever_a_line_says_is_read_or_refused(values):
    try:
        job = parse_line(json.dumps(values).encode(), DEFAULTS)
    except ValueError:
        return
    assert bool(job.request) != bool(job.canvas)


def test_a_refusal_is_a_value_error():
    assert issubclass(LineError, ValueError)
