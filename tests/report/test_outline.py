"""Drawings of spaces, as text and as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from archwright import registry
from archwright.core.space import Choice, Dag, Range, Repeat, op, seq
from archwright.report.outline import outline, text
from archwright.report.space_svg import svg
from archwright.testing import TOY

NAMES = list(registry.SPACES)


def test_holes_stand_in_braces_and_parts_below_what_holds_them() -> None:
    layer = op("dense", units=Range(4, 64, log=True), activation=Choice(("relu", "tanh")))
    space = seq(
        body=op("stack", norm="batch", layers=Repeat(layer, Range(1, 3))), head=op("output")
    )
    assert text(outline(space, "mine")).splitlines() == [
        "mine",
        "├ body: stack  norm batch",
        "│ └ layers: \N{MULTIPLICATION SIGN} {1 to 3}",
        "│   └ each: dense  units {4 to 64, log}, activation {relu, tanh}",
        "└ head: output",
    ]


def test_options_with_holes_of_their_own_have_lines_of_their_own() -> None:
    space = seq(a=Choice((op("conv", kernel=Choice((3, 5))), op("identity"))))
    assert text(outline(space)).splitlines()[1:] == [
        "└ a: one of",
        "  ├ conv  kernel {3, 5}",
        "  └ identity",
    ]


def test_equal_neighbours_and_equal_edges_share_a_line() -> None:
    edge = Choice((op("none"), op("identity")))
    cell = Dag(((0, 1, edge), (0, 2, edge), (Choice((0, 1)), 2, op("identity"))))
    lines = text(outline(seq(a=op("x"), b=op("x"), cell=cell))).splitlines()
    assert lines[1:] == [
        "├ a to b: x",
        "└ cell: cell  gives the last state",
        "  ├ 0 to 1, 0 to 2  {none, identity}",
        "  └ {0, 1} to 2: identity",
    ]


def test_edges_that_name_two_ends_are_drawn_from_each_of_them() -> None:
    pair = (op("identity"), op("identity"))
    cell = Dag(
        ((Choice(("0+1",)), 2, pair), (Choice(("0-1", "1-2")), -1, op("identity"))), inputs=1
    )
    part = outline(cell)
    assert part.cell == (((0, 1, True), (0, 2, True), (1, 2, True)), 1)


@pytest.mark.parametrize("name", NAMES)
def test_every_space_is_drawn_as_text_and_as_well_formed_svg(name: str) -> None:
    shapes = {each.space: each.shape for each in registry.MODALITIES.values()}
    shape = (16,) if name == "mlp" else shapes.get(name, (3, 16, 16))
    part = outline(registry.find("spaces", name)(shape), name)
    assert len(text(part).splitlines()) > 3
    root = ElementTree.fromstring(svg(part, ["A & B", "<of it>"]))
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"A & B", "<of it>", name} <= set(words)


def test_boxes_lie_inside_of_the_drawing_and_no_text_sticks_out_of_it() -> None:
    root = ElementTree.fromstring(svg(outline(TOY, "toy")))
    height, width = float(root.attrib["height"]), float(root.attrib["width"])
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
    states = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(states) == 3 + 2  # two cells, the tied one of two states
