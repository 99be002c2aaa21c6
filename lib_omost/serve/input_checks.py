"""Checks what a request hands to the page's components before gradio works with it.

Gradio downloads, copies and opens whatever file a value names, wherever the value stands.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from lib_omost.llm.failures import explain_failure

NO_UPLOAD = "This is no file that was uploaded to this page: choose the file again."


class CheckedBlocks(gr.Blocks):  # type: ignore[misc]
    """A page of gradio's that takes plain values and uploaded files only.

    All routes by which gradio runs a handler pass through `process_api`, in both versions. Whatever
    goes wrong there becomes a sentence: gradio would answer {"error": null}.
    """

    async def process_api(self, *args: Any, **given: Any) -> dict[str, Any]:
        """Run a handler (gradio.Blocks.process_api)."""
        try:
            given["inputs"] = checked(self._components(given), given["inputs"])
            answer: dict[str, Any] = await super().process_api(*args, **given)
            return answer
        except gr.Error:
            raise
        except ValueError as error:
            raise gr.Error(str(error)) from error
        except Exception as error:
            raise gr.Error(explain_failure(error, "The page")) from error

    def _components(self, given: dict[str, Any]) -> list[Any]:
        """Return the components whose values a handler takes."""
        if "fn_index" in given:  # gradio 3
            taken = self.dependencies[given["fn_index"]]["inputs"]
            return [self.blocks[number] for number in taken]
        return list(given["block_fn"].inputs)


def checked(components: Sequence[Any], values: Any) -> list[Any]:
    """Return the values of components, with nothing in them that gradio would follow.

    Raises ValueError, in a sentence for the visitor.
    """
    if not isinstance(values, list) or len(values) < len(components):
        raise ValueError(f"The handler takes a list of {len(components)} values.")
    return [_checked(*pair) for pair in zip(components, values, strict=False)]


def uploads() -> Path:
    """Return the folder in which gradio keeps what is uploaded."""
    named = os.environ.get("GRADIO_TEMP_DIR")
    return Path(named or Path(tempfile.gettempdir()) / "gradio").resolve()


def _checked(component: Any, value: Any) -> Any:
    if getattr(component, "stateful", False):
        return None  # the server has its own
    if value is None:
        return None
    if isinstance(component, gr.File):
        return _uploaded(value)
    for kind, is_right, what in KINDS:
        if isinstance(component, kind):
            if not is_right(value):
                label = getattr(component, "label", None) or getattr(component, "elem_id", "")
                raise ValueError(f"“{label}” takes {what}, not {str(value)[:100]}.")
            return value
    if _holds_object(value):
        raise ValueError(NO_UPLOAD)
    return value


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value) < math.inf


def _is_choice(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, str) or _is_number(item) for item in items)


KINDS: list[tuple[Any, Callable[[Any], bool], str]] = [
    (gr.Slider, _is_number, "a number"),
    (gr.Number, _is_number, "a number"),
    (gr.Checkbox, lambda value: isinstance(value, bool), "true or false"),
    (gr.Dropdown, _is_choice, "one of its choices"),
    (gr.Radio, lambda value: isinstance(value, str), "one of its choices"),
    (gr.Textbox, lambda value: isinstance(value, str), "text"),
]
"""What the values of a kind of component are, as a test and in words."""


def _holds_object(value: Any) -> bool:
    """Whether a value has an object in it, such as one that names a file."""
    if isinstance(value, list):
        return any(map(_holds_object, value))
    return isinstance(value, dict)


def _uploaded(value: Any) -> dict[str, Any]:
    """Describe an uploaded file to gradio anew. Raises ValueError for what is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ValueError(NO_UPLOAD)
    name = "path" if "path" in value else "name"  # of gradio 4 and of gradio 3
    path = value.get(name)
    if not isinstance(path, str) or "\0" in path or not _is_stored(Path(path)):
        raise ValueError(NO_UPLOAD)
    given = value.get("orig_name")
    own_name = {"orig_name": given if isinstance(given, str) else Path(path).name}
    if name == "path":
        return {"path": path, "meta": {"_type": "gradio.FileData"}, **own_name}
    return {"name": path, "is_file": True, "data": None, **own_name}


def _is_stored(path: Path) -> bool:
    file = path.resolve()
    return uploads() in file.parents and file.is_file()
