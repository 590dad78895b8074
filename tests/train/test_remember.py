"""Plans that are remembered from one command to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from archwright.train import remember
from archwright.train.fit import Batches, Plan
from archwright.train.plan import Measured, shape_class
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=1, batch=8, lr=0.01, weight_decay=0.0)
DATA = Batches(torch.rand(64, 3), torch.arange(64) % 2, torch.arange(64))
PLAIN, QUICK = Measured(Plan(), 0.2), Measured(Plan(threads=2), 0.1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(remember.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_kept_is_known_with_all_that_was_tried() -> None:
    assert remember.known() == {}
    found = replace(QUICK, tried=(PLAIN, QUICK))
    remember.keep("tables", found)
    remember.keep("images", PLAIN)
    assert remember.known() == {"tables": found, "images": PLAIN}
    assert remember.known()["tables"].gain == pytest.approx(2.0)


def test_another_machine_or_version_of_torch_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    remember.keep("tables", PLAIN)
    monkeypatch.setattr(torch, "__version__", "9.9.9")
    assert remember.known() == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": {"b": [{"plan": {}}]}}'])
def test_a_damaged_file_is_as_good_as_none(folder: Path, text: str) -> None:
    folder.mkdir()
    remember.file().write_text(text)
    assert remember.known() == {}
    remember.keep("tables", PLAIN)
    assert remember.known() == {"tables": PLAIN}


def test_where_nothing_can_be_written_nothing_is_remembered(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    remember.keep("tables", PLAIN)
    assert remember.known() == {}


def test_what_is_known_is_measured_once_more_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remember, "DRIFT", 1e9)  # however busy the machine is
    net = nn.Linear(3, 2)
    first = remember.measured(net, DATA, RECIPE, (1,))
    (name,) = remember.known()
    usual = replace(first, seconds=remember.measured(net, DATA, RECIPE, (1,)).seconds)
    assert remember.known() == {name: first}
    assert usual.plan == first.plan


def test_a_plan_whose_steps_have_become_much_slower_is_measured_again() -> None:
    net = nn.Linear(3, 2)
    name = shape_class(net, DATA, RECIPE, (1,))
    remember.keep(name, Measured(Plan(), 1e-9, (PLAIN,)))
    found = remember.measured(net, DATA, RECIPE, (1,))
    assert len(found.tried) > 1
    assert remember.known() == {name: found}


def test_networks_of_a_class_share_layers_size_batch_and_examples() -> None:
    name = shape_class(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), DATA, RECIPE, (1, 2))
    assert name == "3 float32, batches of 8, up to 2 threads, 2^3 parameters in Linear ReLU"
    images = Batches(torch.zeros(8, 4, 5, 5, dtype=torch.uint8), DATA.y[:8], DATA.rows[:8])
    net = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, 3))
    told = shape_class(net, images, RECIPE, (1,))
    assert told.startswith("4x5x5 uint8")
    assert told.endswith("in Conv2d grouped Conv2d")


def test_whether_networks_are_trained_at_once_is_remembered_with_what_it_saves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nets, alone = [nn.Linear(3, 2) for _ in range(3)], Measured(Plan(), 0.2)
    way = Measured(Plan(fused=8), 0.1)
    measured = [replace(way, tried=(alone, way))]
    monkeypatch.setattr(remember, "alike", lambda *_: measured.pop())
    hasty = remember.alike_measured(nets, [DATA] * 3, RECIPE, alone, 1.0)
    assert hasty == alone, "no time to measure"
    first = remember.alike_measured(nets, [DATA] * 3, RECIPE, alone, 99.0)
    (name,) = remember.known()
    assert name.startswith("3 at once: 3 float32, batches of 8")
    slower = remember.alike_measured(nets, [DATA] * 3, RECIPE, Measured(Plan(), 0.4), 1.0)
    assert not measured, "measured once"
    assert first.plan == slower.plan == Plan(fused=8)
    assert slower.seconds == pytest.approx(0.2)
