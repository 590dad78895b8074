"""Draws what `race.json` holds: a plot for each data set, `race-DATA.svg` beside it.

Usage: python benchmarks/race_plot.py [FILE]

Errors at the deadline, on logarithmic axes, so that lower is better for classes and for values;
the median of the seeds, and for archwright the best and the worst of them.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archwright.bench.plots import COLOURS
from benchmarks.environments import OURS
from benchmarks.records import ROOT

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 80, 300, 50, 60
STYLE = "font:13px system-ui,sans-serif;fill:#374151"

Point = tuple[float, float]


@dataclass
class Curve:
    """An entrant: (minutes, error) pairs, (minutes, least, most) where seeds are known, and the
    minutes at which it had nothing."""

    points: list[Point] = field(default_factory=list)
    bars: list[tuple[float, float, float]] = field(default_factory=list)
    nothing: list[float] = field(default_factory=list)


def curves(records: Sequence[Mapping[str, Any]]) -> dict[str, Curve]:
    """Return what the records of one data set say of each entrant, archwright first."""
    found = {OURS: Curve()}
    for record in records:
        minutes = float(record["case"].split("/")[1].removesuffix("m"))
        low, high = sorted(error(record, value) for value in record["spread"])
        found[OURS].bars.append((minutes, low, high))
        for name, value in {OURS: record["value"], **record.get("rivals", {})}.items():
            found.setdefault(name, Curve()).points.append((minutes, error(record, value)))
        for name in record.get("nothing at the deadline", ()):
            found.setdefault(name, Curve()).nothing.append(minutes)
    return found


def error(record: Mapping[str, Any], value: float) -> float:
    """Return a score as an error: per cent of the rows, or as it is."""
    return max(100 * (1 - value), 1e-3) if record["better"] == "higher" else value


def svg(name: str, records: Sequence[Mapping[str, Any]]) -> str:
    """Return the plot of one data set."""
    found = curves(records)
    places = [point for curve in found.values() for point in curve.points]
    places += [(x, each) for x, *both in found[OURS].bars for each in both]
    x, y = (_axis([place[i] for place in places], *ends) for i, ends in enumerate(ENDS))
    percent = records[0]["better"] == "higher"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 28, f"{name}: error at the deadline", "font-weight:600;font-size:15px"),
        _text(LEFT, HEIGHT - 15, "minutes"),
        _text(LEFT - 70, TOP - 8, "% wrong" if percent else "RMSE"),
        *_grid(x, sorted({minutes for minutes, _ in places}), y),
    ]
    for i, (entrant, curve) in enumerate(found.items()):
        parts += _drawn(entrant, curve, COLOURS[i % len(COLOURS)], i, (x, y))
    return "\n".join([*parts, "</svg>\n"])


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from `low` to `high`, drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where on the picture a value lies."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return round values on the axis: 1, 2 and 5 times powers of ten, or its two ends."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        inside = [value for value in found if self.low <= value <= self.high]
        return inside if len(inside) > 1 else [self.low, self.high]


ENDS = ((LEFT + 20, WIDTH - RIGHT - 20), (HEIGHT - BOTTOM, TOP + 10))


def _axis(values: Sequence[float], start: float, end: float) -> Axis:
    low, high = min(values), max(values)
    room = 1.05 if high > low else 1.5
    return Axis(low / room, high * room, start, end)


def _grid(x: Axis, minutes: Sequence[float], y: Axis) -> Iterator[str]:
    right = WIDTH - RIGHT
    for value in y.ticks():
        yield _line((LEFT, y.at(value)), (right, y.at(value)), "#e5e7eb", 1)
        yield _text(LEFT - 8, y.at(value) + 4, f"{value:,.3g}", "text-anchor:end")
    for value in minutes:
        yield _text(x.at(value), HEIGHT - BOTTOM + 20, f"{value:g}", "text-anchor:middle")


def _drawn(
    name: str, curve: Curve, colour: str, place: int, axes: tuple[Axis, Axis]
) -> Iterator[str]:
    x, y = axes
    wide = 3 if name == OURS else 1.5
    where = [(x.at(minutes), y.at(value)) for minutes, value in sorted(curve.points)]
    if len(where) > 1:
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in where)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{wide}"/>'
    for a, b in where:
        yield f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{wide + 1.5}" fill="{colour}"/>'
    for minutes, low, high in curve.bars:
        yield _line((x.at(minutes), y.at(low)), (x.at(minutes), y.at(high)), colour, 1.5)
    top, left = TOP + 10 + 24 * place, WIDTH - RIGHT + 20
    yield f'<circle cx="{left}" cy="{top - 4}" r="5" fill="{colour}"/>'
    absent = f" (nothing at {', '.join(f'{each:g}' for each in curve.nothing)} min)"
    label = name + (absent if curve.nothing else "")
    yield _text(left + 14, top, label, "font-weight:600" if name == OURS else "")


def _line(start: Point, end: Point, colour: str, wide: float) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{wide}"/>'


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{STYLE};{more}">{escape(text)}</text>'


def draw(path: Path) -> list[Path]:
    """Write a plot for each data set of a race beside its file; return their paths."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
        by_name.setdefault(record["case"].split("/")[0], []).append(record)
    written = []
    for name, records in by_name.items():
        place = path.with_name(f"{path.stem}-{name}.svg")
        place.write_text(svg(name, records), encoding="utf-8")
        written.append(place)
    return written


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "benchmarks" / "race.json")
