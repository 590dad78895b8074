"""Networks of a user's own are written to model.py with their parts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from archwright.core.architecture import Architecture, decode
from archwright.errors import ArchwrightError
from archwright.export.assemble import CONSTRUCTOR, assemble, parts, with_constructor
from archwright.export.python import source
from archwright.nets.build import build
from archwright.nets.site import Signature
from archwright.spaces.marked import either, space_of
from tests.spaces.owned import Owned

SHAPE = (1, 6, 6)
SPEC = {
    "modality": "image",
    "target": "y",
    "kind": "classification",
    "classes": ["a", "b", "c"],
    "outcomes": [],
    "levels": [],
}


def written(net: nn.Module, shape: tuple[int, ...] = SHAPE) -> tuple[str, nn.Module]:
    """The text of model.py, and the network that it makes, with the same weights."""
    text = source(net, SPEC, shape)
    module: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(text, "model.py", "exec"), module)
    again: nn.Module = module["Network"]()
    again.load_state_dict(net.state_dict())
    return text, again.eval()


def chosen(make: Any, answers: dict[str, str]) -> nn.Module:
    tree = decode(space_of(make), Architecture.of(answers))
    return build(tree, Signature(SHAPE, 3)).eval()


@pytest.mark.parametrize(
    "body",
    [{"body": "plain"}, {"body": "deep", "body/deep/1": "Block"}],
    ids=["plain", "nested"],
)
def test_a_network_with_chosen_parts_is_the_same_when_it_is_written_down(
    body: dict[str, str],
) -> None:
    net = chosen(Owned, {"stem": "large", "act": "GELU", **body})
    text, again = written(net)
    x = torch.rand(2, *SHAPE)
    assert torch.equal(again(x), net(x))
    assert "archwright." not in text.split('"""', 2)[2]
    assert "def doubled" in text
    assert "stem=nn.Conv2d(1, 8, 5, padding=2)" in text


class Hidden(nn.Module):
    """Keeps a buffer that is not stored."""

    def __init__(self) -> None:
        super().__init__()
        self.act = either(nn.ReLU(), nn.Tanh())
        self.register_buffer("ramp", torch.arange(3.0), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(x.mean((2, 3)) + self.ramp)


class Keeps(nn.Module):
    """Keeps a function."""

    def __init__(self) -> None:
        super().__init__()
        self.act = either(nn.ReLU(), nn.Tanh())
        self.mean = torch.mean

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(self.mean(x, (2, 3)))


def load(x: torch.Tensor) -> torch.Tensor:
    """Has the name of a function of model.py."""
    return x


class Clashing(Keeps):
    """Uses it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return load(x).mean((2, 3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Hidden, "its buffer 'ramp' is not stored"),
        (Keeps, "its argument <built-in method mean"),
        (Clashing, "'load' is defined in"),
    ],
)
def test_what_cannot_be_written_is_named(make: type[nn.Module], message: str) -> None:
    net = chosen(make, {"act": "Tanh"})
    if make is Clashing:
        del net.mean
    with pytest.raises(ArchwrightError, match=message):
        source(net, SPEC, SHAPE)


def test_parts_and_assembling_them_undo_each_other() -> None:
    net = Owned()
    again = nn.Module()
    assemble(again, {**dict(net._modules), "width": 8, "ramp": torch.ones(2)})
    assert [name for name, _ in again.named_children()] == ["stem", "act", "body", "head"]
    assert "ramp" in again.state_dict()
    assert [name for name, _ in parts(net)] == ["width", "stem", "act", "body", "head"]


def test_a_part_whose_name_is_no_name_is_refused() -> None:
    net = nn.Module()
    net.add_module("1st", nn.ReLU())
    with pytest.raises(ArchwrightError, match="'1st' cannot be the name"):
        parts(net)


@pytest.mark.parametrize("before", ["    def __init__(self, a):\n        self.a = a\n", ""])
def test_a_constructor_is_exchanged_or_added(before: str) -> None:
    body = f"    x = 1\n{before}\n    def f(self):\n        pass\n"
    text = f"class A:\n{body}\n\nclass B(A):\n    y = 2\n"
    made = with_constructor(text, ["A"])
    assert made.count("__init__") == made.count(CONSTRUCTOR) == 1
    assert "class B(A):\n    y = 2" in made
    compile(made, "a", "exec")
