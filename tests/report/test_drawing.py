from __future__ import annotations

import pytest

from archwright.report.drawing import boxes, brief
from archwright.report.record import Layer


def layer(name: str, kind: str, params: int = 0) -> Layer:
    return Layer(name, kind, (8, 4, 4), params, 0, name.count("."))


def test_a_module_with_a_shortcut_is_drawn_as_a_residual_block() -> None:
    parts = [
        layer("body.0.0.body.0", "Conv2d", 72),
        layer("body.0.0.body.1", "ReLU"),
        layer("body.0.0.shortcut", "Conv2d", 8),
        layer("body.0.1", "MaxPool2d"),
    ]
    body = boxes(parts)[0]
    block = body.inside[0]
    residual, pool = block.inside
    assert (body.title, block.title) == ("body", "block 1")
    assert residual.kind == "residual"
    assert [each.title for each in residual.inside] == ["convolution", "ReLU"]
    assert residual.shortcut == "adds its input, fitted by a convolution (8 parameters)"
    assert pool.title == "max pooling"


def test_what_does_nothing_is_not_drawn_and_a_plain_shortcut_is_named() -> None:
    parts = [
        layer("body.0.body.0", "Linear", 5),
        layer("body.0.body.1", "Identity"),
        layer("body.0.shortcut", "Identity"),
    ]
    block = boxes(parts)[0].inside[0]
    assert block.shortcut == "adds its input"
    assert [each.title for each in block.inside] == ["dense"]


def test_the_networks_of_an_ensemble_are_told_apart() -> None:
    parts = [layer(f"networks.{i}.{at}", "Linear", 3) for i in (0, 1) for at in ("body.0", "head")]
    assert [each.title for each in boxes(parts)[0].inside] == ["network 1", "network 2"]


def test_shares_are_of_all_parameters() -> None:
    first, second = boxes([layer("a", "Linear", 3), layer("b", "Linear", 1)])
    assert (first.share, second.share) == (0.75, 0.25)
    assert first.shape.split(" \N{MULTIPLICATION SIGN} ") == ["8", "4", "4"]


def test_nothing_to_draw_is_no_error() -> None:
    assert boxes([]) == []
    assert boxes([layer("pooling.0", "Identity"), layer("dense", "Sequential")]) == []


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        ("1, 32, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), bias=False", "3x5, stride 2"),
        ("32, 32, kernel_size=(3, 3), stride=(1, 1), groups=32", "3x3, depthwise"),
        ("kernel_size=2, stride=2, padding=0", "2x2, stride 2"),
        ("p=0.2, inplace=False", "0.2"),
        ("in_features=64, out_features=10, bias=True", ""),
    ],
)
def test_the_description_of_a_module_is_cut_to_what_matters(detail: str, text: str) -> None:
    assert brief(detail).replace("\N{MULTIPLICATION SIGN}", "x") == text
