"""A space as a drawing: boxes inside of boxes, cells with their states and edges, as one SVG file.

Draws what `outline` tells; needs no browser, font or network to be made.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from archwright.report.outline import Edge, Part

WIDTH, PAD, LINE = 860, 10, 16
LETTER, BOLD = 6.4, 7.6
"""Pixels that a letter takes, about; text is wrapped by it."""

STEP, DOT = 70, 11
"""Between the states of a cell, and the radius of one."""

STYLE = """\
svg { background: #fff; color: #1c2330; font: 12px system-ui, sans-serif }
rect { fill: #f5f7fa; stroke: #c3cad6 }
.hole { fill: #eef3ff; stroke: #3d6be0 }
.name { font-weight: 600 }
.dot { fill: #fff; stroke: #1c2330 }
path { fill: none; stroke: #6b7688; stroke-width: 1.2 }
.open { stroke: #3d6be0; stroke-dasharray: 4 3 }
text { fill: #1c2330 }"""


@dataclass
class Canvas:
    """Shapes drawn so far."""

    shapes: list[str] = field(default_factory=list)

    def text(self, at: tuple[float, float], words: str, style: str = "") -> None:
        kind = f' class="{style}"' if style else ""
        self.shapes.append(f'<text x="{at[0]:g}" y="{at[1]:g}"{kind}>{escape(words)}</text>')


def svg(part: Part, lines: Sequence[str] = ()) -> str:
    """Return an SVG document.

    Args:
        part: What `outline` gave.
        lines: What to write above the drawing.
    """
    canvas, y = Canvas(), float(PAD)
    for line in lines:
        for wrapped in textwrap.wrap(line, int((WIDTH - 2 * PAD) / LETTER)):
            y += LINE
            canvas.text((PAD, y), wrapped)
    y = _box(canvas, part, (PAD, y + PAD), WIDTH - 2 * PAD) + PAD
    size = f'width="{WIDTH}" height="{y:g}" viewBox="0 0 {WIDTH} {y:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>'
    title = f"<title>{escape(part.name)}</title>\n<style>\n{STYLE}\n</style>"
    return "\n".join([head, title, *canvas.shapes, "</svg>", ""])


def _box(canvas: Canvas, part: Part, at: tuple[float, float], width: float) -> float:
    """Draw a part with what is inside of it; return where the next one may begin."""
    x, y = at
    place = len(canvas.shapes)
    y = _told(canvas, part, (x + PAD, y), width - 2 * PAD)
    if part.cell:
        y = _cell(canvas, part.cell, (x + PAD, y))
    for child in part.inside:
        y = _box(canvas, child, (x + PAD, y + PAD / 2), width - 2 * PAD)
    y += PAD / 2 if not part.inside else PAD
    style = ' class="hole"' if part.hole else ""
    frame = (
        f'<rect x="{x:g}" y="{at[1]:g}" width="{width:g}" height="{y - at[1]:g}" rx="5"{style}/>'
    )
    canvas.shapes.insert(place, frame)
    return y


def _told(canvas: Canvas, part: Part, at: tuple[float, float], width: float) -> float:
    """Write a part's own words; return where they end."""
    x, y = at
    head = f"{part.name}: {part.kind}" if part.name and part.kind else part.name or part.kind
    for words, style, letter in ((head, "name", BOLD), (part.detail, "", LETTER)):
        for line in textwrap.wrap(words, int(width / letter)):
            y += LINE
            canvas.text((x, y), line, style)
    return y


def _cell(canvas: Canvas, cell: tuple[tuple[Edge, ...], int], at: tuple[float, float]) -> float:
    """Draw states in a row and edges as arcs; dashed ones are among those to choose from."""
    edges, inputs = cell
    last = max(target for _, target, _ in edges)
    longest = max(target - source for source, target, _ in edges)
    step = min(STEP, (WIDTH / 2) / max(1, last))
    x, y = at[0] + 2 * DOT, at[1] + PAD + longest * step / 2.6 + DOT
    for source, target, chosen in edges:
        first, end = x + source * step, x + target * step
        top = y - DOT - (target - source) * step / 1.3
        style = ' class="open"' if chosen else ""
        arc = f"M{first:g} {y - DOT:g} Q{(first + end) / 2:g} {top:g} {end:g} {y - DOT:g}"
        canvas.shapes.append(f'<path d="{arc}"{style}/>')
    for state in range(last + 1):
        where = f'cx="{x + state * step:g}" cy="{y:g}" r="{DOT}"'
        canvas.shapes.append(f'<circle class="dot" {where}/>')
        canvas.text((x + state * step - 3.5, y + 4), str(state), "name" if state < inputs else "")
    return y + DOT
