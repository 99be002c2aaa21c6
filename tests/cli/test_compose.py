import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from signal import SIG_DFL, SIGINT, signal
from subprocess import PIPE, Popen

import pytest

from lib_omost.__main__ import main
from lib_omost.canvas import formats
from lib_omost.cli import compose
from lib_omost.llm.engine import Done, Failed, Progress, Text, Thinking
from lib_omost.llm.engine_factory import ChosenEngine
from lib_omost.llm.model_notation import CODE as CODE_NOTATION
from tests.canvas.test_code_reader import CODE

ROOT = Path(__file__).parents[2]
ANSWER = f"```python\n{CODE}```"
FINISHED = Done("finished", 3)
WHOLE = (Text(ANSWER), FINISHED)


class Scripted:
    """An engine with scripted events; it raises an exception among them."""

    def __init__(self, *events):
        self.events, self.tasks, self.closed = events, [], False

    def count(self, messages):
        return 4000 * len(messages)

    def stream(self, task, cancel):
        self.tasks.append(task)
        try:
            for event in self.events:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            self.closed = True


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs `compose` on a scripted engine; returns exit status, output, messages and its tasks."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, events=WHOLE):
        engine = Scripted(*events)
        monkeypatch.setattr(
            compose,
            "create_engine",
            lambda *_, **__: ChosenEngine(engine, "You compose.", context=20_000),
        )
        status = main(["compose", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err, engine.tasks

    return run


def test_the_answer_is_streamed(run):
    status, out, err, tasks = run(
        "toys", events=[Text("```python\n"), Text(f"{CODE}```"), FINISHED]
    )
    assert (status, out, err) == (0, f"{ANSWER}\n", "")
    assert tasks[0].messages == (
        {"role": "system", "content": "You compose."},
        {"role": "user", "content": "toys"},
    )


def test_thinking_is_a_line_of_progress_or_printed_on_request(run, tmp_path):
    thinking = Thinking("A cat"), Thinking("?")
    events = [*thinking, Text(ANSWER), Done("finished", 3, thinking_tokens=2)]
    _, out, err, _ = run("toys", "--chat", "chat.json", events=events)
    assert out == f"{ANSWER}\n"
    assert err == "the model is thinking (-v prints its thinking)\nthought for 2 tokens\n"
    (turn,) = json.loads((tmp_path / "chat.json").read_text("utf-8"))["turns"]
    assert (turn["thinking"], turn["answer"]) == ("A cat?", ANSWER)
    _, out, err, _ = run("toys", "-v", events=events)
    assert (out, err) == (f"{ANSWER}\n", "A cat?\nthought for 2 tokens\n")


def test_thinking_is_limited_by_an_option(run):
    assert run("toys", "--thinking", "off")[3][0].thinking == "off"


def test_json_is_printed_when_it_is_complete(run):
    status, out, _, _ = run("toys", "--to", "json")
    assert (status, len(json.loads(out)["regions"])) == (0, CODE.count("add_local"))


def test_a_file_gets_the_canvas_alone(run):
    assert run("toys", "--out", "canvas.txt")[0] == 0
    assert Path("canvas.txt").read_text() == CODE


def test_progress_is_said_once(run):
    events = [Progress("Loading"), Progress("Loading"), Text(ANSWER), FINISHED]
    assert run("toys", events=events)[2] == "Loading\n"


def test_ctrl_c_keeps_what_was_written(run):
    events = [Text(ANSWER[:-200]), KeyboardInterrupt()]
    status, out, err, _ = run("toys", "--out", "canvas.txt", events=events)
    assert (status, out) == (130, f"{ANSWER[:-200]}\n")
    assert "interrupted; the text so far is kept" in err
    assert Path("canvas.txt").read_text().startswith("canvas = Canvas()")


def test_ctrl_c_ends_the_command_while_a_model_works():
    command = [sys.executable, "-m", "lib_omost", "compose", "a red circle"]
    # What starts in the background of a shell is deaf to SIGINT, and so are its children.
    hear = partial(signal, SIGINT, SIG_DFL)
    with Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True, preexec_fn=hear) as process:
        while "Loading composer" not in (line := process.stderr.readline()):
            assert line, "it ended before the model was loaded"
        process.send_signal(SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted; the text so far is kept"


def test_a_conversation_goes_on(run):
    run("toys", "--chat", "chat.json")
    tasks = run("more toys", "--chat", "chat.json")[3]
    assert [message["content"] for message in tasks[0].messages[1:]] == [
        "toys",
        ANSWER,
        "more toys",
    ]
    assert len(json.loads(Path("chat.json").read_text())["turns"]) == 2


def test_a_chat_that_fills_the_context_is_said_and_can_go_on_from_its_canvas(run):
    for request in ("toys", "more toys"):
        assert "--from-canvas" not in run(request, "--chat", "chat.json")[2]
    err = run("fewer toys", "--chat", "chat.json", events=[Failed("Too long.")])[2]
    assert err == (
        "the chat has 24000 tokens, and the model's context has 20000: the answer may be cut off; "
        "--from-canvas continues from the newest canvas alone\n"
        "error: Too long.\n"
    )
    status, _, err, tasks = run("fewer toys", "--chat", "chat.json", "--from-canvas")
    assert (status, err) == (0, "")
    assert [message["role"] for message in tasks[0].messages] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert len(json.loads(Path("chat.json").read_text())["turns"]) == 3


PAGE = """\
{"description": "a shelf", "regions": [
    {"box": [3, 31, 7, 52], "description": "a red toy car", "color": "#12ab34"}]}"""


def test_a_canvas_of_a_file_is_what_the_words_are_to_change(run):
    Path("page.json").write_text(PAGE)
    shown = formats.read(PAGE).canvas
    (car,) = shown.regions
    answered = replace(CODE_NOTATION.simplify(shown).copy.regions[0], description="a blue toy car")
    answer = CODE_NOTATION.write(replace(shown, color=(128, 128, 128), regions=(answered,)))
    status, out, err, tasks = run(
        "make it blue",
        "--canvas",
        "page.json",
        "--chat",
        "chat.json",
        events=[Text(answer), FINISHED],
    )
    asked, told, request = tasks[0].messages[1:]
    assert (asked["content"], request["content"]) == ("a shelf", "make it blue")
    assert "a red toy car" in told["content"]
    assert status == 0
    assert formats.read(out).canvas.regions == (replace(car, description="a blue toy car"),)
    assert "the output is JSON because code cannot express this canvas" in err
    run("make it green", "--chat", "chat.json")


def test_a_file_without_a_canvas_is_2(run):
    Path("page.txt").write_text("hello")
    status, _, err, tasks = run("make it blue", "--canvas", "page.txt")
    assert (status, tasks) == (2, [])
    assert "the canvas on the page cannot be read" in err


def test_a_colour_without_a_name_is_written_as_json(run):
    answer = json.dumps({"description": "toys", "color": "#12ab34", "regions": []})
    assert run("toys", "--out", "canvas.txt", events=[Text(answer), FINISHED])[0] == 0
    assert formats.read(Path("canvas.txt").read_text()).canvas.color == (18, 171, 52)


def test_a_failure_is_1_and_leaves_the_conversation_alone(run):
    status, out, err, _ = run("toys", "--chat", "chat.json", events=[Failed("No network.")])
    assert (status, out, err) == (1, "", "error: No network.\n")
    assert not Path("chat.json").exists()


def test_an_answer_without_canvas_is_1_and_kept(run):
    status, _, err, _ = run("toys", "--out", "canvas.txt", events=[Text("Hello."), FINISHED])
    assert status == 1
    assert err == "error: the answer contains no canvas; choose another --seed or another model\n"
    assert Path("canvas.txt").read_text() == "Hello."


def test_a_cut_answer_is_said(run):
    assert "the answer was cut" in run("toys", events=[Text(ANSWER), Done("length", 9)])[2]


def test_what_was_left_out_is_said(run):
    events = [Text(ANSWER), Done("finished", 3, ("It left out “giraffe”.",))]
    status, _, err, _ = run("toys", events=events)
    assert (status, err) == (0, "It left out “giraffe”.\n")


def test_the_composer_is_greedy_and_held_to_canvases(run):
    small = run("toys")[3][0]
    other = run("toys", "--llm", "someone/model", "--seed", "3", "--top-p", "0.5")[3][0]
    assert (small.temperature, small.canvas_only) == (0.0, True)
    assert (other.temperature, other.canvas_only, other.seed, other.top_p) == (0.3, None, 3, 0.5)
    assert run("toys", "--no-canvas-only")[3][0].canvas_only is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([" "], "the request is empty"),
        (["toys", "--temperature", "-1"], "--temperature must be between 0 and 5, not -1"),
        (["toys", "--top-p", "0"], "--top-p must be between 0.001 and 1, not 0"),
        (["toys", "--max-tokens", "0"], "--max-tokens must be between 1 and 100000, not 0"),
        (["toys", "--out", "absent/canvas.txt"], "cannot write absent/canvas.txt"),
        (["toys", "--out", "toys.jpg"], "cannot write toys.jpg: the file is a text"),
    ],
)
def test_wrong_calls_are_2_and_say_why(run, arguments, message):
    status, _, err, _ = run(*arguments)
    assert status == 2
    assert message in err


def test_a_place_that_cannot_be_written_is_said_before_anything_is_composed(run):
    status, out, _, tasks = run("toys", "--chat", "absent/chat.json")
    assert (status, out, tasks) == (2, "", [])


def test_an_unusable_model_is_2(monkeypatch, capsys):
    assert main(["compose", "toys", "--llm", "no/such/folder"]) == 2
    assert "check the path" in capsys.readouterr().err
    assert main(["compose", "toys", "--llm", "http://"]) == 2
    assert "error: " in capsys.readouterr().err
