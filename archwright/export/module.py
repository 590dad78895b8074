"""Loads an exported `model.py` afresh, beside any other that is loaded."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType

from archwright.errors import RunError


def load_module(folder: Path) -> ModuleType:
    """Return `folder/model.py` as a module: `load`, `predict`, `write_predictions` and more.

    It is read from disk each time, and is not entered among the imported modules.

    Raises:
        RunError: the file is missing or damaged.
    """
    path = folder / "model.py"
    try:
        text = path.read_text(encoding="utf-8")
        code = compile(text, str(path), "exec")
    except FileNotFoundError:
        raise RunError(f"{path}: the file is missing; {way_out(folder)}") from None
    except (SyntaxError, ValueError):
        raise RunError(f"{path}: the file is damaged; {way_out(folder)}") from None
    module = ModuleType("model")
    module.__file__ = str(path)
    try:
        exec(code, module.__dict__)
    except (NameError, AttributeError, TypeError) as error:
        raise RunError(f"{path}: the file is damaged ({error}); {way_out(folder)}") from None
    lost = sorted(set(_needed(code)) - vars(module).keys() - vars(builtins).keys())
    if lost:  # cut between two functions, it can be loaded all the same
        raise RunError(f"{path}: the file is damaged ({lost[0]} is missing); {way_out(folder)}")
    return module


def _needed(code: CodeType) -> Iterator[str]:
    """Yield the names that functions look for in the module, or among what Python has."""
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _needed(inner)


def way_out(folder: Path) -> str:
    """Return what to do about a result that is damaged."""
    return f"`archwright resume {folder.resolve().parent}` writes the result again"
