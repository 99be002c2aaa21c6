"""Creates the engine for a model's name or a server's address, with its system prompt."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.llm import grammar, model_notation, system_prompt
from lib_omost.llm.answer_forms import AnswerForm, FormName, answer_form
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.demo.notation import DEMO_NOTATION
from lib_omost.llm.engine import Engine, Task, has_answer
from lib_omost.llm.llama_cpp.engine import LlamaCppEngine
from lib_omost.llm.model_catalog import CatalogEntry, find_model
from lib_omost.llm.model_downloads.store import DATA_FOLDER, ModelStore
from lib_omost.llm.model_notation import ModelNotation
from lib_omost.llm.process_engine import ProcessEngine, worker_command
from lib_omost.llm.request_subjects import subjects
from lib_omost.llm.server.adaptation_memory import PROCESS_MEMORY, adaptation_memory
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.llm.server.request import Dialect

if TYPE_CHECKING:
    from lib_omost.llm.transformers_engine import GrammarFactory

DEMO_NOTE = (
    "composed by the demonstration model, which knows a few drawn shapes; for anything else "
    "choose a model or a server (--llm qwen2.5-coder-1.5b, --llm omost-llama-3-8b-4bits, "
    "--llm localhost:11434)"
)


@dataclass(frozen=True)
class ChosenEngine:
    """An engine with the system prompt and the notation of its model.

    Attributes:
        engine: The engine.
        system: The system prompt.
        note: A sentence for the user about the model, "" for none.
        context: The context window in tokens, None to read it from the model's configuration.
        notation: The notation in which the model writes canvases.
    """

    engine: Engine
    system: str
    note: str = ""
    context: int | None = None
    notation: ModelNotation = model_notation.CODE


def create_engine(
    name: str = "composer",
    *,
    key: str = "",
    server_model: str = "",
    dialect: Dialect = "openai",
    python: Path | None = None,
    models: Path = DATA_FOLDER / "models",
    adaptations: Path | None = None,
    gpu_reserve: Callable[[], int] = lambda: 0,
    form: FormName | None = None,
    prompt: str = "",
) -> ChosenEngine:
    """Creates an engine without loading a model or contacting a server.

    Args:
        name: The name of a model, a folder, a GGUF file, or the address of a server.
        key: The API key of the server.
        server_model: The model on the server, "" for its default.
        dialect: The API of the server (see ServerEngine).
        python: The Python executable of a worker process that runs the model. None runs a GGUF
            file in a worker process of this Python, and other models in this process.
        models: The folder of downloaded models.
        adaptations: The file of what servers refused, None to remember it in this process only.
        gpu_reserve: Returns the bytes of the graphics card's memory that a GGUF model must leave
            free; called before the model is loaded.
        form: The form in which a general model answers, None for the default.
        prompt: The variant of the system prompt (AnswerForm.prompts), "" for the default.

    Raises:
        ValueError: The address of the server is invalid, or there is no such prompt.
        MissingModelError: The model is listed and has not been downloaded.
        UnusableError: The name refers to no model.
    """
    if is_address(name):
        create = functools.partial(
            ServerEngine,
            name.strip(),
            key,
            server_model,
            dialect=dialect,
            adaptations=adaptation_memory(adaptations) if adaptations else PROCESS_MEMORY,
        )
        return _server(create, server_model, dialect, form, prompt)
    name = ModelStore(models).installed_name(name)
    model = find_model(name)
    general = None if model.trained_on_canvases else answer_form(form or "plan")
    system = general.prompt(prompt) if general else system_prompt.omost_prompt()
    note = DEMO_NOTE if model.name == "composer" else ""
    engine: Engine
    if model.is_gguf:
        engine = LlamaCppEngine(
            python or Path(sys.executable),
            Path(model.source),
            context=model.context,
            gpu_reserve=gpu_reserve,
            restrict=_gbnf_restriction(general),
        )
    else:
        engine = ProcessEngine(worker_command(python, name)) if python else _local(name, general)
    if model.name == "composer":
        engine = DemoEngine(engine)
    return ChosenEngine(engine, system, note, model.context, _notation(model, general))


def _notation(model: CatalogEntry, general: AnswerForm | None) -> ModelNotation:
    if model.name == "composer":
        return DEMO_NOTATION
    return general.notation if general else model_notation.CODE


def _local(name: str, general: AnswerForm | None) -> Engine:
    # Imported late: it needs torch, which the host may lack if the model has its own process.
    from lib_omost.llm.transformers_engine import TransformersEngine

    return TransformersEngine(name, grammar_factory=_grammar_factory(general))


def _server(
    create: Callable[..., ServerEngine],
    model: str,
    dialect: Dialect,
    form: FormName | None,
    prompt: str,
) -> ChosenEngine:
    if "omost" in model.lower():
        wide = grammar.gbnf_grammar("wide")
        return ChosenEngine(create(grammar=wide), system_prompt.omost_prompt())
    # llama.cpp gets a grammar, other servers get a JSON schema.
    general = answer_form(form or ("plan" if dialect == "llama.cpp" else "json"))
    engine = create(
        schema=general.schema,
        edit_schema=general.edit_schema,
        grammar=general.grammar((), False),
        edit_grammar=general.grammar((), True),
    )
    return ChosenEngine(engine, general.prompt(prompt), notation=general.notation)


def _gbnf_restriction(general: AnswerForm | None) -> Callable[[Task], Mapping[str, Any]]:
    """Returns a function that builds the request field with the grammar of an answer."""

    def restrict(task: Task) -> Mapping[str, Any]:
        is_wanted = bool(general) if task.canvas_only is None else task.canvas_only
        return {"grammar": _grammar(general, task)} if is_wanted else {}

    return restrict


def _grammar_factory(general: AnswerForm | None) -> GrammarFactory | None:
    """Returns a function that builds the grammar of an answer, None without llguidance."""
    if importlib.util.find_spec("llguidance") is None:
        return None
    index_tokenizer = functools.lru_cache(maxsize=1)(grammar.index_tokenizer)

    def build_grammar(tokenizer: Any, task: Task) -> grammar.GrammarMask:
        rules = grammar.gbnf_to_lark(_grammar(general, task))
        return grammar.logits_processor(index_tokenizer(tokenizer), rules)

    return build_grammar


def _grammar(general: AnswerForm | None, task: Task) -> str:
    """Returns the grammar of an answer in GBNF; None: the model was trained on canvas code."""
    if general is None:
        return grammar.gbnf_grammar("wide")
    return general.grammar(subjects(task.messages), has_answer(task.messages))
