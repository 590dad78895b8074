"""A space as a tree of titled parts, and that as text: what the drawings are made of.

Reads nodes of `core.space`; knows no space by name and no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from archwright.core.space import Choice, Dag, Op, Range, Repeat, Seq, ends
from archwright.report.words import TIMES

Edge = tuple[int, int, bool]
"""The state an edge comes from, the one it leads to, and whether the search chooses it."""


@dataclass(frozen=True)
class Part:
    """A line of the drawing, and what lies inside of it.

    Args:
        name: What it is called where it stands: a step of the path, or an answer.
        kind: What it is; empty where the name says it.
        detail: Its parameters, holes in braces.
        hole: Whether the search chooses here.
        cell: The edges, if it is a cell, and how many states go in.
    """

    name: str
    kind: str = ""
    detail: str = ""
    hole: bool = False
    inside: tuple[Part, ...] = ()
    cell: tuple[tuple[Edge, ...], int] | None = None


def outline(node: Any, name: str = "") -> Part:
    """Return the drawing of a node as parts inside of parts."""
    match node:
        case Choice(options) if _plain(options):
            return Part(name, "", short(node), hole=True)
        case Choice(options):
            inside = tuple(outline(option) for option in options)
            return Part(name, "one of", "", hole=True, inside=inside)
        case Range():
            return Part(name, "", short(node), hole=True)
        case Op(kind, params):
            given = [f"{key} {short(value)}" for key, value in params if _short(value)]
            inside = tuple(outline(value, key) for key, value in params if not _short(value))
            holes = any(isinstance(value, Choice | Range) for _, value in params)
            shown = ("", kind) if name == kind or not name else (kind, name)
            return Part(shown[1], shown[0], ", ".join(given), holes, inside)
        case Seq():
            return Part(name, "", "", inside=tuple(_merged(node)))
        case Repeat(child, times, tied):
            kind = f"{TIMES} {short(times)}{', all alike' if tied else ''}"
            return Part(name, kind, "", not isinstance(times, int), (outline(child, "each"),))
        case Dag():
            return _cell(node, name)
    return Part(name, "", str(node))


def text(part: Part) -> str:
    """Return the outline as lines with branches, for a terminal; holes stand in braces."""
    return "\n".join([_line(part), *_branches(part, "")])


def short(value: Any) -> str:
    """Return a literal as it is, a hole in braces."""
    match value:
        case Range(low, high, log):
            return f"{{{low} to {high}{', log' if log else ''}}}"
        case Choice():
            return "{" + ", ".join(str(each) for each in value.values) + "}"
    return str(value)


def _short(value: Any) -> bool:
    """Whether a parameter fits into a line: a literal, or a hole whose options have no holes."""
    if isinstance(value, Choice):
        return _plain(value.options)
    return not isinstance(value, Op | Seq | Repeat | Dag)


def _plain(options: tuple[Any, ...]) -> bool:
    return not any(isinstance(each, Op) and _holes(each) for each in options)


def _holes(node: Any) -> bool:
    match node:
        case Choice() | Range() | Repeat() | Dag() | Seq():
            return True
        case Op(_, params):
            return any(_holes(value) for _, value in params)
    return False


def _merged(node: Seq) -> Iterator[Part]:
    """Yield the children; equal neighbours as one, `0 to 2`."""
    waiting: list[Part] = []
    for step, child in node.steps():
        part = outline(child, str(step))
        if waiting and replace(part, name="") != replace(waiting[0], name=""):
            yield _joined(waiting)
            waiting = []
        waiting.append(part)
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    return replace(parts[0], name=f"{parts[0].name} to {parts[-1].name}")


def _cell(dag: Dag, name: str) -> Part:
    inside, edges = list[Part](), set[Edge]()
    for source, target, child in dag.edges:
        chosen = not isinstance(source, int)
        told = f"{short(source)} to {target}" if target >= 0 else short(source)
        for option in child if isinstance(child, tuple) else (child,):
            part = outline(option, told)
            inside.append(replace(part, name=told, hole=part.hole or chosen))
        for answer in source.values if not isinstance(source, int) else (source,):
            starts, end = ends(answer, target)
            edges |= {(start, end, chosen) for start in starts}
    states = [outline(each, f"state {dag.inputs + k}") for k, each in enumerate(dag.vertices)]
    gives = {"last": "gives the last state", "concat": "gives all states side by side"}
    detail = gives.get(dag.output, "gives the states that feed nothing, side by side")
    parts = (*_once(inside), *_once(states))
    return Part(name, "cell", detail, False, parts, (tuple(sorted(edges)), dag.inputs))


def _once(parts: list[Part]) -> Iterator[Part]:
    """Yield parts; those that are equal but for their names share a line."""
    groups: dict[Part, list[str]] = {}
    for part in parts:
        groups.setdefault(replace(part, name=""), []).append(part.name)
    for part, names in groups.items():
        yield replace(part, name=", ".join(dict.fromkeys(names)))


def _line(part: Part) -> str:
    head = f"{part.name}: {part.kind}" if part.name and part.kind else part.name or part.kind
    return "  ".join(filter(None, (head, part.detail)))


def _branches(part: Part, indent: str) -> Iterator[str]:
    for i, child in enumerate(part.inside):
        last = i == len(part.inside) - 1
        yield f"{indent}{'└ ' if last else '├ '}{_line(child)}"
        yield from _branches(child, f"{indent}{'  ' if last else '│ '}")
