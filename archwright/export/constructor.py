"""Writes modules as the constructor calls that make them, a layer a line.

Works for every module that keeps each constructor argument in an attribute of the same name, as
torch's own do. Knows modules alone, not the file they are written into.
"""

from __future__ import annotations

import inspect
import keyword
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from archwright.errors import ArchwrightError
from archwright.export.assemble import Code, is_assembled, parts

Shape = tuple[int, ...]
Shapes = Mapping[nn.Module, tuple[Shape, Shape]]
Item = tuple[str, Any, str]

LONGEST = 84
WIDEST = 100
CLOSING = {"(": ")", "[": "]"}
UNKEPT = ("device", "dtype")
"""Where and in which precision a module lives is the file's reader's business."""


@dataclass(frozen=True)
class Line:
    """A line of source: how deep it is indented, and a remark to set behind it."""

    depth: int
    text: str
    note: str = ""

    def written(self, depth: int) -> list[str]:
        """Return this as text, indented `depth` times more; a long remark goes above."""
        indent = "    " * (self.depth + depth)
        line = f"{indent}{self.text}"
        if not self.note:
            return [line]
        whole = f"{line}  # {self.note}"
        return [whole] if len(whole) <= WIDEST else [f"{indent}# {self.note}", line]


@torch.no_grad()
def shapes(net: nn.Module, shape: Shape) -> dict[nn.Module, tuple[Shape, Shape]]:
    """Return what goes in and out of each module, per example; `shape` goes into the first."""
    found: dict[nn.Module, tuple[Shape, Shape]] = {}

    def remember(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if inputs and isinstance(inputs[0], Tensor) and isinstance(output, Tensor):
            found[module] = (tuple(inputs[0].shape[1:]), tuple(output.shape[1:]))

    modes = {module: module.training for module in net.modules()}
    hooks = [module.register_forward_hook(remember) for module in modes]
    try:
        net.eval()(torch.zeros(1, *shape))
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return found


def lines(module: nn.Module, known: Shapes, head: str, tail: str = "") -> list[Line]:
    """Return the call that makes `module`.

    Args:
        known: What `shapes` found.
        head: What comes before the arguments, such as `self.body = nn.Sequential`.
        tail: What comes after the last bracket.
    """
    items = _items(module)
    brackets = _brackets(module)
    if not any(isinstance(value, nn.Module) for _, value, _ in items):
        opening, closing = "".join(brackets), "".join(CLOSING[each[-1]] for each in brackets[::-1])
        texts = [f"{before}{_literal(value, module)}{after}" for before, value, after in items]
        return _leaf((f"{head}{opening}", texts, f"{closing}{tail}"), _note(module, known))
    inner: list[Line] = []
    for before, value, after in items:
        if isinstance(value, nn.Module):
            inner += lines(value, known, f"{before}{name(type(value))}", f"{after},")
        else:
            inner.append(Line(0, f"{before}{_literal(value, module)}{after},"))
    for bracket in reversed(brackets[1:]):
        inner = [Line(0, bracket), *_deeper(inner), Line(0, CLOSING[bracket[-1]])]
    return [Line(0, f"{head}{brackets[0]}"), *_deeper(inner), Line(0, f"{CLOSING['(']}{tail}")]


def _deeper(inner: list[Line]) -> list[Line]:
    return [Line(line.depth + 1, line.text, line.note) for line in inner]


def name(kind: type[nn.Module]) -> str:
    """Return what a module's class is called in `model.py`."""
    if not kind.__module__.startswith("torch."):
        return kind.__name__
    if getattr(nn, kind.__name__, None) is not kind:
        raise ArchwrightError(f"{kind.__module__}.{kind.__name__} cannot be written to model.py")
    return f"nn.{kind.__name__}"


def arguments(module: nn.Module) -> list[tuple[str, Any]]:
    """Return the arguments that make `module`: keyword (empty where positional) and value.

    Those that have their default value are left out.
    """
    if is_assembled(module):
        return parts(module)
    kind = type(module)
    torch_made = kind.__module__.startswith("torch.")
    found: list[tuple[str, Any]] = []
    parameters = list(inspect.signature(kind).parameters.values())
    for i, each in enumerate(parameters):
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) or each.name in UNKEPT:
            continue
        if each.name.startswith("_"):
            continue
        value = _value(module, each)
        if torch_made:
            value = _short(module, each, value)
        if repr(value) == repr(each.default):
            continue
        positional = torch_made and (i == 0 or each.default is each.empty)
        found.append(("" if positional else each.name, value))
    return found


