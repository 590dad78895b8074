"""Copies functions and classes out of modules, with all they need and nothing else.

Works on source text alone, with `ast`: it knows neither networks nor tasks. Imports of archwright
disappear, because what they name is copied too.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType

from archwright.errors import ArchwrightError
from archwright.export.assemble import with_constructor

ALLOWED = frozenset({*sys.stdlib_module_names, "torch", "numpy", "PIL"})


@dataclass(frozen=True)
class Part:
    """A top-level statement: a function, a class or a constant."""

    module: str
    text: str
    defines: frozenset[str]
    uses: frozenset[str]


@dataclass(frozen=True)
class Import:
    """`import module`, or `from module import name`."""

    module: str
    name: str = ""
    alias: str = ""

    @property
    def bound(self) -> str:
        return self.alias or self.name or self.module.split(".")[0]


def copy(
    modules: Iterable[str], roots: Iterable[str], rebuilt: Iterable[str] = ()
) -> tuple[list[Part], list[Import]]:
    """Return the parts of modules that `roots` need, in order, and the imports that go with them.

    Args:
        rebuilt: Classes that are given the constructor of `assemble`.

    Raises:
        ArchwrightError: two parts share a name, or need what `model.py` may not import.
    """
    homes, parts, imports = list(dict.fromkeys(modules)), list[Part](), list[Import]()
    followed = -1
    while followed < len(homes):  # what is copied may need what its module imports
        followed = len(homes)
        parts, imports = _needed(homes, set(roots), set(rebuilt))
        ours = dict.fromkeys(each.module for each in imports if _is_own(each))
        homes = _bases_first([*homes, *ours])
    refuse_clashes(parts)
    imports = [each for each in imports if not _is_own(each)]
    for each in imports:
        if each.module.split(".")[0] not in ALLOWED:
            raise ArchwrightError(
                f"model.py may import only torch, numpy and the standard library, not "
                f"{each.module!r}; write the block without it"
            )
    return parts, imports


def names(text: str) -> frozenset[str]:
    """Return every name that a piece of source reads."""
    return _uses(ast.parse(text))


def header(imports: Iterable[Import]) -> str:
    """Return import lines as a linter likes them: the standard library first."""
    groups: dict[bool, list[str]] = {True: [], False: []}
    unique = set(imports)
    plain = sorted({(i.module, i.alias) for i in unique if not i.name})
    for module, alias in plain:
        line = f"import {module}" + (f" as {alias}" if alias else "")
        groups[_standard(module)].append(line)
    for module in sorted({i.module for i in unique if i.name}):
        listed = sorted({_item(i) for i in unique if i.module == module and i.name}, key=_order)
        groups[_standard(module)].append(f"from {module} import {', '.join(listed)}")
    return "\n\n".join("\n".join(lines) for lines in groups.values() if lines)


def _order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return (not name.isupper(), not name[0].isupper(), name)


def _item(each: Import) -> str:
    return f"{each.name} as {each.alias}" if each.alias else each.name


def _standard(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names


def _needed(
    modules: Iterable[str], wanted: set[str], rebuilt: set[str]
) -> tuple[list[Part], list[Import]]:
    """Return the parts that define `wanted` names, those that these need, and their imports."""
    texts = {name: _source(importlib.import_module(name)) for name in modules}
    if rebuilt:
        texts = {name: with_constructor(text, rebuilt) for name, text in texts.items()}
    everything = [part for name, text in texts.items() for part in _parts(name, text)]
    found = set[Part]()
    while more := {part for part in everything if part.defines & wanted} - found:
        found |= more
        wanted |= {name for part in more for name in part.uses}
    parts = [part for part in everything if part in found]
    used = dict.fromkeys(part.module for part in parts)
    imports = [each for module in used for each in _imports(texts[module]) if each.bound in wanted]
    return parts, imports


def _bases_first(modules: Iterable[str]) -> list[str]:
    """Return modules once each, after those that they import: a class needs its base."""
    listed, done = list(dict.fromkeys(modules)), dict[str, None]()

    def visit(module: str) -> None:
        if module not in done:
            text = _source(importlib.import_module(module))
            for each in _imports(text):
                if each.module in listed and each.module != module:
                    visit(each.module)
            done[module] = None

    for module in listed:
        visit(module)
    return list(done)


def _is_own(each: Import) -> bool:
    return each.module.startswith("archwright.")


def _source(module: ModuleType) -> str:
    try:
        return inspect.getsource(module)
    except (OSError, TypeError):
        raise ArchwrightError(
            f"{module.__name__}: its source cannot be read, so it cannot be copied into model.py"
        ) from None


def _parts(module: str, text: str) -> list[Part]:
    lines = text.splitlines()
    parts: list[Part] = []
    for node in ast.parse(text).body:
        shown = "\n".join(lines[_first(node, lines) : node.end_lineno])
        if isinstance(node, ast.Expr) and parts:  # the docstring of a constant
            last = parts.pop()
            parts.append(Part(module, f"{last.text}\n{shown}", last.defines, last.uses))
        elif defines := _defines(node):
            parts.append(Part(module, shown, defines, _uses(node)))
    return parts


def _first(node: ast.stmt, lines: Sequence[str]) -> int:
    """Return the line on which a statement starts, with its decorators and comments."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first: int = min([node.lineno, *(each.lineno for each in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return first


def _defines(node: ast.stmt) -> frozenset[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return frozenset({name})
        case ast.Assign(targets=[ast.Name(id=name)]):
            return frozenset({name})
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            return frozenset({name})
    return frozenset()


def _uses(node: ast.AST) -> frozenset[str]:
    """Return the names that are read and not made inside: a local `text` is no call of `text`."""
    walked = list(ast.walk(node))
    made = {each.arg for each in walked if isinstance(each, ast.arg)}
    found = [each for each in walked if isinstance(each, ast.Name)]
    made |= {each.id for each in found if isinstance(each.ctx, ast.Store)}
    return frozenset({each.id for each in found} - made)


def _imports(text: str) -> list[Import]:
    found: list[Import] = []
    for node in ast.parse(text).body:
        match node:
            case ast.Import(names=aliases):
                found += [Import(each.name, alias=each.asname or "") for each in aliases]
            case ast.ImportFrom(module=str(module), names=aliases) if module != "__future__":
                found += [Import(module, each.name, each.asname or "") for each in aliases]
    return found


def refuse_clashes(parts: Iterable[Part]) -> None:
    """Raise ArchwrightError where two modules define the same name."""
    homes: dict[str, str] = {}
    for part in parts:
        for name in part.defines:
            if homes.setdefault(name, part.module) != part.module:
                raise ArchwrightError(
                    f"{name!r} is defined in {homes[name]} and in {part.module}: both cannot be "
                    "copied into one model.py; rename one of them"
                )


def join(parts: Sequence[Part]) -> str:
    """Return parts as text: constants close together, two lines around all else."""
    text = parts[0].text if parts else ""
    for before, part in pairwise(parts):
        close = _is_constant(before) and _is_constant(part) and before.module == part.module
        text += ("\n" if close else "\n\n\n") + part.text
    return text


def _is_constant(part: Part) -> bool:
    return not part.text.startswith(("def ", "class ", "@", "#"))
