"""A person composes, stops, reloads, edits: Chromium on both versions of gradio.

serve.py lets a scripted composer answer: the first time with two regions, then with three.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from lib_omost.canvas import formats
from tests.page.browser import ADVANCED
from tests.page.scripted import THINK, THINK_TOO_LONG, THOUGHTS, WAIT, code

KEY = "omost_txt2img"
USER = f"#{KEY}_messages .message.user:visible"
BOX = f"#{KEY}_editor .omost-box"


FIRST_CLICK_IS_LOST = """
    const click = HTMLElement.prototype.click;
    window.clicks = 0;
    HTMLElement.prototype.click = function () {
        if (this.id === "omost_txt2img_restore" && window.clicks++ === 0) return;
        click.call(this);
    };
"""

NO_CLICK_IS_HEARD_YET = """
    const click = HTMLElement.prototype.click;
    HTMLElement.prototype.click = function () {
        if (this.id !== "omost_txt2img_restore" || window.hears) click.call(this);
    };
"""


def element(name):
    return f"#{KEY}_{name}"


def ask(page, request):
    page.fill(f"{element('request')} textarea", request)
    page.click(element("compose_button"))


def finished(page):
    page.wait_for_selector(f"{element('status')}:has-text('Composed')", timeout=60_000)
    page.wait_for_selector(element("compose_button"))


def kept(page, name, as_wanted=bool):
    """What the browser keeps under a name, as soon as it is as wanted: it comes after the page."""
    for _ in range(100):
        values = page.evaluate(f"JSON.parse(localStorage.getItem('{KEY}') || '{{}}')")
        if as_wanted(values.get(name, "")):
            return values.get(name, "")
        page.wait_for_timeout(100)
    pytest.fail(f"{name} stays {values.get(name)!r}")


def turns_kept(page, count):
    return json.loads(kept(page, "chat", lambda chat: chat.count('"request"') == count))["turns"]


def requests(page):
    page.wait_for_timeout(300)
    return page.locator(USER).all_inner_texts()


def bring(page, text):
    """Import a chat from a file."""
    with page.expect_file_chooser() as chooser:
        page.click(element("import"))
    chooser.value.set_files(
        {"name": "chat.json", "mimeType": "application/json", "buffer": text.encode()}
    )


def conversation(*turns):
    told = [{"request": request, "answer": answer, "seed": 0} for request, answer in turns]
    return json.dumps({"format": "omost conversation", "version": 1, "turns": told})


def test_regions_appear_while_the_model_writes(page):
    ask(page, f"a boat and a lighthouse {WAIT}")
    page.wait_for_selector(element("stop"))
    page.wait_for_selector(BOX, timeout=60_000)
    first = page.locator(BOX).count()
    assert page.is_visible(element("stop"))
    page.click("#go_on")
    assert "add_local_description" in page.input_value(f"{element('canvas')} textarea")
    finished(page)
    page.wait_for_selector(f"{BOX} >> nth={first}")
    assert page.input_value(f"{element('request')} textarea") == ""
    assert not page.is_visible(element("stop"))
    assert page.input_value("#omost_img2img_canvas textarea") == ""


def test_a_request_typed_before_the_stored_chat_is_restored_is_neither_sent_nor_lost(page):
    page.add_init_script(NO_CLICK_IS_HEARD_YET)
    page.reload()
    box = page.locator(f"{element('request')} textarea")
    box.press_sequentially("a boat")
    assert page.is_disabled(element("compose_button"))
    box.press("Enter")
    page.evaluate("window.hears = true")
    page.wait_for_selector(f"{element('compose_button')}:enabled")
    assert box.input_value() == "a boat"
    assert requests(page) == []
    box.press("Enter")
    finished(page)
    assert requests(page) == ["a boat"]


def test_enter_sends_and_shift_enter_adds_a_line(page):
    page.wait_for_selector(f"{element('compose_button')}:enabled")
    box = page.locator(f"{element('request')} textarea")
    box.press_sequentially("a boat")
    box.press("Shift+Enter")
    box.press_sequentially("at dawn")
    assert box.input_value() == "a boat\nat dawn"
    box.press("Enter")
    page.wait_for_selector(element("stop"))
    finished(page)
    assert [" ".join(text.split()) for text in requests(page)] == ["a boat at dawn"]


def test_thinking_is_folded_and_stays_open_once_opened(page):
    ask(page, f"a boat {THINK}")
    thinking = page.locator(f"{element('messages')} details.omost-thinking")
    thinking.wait_for(timeout=60_000)
    assert thinking.get_attribute("open") is None
    assert thinking.locator("summary").inner_text() == "Thinking: 6 words"
    thinking.locator("summary").click()
    page.click("#go_on")
    page.wait_for_selector(f"{element('messages')} summary:has-text('8 words')", timeout=60_000)
    assert thinking.get_attribute("open") is not None
    finished(page)
    assert "of thinking" in page.inner_text(element("status"))
    assert thinking.get_attribute("open") is not None
    assert "<b>boat</b>" in thinking.inner_text()
    assert "# Or two *boats*?" in thinking.inner_text()
    (turn,) = turns_kept(page, 1)
    assert turn["thinking"] == THOUGHTS + 5 * " More."
    assert "More." not in turn["answer"]


@pytest.mark.parametrize("button", ["think_off", "think_longer"])
def test_thinking_that_used_up_the_tokens_offers_less_of_it_or_more_of_them(page, button):
    request = f"a boat {THINK_TOO_LONG}"
    ask(page, request)
    page.wait_for_selector(f"{element(button)}:visible", timeout=60_000)
    assert "used up the tokens" in page.inner_text(element("status"))
    assert page.input_value(f"{element('request')} textarea") == request
    page.click(element(button))
    finished(page)
    assert requests(page) == [request]
    assert page.input_value(f"{element('request')} textarea") == ""
    page.wait_for_selector(element(button), state="hidden")


def test_stop_keeps_the_text_so_far(page):
    ask(page, f"a boat {WAIT}")
    page.wait_for_selector(BOX, timeout=60_000)
    page.click(element("stop"))
    page.wait_for_selector(f"{element('status')}:has-text('Stopped')")
    page.wait_for_selector(element("compose_button"))
    assert requests(page) == [f"a boat {WAIT}"]
    turns = turns_kept(page, 1)
    assert "boat" in turns[0]["answer"]
    assert len(turns[0]["answer"]) < len(code("boat", "lighthouse", "gull"))


def test_the_chat_scrolls_to_the_newest_message_unless_the_user_scrolled_up(page):
    chat = "document.querySelector('#omost_txt2img_messages .message-wrap').parentElement"
    at_end = f"(box => box.scrollHeight - box.clientHeight - box.scrollTop < 2)({chat})"
    bring(page, conversation(*[("a boat", code("boat", "lighthouse"))] * 3))
    page.wait_for_selector(f"{USER} >> nth=2")
    page.wait_for_function(at_end)
    page.evaluate(f"{chat}.scrollTop = 0")
    ask(page, f"a boat {WAIT}")
    page.wait_for_selector(f"{USER} >> nth=3")
    page.wait_for_selector(element("stop"))
    page.wait_for_function(at_end)
    page.wait_for_selector(BOX, timeout=60_000)
    page.evaluate(f"{chat}.scrollTop = 0")
    page.click("#go_on")
    finished(page)
    assert page.evaluate(f"{chat}.scrollTop") == 0


def test_tokens_are_counted_while_the_user_types(page):
    page.locator(f"{element('request')} textarea").press_sequentially("a" * 40, delay=20)
    page.wait_for_selector(f"{element('budget')}:has-text('10 of 8,192 tokens')")


def test_a_reload_restores_the_chat_and_the_draft(page):
    ask(page, "a boat")
    finished(page)
    canvas = page.input_value(f"{element('canvas')} textarea")
    page.fill(f"{element('request')} textarea", "and a draft")
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector(USER)
    assert requests(page) == ["a boat"]
    assert page.input_value(f"{element('request')} textarea") == "and a draft"
    assert page.input_value(f"{element('canvas')} textarea") == canvas
    assert kept(page, "request") == "and a draft"
    page.wait_for_selector(f"{element('budget')}:has-text('of 8,192 tokens')")


def test_a_page_reloaded_while_the_model_writes_keeps_the_request(page):
    ask(page, f"a boat {WAIT}")
    page.wait_for_selector(BOX, timeout=60_000)
    page.reload()
    page.wait_for_selector(f"{element('request')} textarea")
    page.wait_for_function(
        f"document.querySelector(\"{element('request')} textarea\").value === 'a boat {WAIT}'"
    )
    assert page.is_visible(element("compose_button"))
    assert requests(page) == []


def test_a_closed_page_ends_its_answer(page, browser, address):
    other = browser.new_page()
    other.add_init_script(ADVANCED)
    other.goto(address)
    other.wait_for_selector(f"{element('request')} textarea")
    other.wait_for_function("typeof omostEditors !== 'undefined'")
    ask(other, f"a boat {WAIT}")

    def being_written(count):
        for _ in range(100):
            page.click("#look")
            page.wait_for_timeout(300)
            if page.input_value("#seen textarea, #seen input") == str(count):
                return True
        return False

    assert being_written(1)
    other.close()
    assert being_written(0)  # by itself it would wait for ever


def test_a_full_chat_can_continue_from_its_canvas(page):
    # 8,192 tokens of 4 characters are less than these.
    bring(page, conversation(("a" * 20_000, code("boat")), ("b" * 20_000, code("boat", "gull"))))
    page.wait_for_selector(element("condense"))
    ask(page, "and a ship")
    page.wait_for_selector(f"{element('status')}:has-text('nothing was sent')")
    assert page.input_value(f"{element('request')} textarea") == "and a ship"
    page.click(element("condense"))
    page.wait_for_selector(element("condense"), state="hidden")
    page.wait_for_selector(USER, state="hidden")
    assert "gull" in page.input_value(f"{element('canvas')} textarea")
    page.click(element("undo"))
    page.wait_for_selector(USER)


def test_the_chat_is_restored_even_if_gradio_listens_late(page):
    page.evaluate(
        "([key, chat]) => localStorage.setItem(key, JSON.stringify({chat}))",
        [KEY, conversation(("a boat", code("boat")))],
    )
    page.add_init_script(FIRST_CLICK_IS_LOST)
    page.reload()
    page.wait_for_selector(USER)
    assert page.evaluate("window.clicks") > 1


def test_a_message_is_edited_and_later_ones_are_replaced(page):
    bring(page, conversation(("a boat", code("boat")), ("and a gull", code("boat", "gull"))))
    page.wait_for_selector(f"{USER} >> nth=1")
    page.fill(f"{element('request')} textarea", "a draft")
    page.click(f"{USER} >> nth=0")
    page.wait_for_selector(f"{element('editing_note')}:has-text('Editing message 1')")
    assert page.input_value(f"{element('request')} textarea") == "a boat"
    page.click(element("leave"))
    page.wait_for_selector(element("editing_row"), state="hidden")
    assert page.input_value(f"{element('request')} textarea") == "a draft"
    page.click(f"{USER} >> nth=0")
    page.wait_for_selector(element("editing_note"))
    ask(page, "a ship")
    finished(page)
    assert requests(page) == ["a ship"]
    page.click(element("undo"))
    page.wait_for_selector(f"{USER}:has-text('and a gull')")
    assert requests(page) == ["a boat", "and a gull"]


def shows(page, text):
    """Wait until the canvas box has a text."""
    page.wait_for_function(
        "([box, text]) => document.querySelector(box).value === text",
        arg=[f"{element('canvas')} textarea", text],
    )


def retried(page):
    """Retry, and wait for the answer, which the chat keeps with another seed."""
    before = kept(page, "chat")
    page.click(element("retry"))
    return kept(page, "chat", lambda chat: chat not in ("", before))


@pytest.mark.parametrize("by", ["chat", "editor"])
def test_undo_reverses_chat_and_editor_steps_in_their_order(page, by):
    canvas = f"{element('canvas')} textarea"
    pasted = code("whale")
    page.fill(canvas, pasted)
    page.wait_for_selector(BOX)
    ask(page, "a boat")
    finished(page)
    answered = page.input_value(canvas)
    assert turns_kept(page, 1)
    page.locator(BOX).nth(0).focus()
    page.keyboard.press("ArrowDown")
    moved = page.input_value(canvas)
    assert moved not in (pasted, answered)
    retried(page)
    page.wait_for_selector(element("compose_button"))
    page.click(element("new"))
    page.wait_for_selector(USER, state="hidden")
    shows(page, "")

    def undo():
        page.click(element("undo" if by == "chat" else "editor_undo"))

    undo()
    page.wait_for_selector(USER)
    undo()
    shows(page, moved)
    assert requests(page) == ["a boat"]
    assert turns_kept(page, 1)[0]["page"] == pasted_as_code(pasted)
    undo()
    shows(page, answered)
    assert requests(page) == ["a boat"]
    undo()
    shows(page, pasted)
    page.wait_for_selector(USER, state="hidden")
    assert page.input_value(f"{element('request')} textarea") == "a boat"
    undo()
    shows(page, "")
    for text in (pasted, answered, moved):
        page.click(element("editor_redo"))
        shows(page, text)
    page.wait_for_selector(USER)
    assert page.input_value(f"{element('request')} textarea") == ""
    assert kept(page, "chat", lambda chat: "a boat" in chat)


def pasted_as_code(text):
    return formats.to_text(formats.read(text).canvas)


def test_undo_without_a_step_shows_a_message(page):
    page.wait_for_selector(f"{element('compose_button')}:enabled")
    page.click(element("undo"))
    page.wait_for_selector(f"{element('status')}:has-text('nothing to undo')")


def test_rapid_undo_steps_end_in_the_right_chat(page):
    bring(page, conversation(("a boat", code("boat"))))
    page.wait_for_selector(USER)
    for number in range(3):
        bring(page, conversation((f"picture {number}", code("boat", "gull"))))
        page.wait_for_selector(f"{USER}:has-text('picture {number}')")
    page.evaluate("for (let i = 0; i < 3; i++) omostEditors.get('txt2img').undo()")
    page.wait_for_selector(f"{USER}:has-text('a boat')")
    page.wait_for_timeout(500)
    assert requests(page) == ["a boat"]


def test_the_last_turn_can_be_undone_after_a_reload(page):
    ask(page, "a boat")
    finished(page)
    answered = page.input_value(f"{element('canvas')} textarea")
    ask(page, "and a gull")
    page.wait_for_selector(f"{USER} >> nth=1")
    turns_kept(page, 2)
    page.wait_for_selector(element("compose_button"))
    page.reload()
    page.wait_for_selector(f"{USER} >> nth=1")
    page.wait_for_selector(f"{element('editor_undo')}:enabled")
    page.click(element("undo"))
    page.wait_for_selector(f"{USER} >> nth=1", state="hidden")
    shows(page, answered)
    assert page.input_value(f"{element('request')} textarea") == "and a gull"


def test_the_chat_shows_changes_made_in_the_editor(page):
    ask(page, "a boat")
    finished(page)
    page.locator(BOX).nth(0).focus()
    page.keyboard.press("ArrowDown")
    moved = formats.read(page.input_value(f"{element('canvas')} textarea")).canvas
    ask(page, "and a gull")
    page.wait_for_selector(f"{element('messages')}:has-text('with your changes')")
    turns = turns_kept(page, 2)
    assert formats.read(turns[1]["page"]).canvas == moved
    page.wait_for_selector(element("compose_button"))
    page.click(f"{USER} >> nth=1")
    page.wait_for_selector(f"{element('editing_note')}:has-text('Editing message 2')")


def test_a_chat_can_be_exported_and_imported(page, tmp_path):
    page.click(element("export"))
    page.wait_for_selector(f"{element('status')}:has-text('no chat to export')")
    ask(page, "a boat")
    finished(page)
    with page.expect_download() as download:
        page.click(element("export"))
    file = tmp_path / "chat.json"
    download.value.save_as(file)
    assert re.fullmatch(r"omost-chat-[\d-]+\.json", download.value.suggested_filename)
    page.click(element("new"))
    page.wait_for_selector(USER, state="hidden")
    assert kept(page, "chat", lambda chat: not chat) == ""
    bring(page, file.read_text(encoding="utf-8"))
    page.wait_for_selector(USER)
    assert requests(page) == ["a boat"]
    bring(page, "no chat")
    page.wait_for_selector(f"{element('status')} .omost-error")
    assert requests(page) == ["a boat"]


def test_html_in_a_chat_is_not_executed(page):
    evil = "<img src=x onerror='window.hacked = true'> and <script>window.hacked = true</script>"
    bring(page, conversation((f"a boat {evil}", f"Sure {evil}")))
    page.wait_for_selector(USER)
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None


def test_a_damaged_stored_chat_is_reported_and_moved_aside(page):
    page.evaluate(f"localStorage.setItem('{KEY}', '{{broken')")
    page.reload()
    page.wait_for_selector(f"{element('status')} .omost-error")
    assert "cannot be read and was set aside" in page.inner_text(element("status"))
    page.fill(f"{element('request')} textarea", "a boat")
    page.wait_for_timeout(300)
    assert page.evaluate(f"localStorage.getItem('{KEY}_unreadable')") == "{broken"
    assert kept(page, "request") == "a boat"


def test_a_saved_key_is_never_sent_back_to_the_page(page):
    page.click("text=Language model settings >> nth=0")
    page.fill(f"{element('key')} input", "sk-secret")
    page.click(element("save_key"))
    page.wait_for_selector(f"{element('said')}:has-text('The key is saved')")
    assert page.input_value(f"{element('key')} input") == ""
    page.reload()
    page.wait_for_selector(f"{element('request')} textarea")
    assert "sk-secret" not in page.content()
    assert "sk-secret" not in json.dumps(page.evaluate("({...localStorage})"))


def test_language_models_are_set_up_after_a_second_click(page):
    page.click("text=Language model settings >> nth=0")
    page.click(element("plan_button"))
    page.wait_for_selector(f"{element('plan')}:has-text('about 60 MB')")
    page.click(element("confirm"))
    page.wait_for_selector(f"{element('setup_status')}:has-text('are set up')")
    assert page.is_checked(f"{element('own_process')} input")
    assert not page.is_visible(element("confirm"))


def test_any_model_name_can_be_typed_and_survives_a_reload(page):
    box = page.locator(f"{element('model')} input")
    box.fill("http://localhost:11434")
    box.press("Enter")
    page.click("text=Language model settings >> nth=0")
    page.click(element("list_models"))
    page.wait_for_selector(f"{element('said')}:has-text('The server has 2 models')")
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_function(
        f"document.querySelector('{element('model')} input')?.value === 'http://localhost:11434'"
    )


def choices(page):
    """Names in the list of models; it closes when the search for servers replaces its options."""
    page.click(f"{element('model')} input")
    page.wait_for_timeout(300)
    shown = page.locator(f"{element('model')} ul.options li").all_inner_texts()
    page.keyboard.press("Escape")
    return [text.removeprefix("✓").strip() for text in shown]


def choose(page, name):
    """Choose a model; the open list closes when the search for servers replaces its options."""
    option = page.locator(f"{element('model')} ul.options li:has-text('{name}')")
    for _ in range(20):
        page.click(f"{element('model')} input")
        try:
            return option.click(timeout=3000)
        except PlaywrightTimeoutError:
            page.keyboard.press("Escape")
    return pytest.fail(f"{name} could not be chosen")


def test_the_list_of_models_shows_requirements_and_local_servers(page):
    page.wait_for_selector(f"{element('note')}:has-text('knows shapes only')")
    for _ in range(50):
        shown = choices(page)
        if any("11434" in name for name in shown):
            break
        page.wait_for_timeout(200)
    assert shown[:3] == [
        "Choose a language model",
        "Ollama (127.0.0.1:11434)",
        "demo (shapes only) (0.3 GB of memory, nothing to download)",
    ]


def test_the_examples_follow_the_model(page):
    page.wait_for_selector(f"{element('example_0')}:has-text('yellow fish')")
    choose(page, "qwen2.5-coder-1.5b")
    page.wait_for_selector(f"{element('example_0')}:has-text('quiet harbour')")
    page.click(element("example_0"))
    page.wait_for_timeout(500)
    assert "quiet harbour" in page.input_value(f"{element('request')} textarea")


def test_a_stored_model_name_is_shown_by_its_title(page):
    page.evaluate(f"localStorage.setItem('{KEY}', JSON.stringify({{model: 'composer'}}))")
    page.reload()
    page.wait_for_function(
        f"document.querySelector('{element('model')} input')?.value.startsWith('demo (shapes')"
    )


def test_an_example_fills_only_an_empty_request_box(page):
    request = f"{element('request')} textarea"
    for _ in range(60):  # gradio may not listen yet
        page.click(element("example_0"))
        page.wait_for_timeout(500)
        if page.input_value(request):
            break
    assert "yellow fish" in page.input_value(request)
    page.wait_for_timeout(2000)  # what came of the further clicks
    page.fill(request, "my own")
    page.click(element("example_1"))
    page.wait_for_timeout(500)
    assert page.input_value(request) == "my own"
