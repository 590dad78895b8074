"""Writes down networks of a user's own, whose parts were exchanged after they were made.

The constructor of such a class would make the parts as they were first. So in `model.py` its
constructor is replaced by one that takes every part as an argument; all else is copied.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from archwright.errors import ArchwrightError
from archwright.nets.own import ASSEMBLED

CONSTRUCTOR = """\
    def __init__(self, **parts: Any) -> None:
        assemble(self, parts)
"""


def assemble(module: nn.Module, parts: dict[str, Any]) -> None:
    """Put the parts of a module in place: layers, weights, buffers and plain attributes."""
    nn.Module.__init__(module)
    for key, part in parts.items():
        if isinstance(part, Tensor) and not isinstance(part, nn.Parameter):
            module.register_buffer(key, part)
        else:
            setattr(module, key, part)


@dataclass(frozen=True)
class Code:
    """A value that is written as it stands."""

    text: str


def is_assembled(module: nn.Module) -> bool:
    """Whether a module is to be written with its parts as arguments."""
    return bool(getattr(module, ASSEMBLED, False))


def parts(module: nn.Module) -> list[tuple[str, Any]]:
    """Return what `assemble` needs to make a module again: name and value.

    Raises:
        ArchwrightError: it keeps something that cannot be written down.
    """
    kept = {key: value for key, value in vars(module).items() if not key.startswith("_")}
    found = {key: value for key, value in kept.items() if key not in ("training", ASSEMBLED)}
    found |= {key: _tensor(module, key, value) for key, value in module._parameters.items()}
    found |= {key: _tensor(module, key, value) for key, value in module._buffers.items()}
    found |= dict(module._modules)
    odd = [key for key in found if not key.isidentifier() or keyword.iskeyword(key)]
    if odd:
        raise ArchwrightError(
            f"{type(module).__name__} cannot be written to model.py: {odd[0]!r} cannot be the name"
            " of an argument; rename the part"
        )
    return list(found.items())


def _tensor(module: nn.Module, key: str, value: Tensor | None) -> Any:
    if value is None:
        return None
    if key in module._non_persistent_buffers_set:
        raise ArchwrightError(
            f"{type(module).__name__} cannot be written to model.py: its buffer {key!r} is not"
            " stored with the weights; register it without persistent=False"
        )
    kind = "" if value.dtype == torch.float32 else f", dtype={value.dtype}"
    zeros = Code(f"torch.zeros({tuple(value.shape)}{kind})")
    return Code(f"nn.Parameter({zeros.text})") if isinstance(value, nn.Parameter) else zeros


def with_constructor(text: str, names: Iterable[str]) -> str:
    """Return a module's source with `CONSTRUCTOR` in place of that of the named classes."""
    lines, wanted = text.splitlines(), set(names)
    classes = [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef)]
    for each in reversed([each for each in classes if each.name in wanted]):
        first, last = _constructor(each)
        lines[first:last] = CONSTRUCTOR.splitlines()
    return "\n".join(lines) + "\n"


def _constructor(owner: ast.ClassDef) -> tuple[int, int]:
    """Return the lines that a class's constructor takes, or where one is to be put."""
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            return first - 1, node.end_lineno or first
    end = owner.end_lineno or owner.lineno
    return end, end
