"""Small fitted networks of both modalities, drawn from the spaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.truth import Kind
from archwright.export.result import Content
from archwright.nets import fit, preprocess
from archwright.nets.build import build
from archwright.nets.ops_common import Averaged
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.spaces.chain import chain
from archwright.spaces.table import table


@dataclass(frozen=True)
class Fitted:
    """A network with its preprocessing, the raw rows it was made from, and their numbers."""

    net: nn.Module
    spec: dict[str, Any]
    raw: Any
    x: np.ndarray
    arch: Architecture

    @property
    def content(self) -> Content:
        metrics = {"test": {"accuracy": 0.5}}
        return Content(self.spec, self.arch.to_json(), metrics, "# A card\n", self.x)


def frame(rows: int = 60) -> pd.DataFrame:
    """A table with a column of every type, a comma in a category and gaps in the numbers."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=rows)
    size[::7] = np.nan
    return pd.DataFrame(
        {
            "size": size,
            "count": rng.integers(0, 9, rows),
            "kind": np.array(["red, dark", "blau", "grün"])[np.arange(rows) % 3],
            "flag": np.arange(rows) % 2 == 0,
            "when": pd.date_range("2024-01-30 12:00", periods=rows, freq="9h"),
            "note": np.array(["a good day", "bad", "so so", "good"])[np.arange(rows) % 4],
        }
    )


TYPES = {
    "size": "numeric",
    "count": "numeric",
    "kind": "categorical",
    "flag": "boolean",
    "when": "datetime",
    "note": "text",
}
IMAGE = {"channels": 1, "height": 12, "width": 10, "mode": "L", "layout": "nhw", "dtype": "uint8"}
COLOURS = ("red", 'the "blue" one', "grün")


def of_table(seed: int, *, regression: bool = False) -> Fitted:
    """A network drawn from the space `table`, with the statistics of its rows."""
    raw, classes = frame(), () if regression else COLOURS
    kind: Kind = "regression" if regression else "classification"
    spec = fit.fit_table(raw, TYPES) | fit.target("colour", kind, classes, ())
    x = preprocess.table(raw, spec)
    space = table(fit.shape(spec))
    outputs = len(classes) or 1
    signature = Signature(fit.shape(spec), outputs, kind, fit.categories(spec))
    return _fitted((space, signature, seed), spec, raw, x)


def of_images(seed: int) -> Fitted:
    """A network drawn from the space `chain`, with the statistics of its images."""
    raw = np.random.default_rng(0).integers(0, 256, (20, 12, 10)).astype(np.uint8)
    spec = fit.fit_image(IMAGE) | fit.target("colour", "classification", COLOURS, ())
    space = chain(fit.shape(spec))
    return _fitted(
        (space, Signature(fit.shape(spec), 3), seed), spec, raw, preprocess.images(raw, spec)
    )


def ensemble_of(make: Callable[[int], Fitted]) -> Fitted:
    """Two networks as one that averages them; the architecture is the first one's."""
    first, second = make(1), make(2)
    networks = nn.ModuleList([first.net, second.net])
    return replace(first, net=Averaged(networks, (0.75, 0.25), kind="classification").eval())


def _fitted(drawn: tuple[Any, Signature, int], spec: dict[str, Any], raw: Any, x: Any) -> Fitted:
    space, signature, seed = drawn
    torch.manual_seed(seed)
    arch = sample(space, Random(seed))
    net = build(decode(space, arch), signature)
    inputs = torch.from_numpy(x)
    prepare(net, inputs, torch.linspace(10, 20, len(x)), torch.arange(len(x)))
    with torch.no_grad():  # batch norms take the statistics of some real rows
        net.train()(inputs)
    return Fitted(net.eval(), spec, raw, x, arch)
