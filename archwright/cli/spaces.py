"""`archwright spaces`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archwright.errors import SpaceError

if TYPE_CHECKING:
    from archwright.nets.weigh import Survey
    from archwright.registry import Modality

CLASSES = 10


def spaces(
    action: Annotated[str, typer.Argument(help="show, or nothing for the list.")] = "list",
    name: Annotated[str | None, typer.Argument(help="The space to show.")] = None,
    shape: Annotated[
        str | None, typer.Option(help="Of an example. [default: 3,32,32 or, for tables, 16]")
    ] = None,
    svg: Annotated[str | None, typer.Option(help="A file to draw the space into.")] = None,
    draws: Annotated[int, typer.Option(help="Networks drawn to see what they cost.", min=1)] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False,
) -> None:
    """List the search spaces, or show one: its size, what its networks cost, a drawing."""
    if action == "list" and name is None:
        _list(as_json)
    elif action == "show" and name is not None:
        _show(name, shape, draws, svg, as_json)
    else:
        raise SpaceError("write `archwright spaces`, or `archwright spaces show NAME`")


def _list(as_json: bool) -> None:
    from archwright import registry
    from archwright.core.space import size

    found = list[dict[str, Any]]()
    for name in registry.names("spaces"):
        make = registry.find("spaces", name)
        kind = _takes(make)
        holds = size(make(kind.shape))
        found.append({"name": name, "takes": kind.data, "size": holds, "what": _about(make)})
    if as_json:
        print(json.dumps(found, indent=1))
        return
    wide, broad = (max(len(each[key]) for each in found) for key in ("name", "takes"))
    for each in found:
        line = f"{each['name']:{wide}}  {each['takes']:{broad}}  {_compact(each['size']):>8}  "
        print(line + each["what"])


def _show(name: str, shape: str | None, draws: int, svg: str | None, as_json: bool) -> None:
    from archwright import registry
    from archwright.nets.site import taking
    from archwright.nets.weigh import survey
    from archwright.report.outline import outline, text
    from archwright.report.space_svg import svg as drawn

    make = registry.find("spaces", name)
    sides = _sides(shape) if shape else _takes(make).shape
    space, starts = make(sides), registry.portfolio(name)(sides)
    found = survey(space, taking(sides, CLASSES), starts, draws=draws)
    papers = list(dict.fromkeys(re.findall(r"arXiv:\d{4}\.\d{4,5}", make.__doc__ or "")))
    lines = [f"{name}: {_about(make)}", *_words(found, sides), *_papers(papers)]
    part = outline(space, name)
    if svg:
        _write(svg, drawn(part, lines))
    if as_json:
        print(json.dumps(_facts(name, sides, found, papers), indent=1))
        return
    print("\n".join([*lines, "", text(part)]))


def _facts(name: str, shape: tuple[Any, ...], found: Survey, papers: list[str]) -> dict[str, Any]:
    from dataclasses import asdict

    return {"name": name, "shape": shape, "classes": CLASSES, **asdict(found), "papers": papers}


def _words(found: Survey, shape: tuple[Any, ...]) -> list[str]:
    """Return what a survey found, in sentences."""
    several = shape if isinstance(shape[0], tuple) else (shape,)
    about = ", ".join("x".join(map(str, each)) for each in several)
    holes = f"{found.holes.low:.0f}"
    if found.holes.high > found.holes.low:
        holes += f" to {found.holes.high:.0f}"
    lines = [
        f"{_compact(found.size)} architectures for examples of {about}; {holes} choices in one,"
        f" {found.depth} deep",
        f"{found.drawn} networks drawn, {CLASSES} classes:",
    ]
    for metric, unit in (("params", "parameters"), ("macs", "multiply-accumulates")):
        spread = getattr(found, metric)
        line = f"  {spread.low:,.0f} to {spread.high:,.0f} {unit}, median {spread.middle:,.0f}"
        if found.default:
            line += f"; default {found.default[metric]:,.0f}"
        lines.append(line)
    if found.cut:
        lines.append(f"  {found.cut} of them have no way from input to output")
    return lines


def _papers(papers: list[str]) -> list[str]:
    return [f"Papers: {', '.join(papers)}"] if papers else []


def _takes(make: Any) -> Modality:
    """Return which data a space is for: it refuses the shapes of others."""
    from archwright.registry import MODALITIES

    for kind in MODALITIES.values():
        try:
            make(kind.shape)
        except SpaceError:
            continue
        return kind
    known = ", ".join(kind.data for kind in MODALITIES.values())
    raise SpaceError(f"the space takes none of {known}: {_about(make)}")


def _about(make: Any) -> str:
    """Return the first sentence of what is written about a space, without its sources."""
    module = sys.modules[make.__module__]
    return (module.__doc__ or make.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _sides(text: str) -> tuple[int, ...]:
    """Return `(3, 32, 32)` from `3,32,32`.

    Raises:
        SpaceError: it is not such a text.
    """
    if not re.fullmatch(r"[1-9]\d*([,x][1-9]\d*){0,3}", text):
        raise SpaceError(f"--shape {text!r} cannot be read; write channels,height,width: 3,32,32")
    return tuple(map(int, re.split("[,x]", text)))


def _compact(number: int) -> str:
    return f"{number:,}" if number < 10**6 else f"{number:.1e}".replace("e+", "e")


def _write(where: str, drawing: str) -> None:
    try:
        Path(where).write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise SpaceError(f"--svg {where}: cannot be written ({error.strerror})") from None
    print(f"Drawing: {where}", file=sys.stderr)