def _value(module: nn.Module, parameter: inspect.Parameter) -> Any:
    if not hasattr(module, parameter.name):
        raise ArchwrightError(
            f"{type(module).__name__} cannot be written to model.py: it does not keep its "
            f"argument {parameter.name!r} in an attribute of that name"
        )
    value = getattr(module, parameter.name)
    if parameter.name == "bias" and (value is None or isinstance(value, Tensor)):
        return value is not None
    return value


def _short(module: nn.Module, parameter: inspect.Parameter, value: Any) -> Any:
    """Return 3 for a kernel of (3, 3), and None for a stride that follows the kernel."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        value = value[0]
    follows = parameter.name == "stride" and parameter.default is None
    if follows and value == getattr(module, "kernel_size", None):
        return None
    return value


def _items(module: nn.Module) -> list[Item]:
    """Return what goes between the brackets: what stands before a value, the value, and after."""
    if type(module) not in (nn.Sequential, nn.ModuleList):
        return [(f"{key}=" if key else "", value, "") for key, value in arguments(module)]
    children = list(module.named_children())
    if _numbered(module):
        return [("", child, "") for _, child in children]
    if _named(module):
        return [(f"{key}=", child, "") for key, child in children]
    return [(f"({key!r}, ", child, ")") for key, child in children]


def _brackets(module: nn.Module) -> list[str]:
    """Return the brackets around the items, the outermost first."""
    if type(module) is nn.ModuleList:
        return ["(", "["]
    if type(module) is not nn.Sequential or _numbered(module):
        return ["("]
    return ["(", "OrderedDict("] if _named(module) else ["(", "OrderedDict(", "["]


def _numbered(module: nn.Module) -> bool:
    return all(key == str(i) for i, (key, _) in enumerate(module.named_children()))


def _named(module: nn.Module) -> bool:
    keys = [key for key, _ in module.named_children()]
    return all(key.isidentifier() and not keyword.iskeyword(key) for key in keys)


def _leaf(call: tuple[str, list[str], str], note: str) -> list[Line]:
    """Return a call without modules in it: one line, or one a argument where that is too long."""
    opening, texts, closing = call
    line = f"{opening}{', '.join(texts)}{closing}"
    if len(line) <= LONGEST:
        return [Line(0, line, note)]
    wrapped = [
        textwrap.wrap(f"{text},", LONGEST, subsequent_indent="    ", break_long_words=False)
        for text in texts
    ]
    inner = [Line(1, part) for parts in wrapped for part in parts]
    return [Line(0, opening, note), *inner, Line(0, closing)]


def _note(module: nn.Module, known: Shapes) -> str:
    """Return the output's shape and how many parameters there are, where that says something."""
    count = sum(each.numel() for each in module.parameters())
    before, after = known.get(module, ((), ()))
    if not after or (before == after and not count):
        return ""
    shape = " x ".join(map(str, after)) if len(after) > 1 else _features(after[0])
    return f"{shape}, {count:,} parameters" if count else shape


def _features(count: int) -> str:
    return f"{count} feature" + ("" if count == 1 else "s")


def _literal(value: Any, module: nn.Module) -> str:
    match value:
        case Code():
            return value.text
        case str():
            text = repr(value)
            return text if '"' in text else f'"{text[1:-1]}"'
        case bool() | int() | None:
            return repr(value)
        case float() if math.isfinite(value):
            return repr(value)
        case tuple() | list():
            inner = ", ".join(_literal(each, module) for each in value)
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
    raise ArchwrightError(
        f"{type(module).__name__} cannot be written to model.py: its argument {value!r} is neither "
        "a module nor a plain number or text"
    )
