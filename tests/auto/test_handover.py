"""What is said of a run when it is handed over."""

from __future__ import annotations

import shlex
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import typer

from archwright.auto.handover import command
from archwright.auto.options import Options
from archwright.cli.main import app

CHOSEN: dict[str, Any] = {
    "targets": ("price now", "size"),
    "budget": 90.0,
    "trials": 1,
    "objective": "rmse",
    "bounds": {"params": 1e5, "latency_ms": 2.0},
    "space": "mlp",
    "strategy": "evolution",
    "exploration": 0.2,
    "inherit": True,
    "warm_start": ("runs/a", "runs/b"),
    "seed": 3,
    "epochs": 4,
    "early_stop": 0.0,
    "workers": 1,
    "isolate": True,
    "kind": "regression",
    "types": {"zip": "categorical"},
    "test": "test.csv",
    "split": "group:street",
    "modality": "table",
    "horizon": 2,
    "time": "day",
    "series": "shop",
    "encoder": "org/model",
}


def told(**chosen: Any) -> str:
    task = SimpleNamespace(source={"path": "my data.csv"})
    job: Any = SimpleNamespace(options=Options(**chosen), task=task)
    return command(job)


def read(words: str) -> dict[str, Any]:
    """Return what the command line makes of a command."""
    search: Any = typer.main.get_command(app).commands["search"]  # type: ignore[attr-defined]
    found: dict[str, Any] = search.make_context("search", shlex.split(words)[2:]).params
    return found


def test_the_command_line_reads_back_all_that_was_chosen() -> None:
    found = read(told(**CHOSEN))
    assert found.pop("data") == "my data.csv"
    assert (found.pop("target"), found.pop("type")) == (["price now", "size"], ["zip=categorical"])
    assert (found.pop("budget"), found.pop("warm_start")) == ("90s", ["runs/a", "runs/b"])
    assert (found.pop("max_params"), found.pop("max_latency")) == ("100000", "2")
    same = {name: value for name, value in CHOSEN.items() if name in found}
    assert {name: found[name] for name in same} == same


def test_nothing_that_can_be_chosen_is_left_out_but_secrets() -> None:
    apart = {"folds", "ensemble", "storage"}  # the first two exclude others
    assert {field.name for field in fields(Options)} - apart == set(CHOSEN)
    assert "--folds 3" in told(budget=60.0, folds=3)
    assert "--ensemble 4" in told(budget=60.0, ensemble=4)
    assert "secret" not in told(budget=60.0, storage="postgresql://me:secret@there/db")


def test_what_was_left_alone_is_not_told() -> None:
    assert told(trials=5) == "archwright search 'my data.csv' --trials 5 --seed 0"
