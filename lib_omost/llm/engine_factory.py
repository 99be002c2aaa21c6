"""Which engine a name or an address means, and what its model is told first."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.llm import canvas_forms, grammar, system_prompt
from lib_omost.llm.canvas_forms import CanvasForm
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.demo.form import DEMO_FORM
from lib_omost.llm.engine import Engine, Task, is_edit
from lib_omost.llm.model_catalog import CatalogEntry, find_model
from lib_omost.llm.process_engine import ProcessEngine, command
from lib_omost.llm.request_subjects import subjects
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.llm.server.request import Dialect

if TYPE_CHECKING:
    from lib_omost.llm.transformers_engine import Constrain

ONLY_SHAPES = (
    "composed by the small model that ships, which knows a little world of shapes; for anything "
    "else name a model or a server (--llm smollm2, --llm lllyasviel/omost-llama-3-8b-4bits, "
    "--llm localhost:11434)"
)


@dataclass(frozen=True)
class ChosenEngine:
    """An engine, the system prompt of its model, and what its user should know.

    form: how the model writes canvases. context: the tokens of a conversation, None where the
    model's own configuration says it.
    """

    engine: Engine
    system: str
    note: str = ""
    context: int | None = None
    form: CanvasForm = canvas_forms.CODE


def choose(
    name: str = "composer",
    *,
    key: str = "",
    server_model: str = "",
    dialect: Dialect = "openai",
    python: Path | None = None,
) -> ChosenEngine:
    """Return the engine of a model's name, a folder, a GGUF file, or a server's address.

    key, server_model, dialect: for a server (ServerEngine). python: a model runs in a process of
    this Python (ProcessEngine), at None in ours. Loads and asks nothing yet. Raises ValueError or
    UnusableError, in a sentence for the user.
    """
    if is_address(name):
        return _server(name.strip(), key, server_model, dialect)
    model = find_model(name)
    system = (
        system_prompt.omost_prompt() if model.trained_on_canvases else system_prompt.code_prompt()
    )
    note = ONLY_SHAPES if model.name == "composer" else ""
    engine: Engine = ProcessEngine(command(python, name)) if python else _local(model, name)
    if model.name == "composer":
        engine = DemoEngine(engine)
    return ChosenEngine(engine, system, note, model.context, _form(model))


def _form(model: CatalogEntry) -> CanvasForm:
    if model.name == "composer":
        return DEMO_FORM
    return canvas_forms.CODE if model.trained_on_canvases else canvas_forms.NARROW_CODE


def _local(model: CatalogEntry, name: str) -> Engine:
    # Only here, as it imports torch, which a model in another process brings itself.
    from lib_omost.llm.transformers_engine import TransformersEngine

    return TransformersEngine(name, constrain=_constrain(model))


def _server(address: str, key: str, model: str, dialect: Dialect) -> ChosenEngine:
    engine = ServerEngine(
        address,
        key,
        model,
        schema=grammar.canvas_json_schema(),
        grammar=grammar.gbnf_grammar("wide" if "omost" in model.lower() else "narrow"),
        grammar_of_edits="" if "omost" in model.lower() else grammar.gbnf_grammar(min_regions=1),
        dialect=dialect,
    )
    if "omost" in model.lower():
        return ChosenEngine(engine, system_prompt.omost_prompt())
    # A grammar is of code; under a schema, and without either, the answer is JSON.
    if dialect == "llama.cpp":
        return ChosenEngine(engine, system_prompt.code_prompt(), form=canvas_forms.NARROW_CODE)
    return ChosenEngine(engine, system_prompt.json_prompt(), form=canvas_forms.JSON)


def _constrain(model: CatalogEntry) -> Constrain | None:
    """The grammar for a model's answers; None without llguidance, then the parser judges alone."""
    if importlib.util.find_spec("llguidance") is None:
        return None
    width: grammar.Width = "wide" if model.trained_on_canvases else "narrow"
    index_tokenizer = functools.lru_cache(maxsize=1)(grammar.index_tokenizer)

    def constrain(tokenizer: Any, task: Task) -> grammar.GrammarMask:
        # What is left of a canvas may be one region; a new canvas has more.
        min_regions = 1 if is_edit(task.messages) else 2
        rules = grammar.lark_grammar(width, subjects(task.messages), min_regions)
        return grammar.logits_processor(index_tokenizer(tokenizer), rules)

    return constrain
