"""Records of runs as they might have been: real data, real proposals, made-up losses."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State, Trial
from archwright.data.task import Column, Finding, Splits, Task
from archwright.report.insights import random_search_entry
from archwright.report.record import Entry, Layer, Record
from archwright.spaces import chain, mlp
from archwright.strategies.evolution import RegularizedEvolution
from archwright.strategies.portfolio import Portfolio

NASTY = "<script>boom()</script>"

Score = Callable[[Architecture, float], dict[str, float]]


def splits(rows: int) -> Splits:
    order = np.random.default_rng(0).permutation(rows)
    test, validation = order[: rows // 5], order[rows // 5 : 2 * rows // 5]
    how = "60 / 20 / 20 %, shuffled, each class in equal shares (seed 0)"
    return Splits(np.sort(order[2 * rows // 5 :]), np.sort(validation), np.sort(test), how)


def noise(arch: Architecture, at: int = 0) -> float:
    """A number from 0 to 1 that depends on the architecture alone."""
    return zlib.crc32(f"{arch.key}/{at}".encode()) / 2**32


def history(space: Node, starts: list[Architecture], score: Score, trials: int) -> History:
    """A search by evolution with made-up scores; every ninth trial fails."""
    strategy = Portfolio(tuple(starts), RegularizedEvolution(24, 8))
    found: list[Trial] = []
    for number in range(trials):
        proposal = strategy.ask(space, History(found), 1, Random(number))[0]
        if number % 9 == 8:
            error = f"Traceback (most recent call last):\n  ...\nValueError: {NASTY} no {number}"
            error = error if number % 2 else f"params {1000 * number} is above 100000"
            found.append(Trial(number, proposal, State.FAILED, error=error, seconds=0.2))
            continue
        found.append(_finished(number, proposal, score))
    return History(found)


def _finished(number: int, proposal: Proposal, score: Score) -> Trial:
    metrics = score(proposal.arch, noise(proposal.arch))
    name = next(iter(metrics))
    sign = -1 if name == "accuracy" else 1
    curve = tuple(
        {"epoch": float(e), "train_loss": 2.0 / e, name: metrics[name] * (1 + sign * 0.4 / e**2)}
        for e in range(1, 13)
    )
    losses = (sign * metrics[name],)
    return Trial(number, proposal, State.DONE, losses, metrics, curve, 1.5 + number % 3)


def image_score(arch: Architecture, luck: float) -> dict[str, float]:
    answers = arch.answers
    widths = [int(v) for p, v in answers.items() if p.endswith("width")]
    good = 0.9 + 0.015 * min(3, len(widths)) + 0.015 * (answers["body/norm"] == "batch")
    large = [value for path, value in answers.items() if path.endswith("kernel")]
    good += 0.03 * large.count(5) / len(large) + 0.008 * luck - 0.25 * (luck < 0.06)
    params = 500.0 + sum(40 * width**1.6 for width in widths)
    latency = 0.1 + params / 60000 + 0.05 * noise(arch, 1)
    return {
        "accuracy": min(good, 0.999),
        "log_loss": 1.2 * (1 - good) + 0.03,
        "params": float(round(params)),
        "macs": params * 40,
        "latency_ms": latency,
    }


def table_score(name: str, base: float, span: float) -> Score:
    def score(arch: Architecture, luck: float) -> dict[str, float]:
        units = [int(v) for p, v in arch.answers.items() if p.endswith("units")]
        params = float(200 + sum(30 * unit for unit in units))
        value = base + span * (luck + 0.5 * (arch.answers["body/norm"] == "batch"))
        costs = {"params": params, "macs": params * 1.1, "latency_ms": 0.05 + 0.02 * len(units)}
        return {name: value, **costs}

    return score


LAYERS = (
    Layer("normalise", "Normalise", (1, 8, 8), 0, 0, 0),
    Layer("body.0.0.0", "Conv2d", (32, 8, 8), 288, 18432, 3, "1, 32, kernel_size=(3, 3)"),
    Layer("body.0.0.1", "BatchNorm2d", (32, 8, 8), 64, 0, 3),
    Layer("body.0.0.2", "ReLU", (32, 8, 8), 0, 0, 3),
    Layer("body.0.1", "MaxPool2d", (32, 4, 4), 0, 0, 2, "kernel_size=2, stride=2, padding=0"),
    Layer("body.1.0.0", "Conv2d", (64, 4, 4), 18432, 294912, 3, "kernel_size=(3, 3)"),
    Layer("body.1.0.1", "BatchNorm2d", (64, 4, 4), 128, 0, 3),
    Layer("body.1.0.2", "GELU", (64, 4, 4), 0, 0, 3),
    Layer("body.1.1.body.0", "Conv2d", (64, 4, 4), 36864, 589824, 4, "kernel_size=(3, 3)"),
    Layer("body.1.1.body.1", "BatchNorm2d", (64, 4, 4), 128, 0, 4),
    Layer("body.1.1.body.2", "ReLU", (64, 4, 4), 0, 0, 4),
    Layer("body.1.1.shortcut", "Identity", (64, 4, 4), 0, 0, 3),
    Layer("body.1.2", "MaxPool2d", (64, 2, 2), 0, 0, 2, "kernel_size=2, stride=2, padding=0"),
    Layer("pooling.0", "AdaptiveAvgPool2d", (64, 1, 1), 0, 0, 1, "output_size=1"),
    Layer("pooling.1", "Flatten", (64,), 0, 0, 1),
    Layer("dense.0.0", "Linear", (64,), 4160, 4096, 2),
    Layer("dense.0.1", "ReLU", (64,), 0, 0, 2),
    Layer("dense.0.2", "Dropout", (64,), 0, 0, 2, "p=0.2, inplace=False"),
    Layer("head", "Linear", (10,), 650, 640, 0),
)
DENSE = (
    Layer("columns", "Columns", (104,), 0, 0, 0),
    Layer("body.0.body.0", "Linear", (64,), 6720, 6656, 3),
    Layer("body.0.body.1", "SiLU", (64,), 0, 0, 3),
    Layer("body.0.shortcut", "Linear", (64,), 6656, 6656, 2),
    Layer("head.0", "Linear", (1,), 65, 64, 1),
    Layer("head.1", "Unscale", (1,), 0, 0, 1),
)


def metrics(total: float) -> dict[str, Any]:
    return {
        "params": 60714.0,
        "macs": 907904.0,
        "latency_ms": 0.31,
        "peak_memory_mb": 412.0,
        "seconds": {"budget": 60.0, "total": total, "search": 41.0, "final": 12.0, "report": 1.1},
        "versions": {"archwright": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6"},
    }


def board(aim: Objective, found: History, tests: dict[str, float]) -> tuple[Entry, ...]:
    """Entries with the tests given as name -> score; the first is the winner."""
    roles: dict[str, Any] = {"hand-made default": "default", "second": "finalist"}
    best = found.best().metrics[aim.metric]
    entries = [
        Entry(
            name,
            "winner" if i == 0 else roles.get(name, "rival"),
            {aim.metric: best if i == 0 else value},
            {aim.metric: value},
            60714.0 if i == 0 or name in roles else None,
            6.1,
            "retrained with another seed" if i == 0 else "",
        )
        for i, (name, value) in enumerate(tests.items())
    ]
    return (*entries, random_search_entry(found, aim, len(found.done)))


def forecast() -> dict[str, float | str]:
    return {"trials": 38.0, "peak_memory_mb": 380.0, "disk_mb": 7.5}


def digits_of(images: NDArray[Any], target: NDArray[Any]) -> Record:
    inputs = images[:, None]
    parts = splits(len(target))
    flat = images.reshape(len(images), -1) / 16
    model = LogisticRegression(max_iter=200, C=0.1).fit(flat[parts.train], target[parts.train])
    output = model.predict_proba(flat[parts.test])
    accuracy = float((output.argmax(1) == target[parts.test]).mean())
    space = chain.chain((1, 8, 8))
    found = history(space, chain.portfolio((1, 8, 8)), image_score, 60)
    aim = Objective("accuracy")
    tests = {"searched network": accuracy, "second": accuracy - 0.003}
    tests |= {"hand-made default": accuracy - 0.036, "logistic regression": accuracy - 0.051}
    tests |= {"majority class": 0.1}
    finding = Finding("warning", "9 images appear twice", "The copies are kept in one split.")
    classes = tuple(map(str, range(10)))
    rule = "the target holds 10 different whole numbers"
    task = Task(
        "digits", "classification", "image", inputs, target, "digit", classes, parts, rule,
        findings=(finding,), notes=("3 images were resized to 8 by 8 pixels",),
    )  # fmt: skip
    return Record(
        task, found, space, aim, (Objective("params", 100000),), found.best(),
        board(aim, found, tests), LAYERS, output, metrics(58.2),
        "archwright search runs/digits.npz --budget 60s --out runs/demo --seed 0", forecast(), 0,
    )  # fmt: skip


def table_of(frame: pd.DataFrame, kind: Any, hostile: bool = False) -> Record:
    target = frame["target"]
    inputs = frame.drop(columns="target")
    inputs = inputs.rename(columns={inputs.columns[0]: NASTY}) if hostile else inputs
    classes: tuple[str, ...] = ()
    truth = target.to_numpy()
    if kind == "classification":
        classes = tuple(sorted(set(target)))
        truth = np.array([classes.index(each) for each in target], dtype=np.int64)
        classes = (NASTY, *classes[1:]) if hostile else classes
    parts = splits(len(frame))
    x = StandardScaler().fit_transform(inputs.to_numpy())
    model: Any = LogisticRegression(C=0.002) if classes else Ridge()
    model.fit(x[parts.train], truth[parts.train])
    output = model.predict_proba(x[parts.test]) if classes else model.predict(x[parts.test])
    name = "accuracy" if classes else "rmse"
    missed = output.argmax(1) == truth[parts.test] if classes else None
    error = float(np.sqrt(np.mean((output - truth[parts.test]) ** 2))) if not classes else 0.0
    own = float(missed.mean()) if missed is not None else error
    space = mlp.mlp((x.shape[1],))
    score = table_score(name, 0.9, 0.05) if classes else table_score(name, error, 12.0)
    found = history(space, mlp.portfolio((x.shape[1],)), score, 48)
    aim = Objective(name)
    better = 0.01 if classes else -1.7
    tests = {"searched network": own, "hand-made default": own - better}
    tests |= {"HistGradientBoosting": own - 0.4 * better, "mean or majority": own - 18 * better}
    columns = [Column(str(n), "numeric", "all values are numbers", 0, 90) for n in inputs.columns]
    columns.append(Column("patient", "identifier", "all values differ", 0, len(frame)))
    task = Task(
        "wine" if classes else "diabetes", kind, "table", inputs.assign(patient=range(len(frame))),
        truth, "cultivar" if classes else "progression", classes, parts,
        f"the target holds {target.nunique()} different values", tuple(columns),
    )  # fmt: skip
    layers = DENSE if not classes else (*DENSE[:-2], Layer("head", "Linear", (3,), 195, 192, 0))
    return Record(
        task, found, space, aim, (), found.best(), board(aim, found, tests), layers, output,
        metrics(59.0), "archwright search table.csv --target target --budget 60s --out runs/x",
        forecast(), 0,
    )  # fmt: skip


@pytest.fixture
def digits_record(digits: tuple[NDArray[Any], NDArray[Any]]) -> Record:
    return digits_of(*digits)


@pytest.fixture
def wine_record(wine: pd.DataFrame) -> Record:
    return table_of(wine, "classification", hostile=True)


@pytest.fixture
def diabetes_record(diabetes: pd.DataFrame) -> Record:
    return table_of(diabetes, "regression")
