"""Contracts over networks drawn from the spaces: the written file is the network."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from archwright.errors import ArchwrightError
from archwright.export.python import source
from archwright.nets.ops_common import Cell
from tests.export.fitted import Fitted, ensemble_of, of_images, of_table

SEEDS = range(24)


def module_of(text: str) -> ModuleType:
    """The text as a module."""
    module = ModuleType("model")
    module.__file__ = "model.py"
    exec(compile(text, "model.py", "exec"), module.__dict__)
    return module


def written(net: nn.Module, shape: tuple[int, ...]) -> tuple[str, nn.Module]:
    """A network as text and as what the text makes of it, with the same weights."""
    modality = "image" if len(shape) == 3 else "table"
    text = source(
        net,
        {
            "modality": modality,
            "target": "y",
            "kind": "classification",
            "classes": ["a", "b"],
            "outcomes": [],
            "levels": [],
        },
        shape,
    )
    again: nn.Module = module_of(text).Network()
    again.load_state_dict(net.state_dict())
    return text, again.eval()


def check(fitted: Fitted) -> str:
    """Raise unless the text makes the network; return it."""
    text = source(fitted.net, fitted.spec, fitted.x.shape[1:])
    module = module_of(text)
    net = module.Network()
    assert list(net.state_dict()) == list(fitted.net.state_dict())
    net.load_state_dict(fitted.net.state_dict())
    with torch.no_grad():
        expected = fitted.net(torch.from_numpy(fitted.x)).numpy()
    answers = net.eval()(torch.from_numpy(fitted.x)).detach().numpy()
    np.testing.assert_allclose(answers, expected, rtol=1e-6, atol=1e-6)
    predicted = module.predict(net, fitted.spec, fitted.raw)
    assert predicted.shape == ((len(fitted.x), 3) if fitted.spec["classes"] else (len(fitted.x),))
    return text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_for_tables_is_the_same_when_it_is_written_down(seed: int) -> None:
    check(of_table(seed, regression=seed % 2 == 0))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_for_images_is_the_same_when_it_is_written_down(seed: int) -> None:
    check(of_images(seed))


@pytest.mark.parametrize("make", [of_table, of_images])
def test_an_ensemble_is_one_module_that_averages(make: Any) -> None:
    fitted = ensemble_of(make)
    text = check(fitted)
    assert "class Network(Averaged):" in text
    assert "shares=(0.75, 0.25)," in text


@pytest.mark.parametrize("make", [of_table, of_images])
@pytest.mark.parametrize("seed", range(4))
def test_the_file_imports_torch_numpy_and_the_standard_library_alone(make: Any, seed: int) -> None:
    text = source(*_arguments(make(seed)))
    tree = ast.walk(ast.parse(text))
    roots = {
        name.split(".")[0]
        for node in tree
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert roots - set(sys.stdlib_module_names) <= {"torch", "numpy", "PIL"}


@pytest.mark.slow
def test_the_file_is_formatted_and_has_no_unused_parts(tmp_path: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.is_file():
        pytest.skip("ruff is not installed beside this Python")
    for seed in range(8):
        (tmp_path / f"table{seed}.py").write_text(source(*_arguments(of_table(seed))))
        (tmp_path / f"image{seed}.py").write_text(source(*_arguments(of_images(seed))))
    (tmp_path / "ensemble.py").write_text(source(*_arguments(ensemble_of(of_images))))
    rules = ["--isolated", "--line-length=100", "--select=E,F,I,B,UP,SIM,RUF,C4,PIE"]
    for command in (["check", *rules], ["format", "--check", "--isolated", "--line-length=100"]):
        done = subprocess.run(
            [ruff, *command, tmp_path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_layers_stand_one_a_line_with_shapes_and_parameters() -> None:
    body = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    net = nn.Sequential(OrderedDict(body=body, flat=nn.Flatten(), head=nn.Linear(128, 2)))
    text, _ = written(net, (1, 8, 8))
    assert (
        """        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),  # 8 x 8 x 8, 80 parameters
            nn.ReLU(),
            nn.MaxPool2d(2),  # 8 x 4 x 4
        )
        self.flat = nn.Flatten()  # 128 features
        self.head = nn.Linear(128, 2)  # 2 features, 258 parameters

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        x = self.flat(x)
        return self.head(x)
"""
        in text
    )


class Twice(nn.Module):
    """Not copied from torch, with an argument of its own."""

    def __init__(self, inner: nn.Module, factor: float = 2.0) -> None:
        super().__init__()
        self.inner = inner
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(x) * self.factor
        return y


class Forgetful(nn.Module):
    """Does not keep its argument."""

    def __init__(self, size: int) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x


def cell() -> nn.Module:
    edges = nn.ModuleList([nn.Conv2d(2, 2, 1), nn.Identity(), nn.Conv2d(2, 2, 3, padding=1)])
    return Cell(edges, (0, 0, 1), (1, 2, 2), 1, (1, 2))


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (nn.Linear(4, 2), (4,)),
        (nn.Sequential(nn.Linear(4, 4), nn.Sequential(), nn.Linear(4, 2)), (4,)),
        (nn.Sequential(OrderedDict([("0-1", nn.Linear(4, 4)), ("1-2", nn.Linear(4, 2))])), (4,)),
        (nn.Sequential(OrderedDict([("class", nn.Linear(4, 2))])), (4,)),
        (nn.Sequential(OrderedDict(a=nn.Sequential(OrderedDict(b=nn.Linear(4, 2))))), (4,)),
        (
            nn.Sequential(OrderedDict(cell=cell(), flat=nn.Flatten(), out=nn.Linear(64, 2))),
            (2, 4, 4),
        ),
        (nn.Sequential(nn.Linear(4, 4, bias=False), nn.BatchNorm1d(4, affine=False)), (4,)),
        (nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4, eps=1e-3, bias=False), nn.Dropout()), (4,)),
        (nn.Sequential(nn.Conv2d(2, 2, (3, 1), dilation=2), nn.AvgPool2d(2, stride=1)), (2, 8, 8)),
        (nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.GELU("tanh")), (2, 4, 4)),
        (Twice(nn.Linear(4, 2), factor=3.0), (4,)),
    ],
)
def test_any_tree_of_modules_can_be_written(net: nn.Module, shape: tuple[int, ...]) -> None:
    _, again = written(net, shape)
    x = torch.rand(3, *shape)
    assert torch.equal(again(x), net.eval()(x))


def test_writing_leaves_the_network_as_it_was() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).train()
    net[1].eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    written(net, (4,))
    assert [module.training for module in net.modules()] == [True, True, False]
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_a_module_that_forgets_its_arguments_is_named() -> None:
    with pytest.raises(ArchwrightError, match=r"Forgetful cannot be written.*argument 'size'"):
        written(nn.Sequential(Forgetful(3), nn.Linear(4, 2)), (4,))


@pytest.mark.parametrize("target", ['"""', "a\\", "a\nb", "naïve 'x'", ""])
def test_no_name_of_a_target_breaks_the_file(target: str) -> None:
    spec = {
        "modality": "table",
        "target": target,
        "kind": "regression",
        "classes": [],
        "outcomes": [],
        "levels": [],
    }
    module_of(source(nn.Linear(2, 1), spec, (2,)))


def _arguments(fitted: Fitted) -> tuple[nn.Module, dict[str, Any], tuple[int, ...]]:
    return fitted.net, fitted.spec, fitted.x.shape[1:]
