"""Fits the preprocessing of several inputs: of each, what is fitted where it is the only one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from archwright import registry
from archwright.nets.fit import Inputs
from archwright.nets.site import Signature

ALONE = ("text", "image", "audio")
"""Types of columns that are inputs of their own, of the modality of that name."""


@dataclass(frozen=True)
class Part:
    """An input: its modality, and the columns that it comes from."""

    modality: str
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the input is called."""
        return "columns" if self.modality == "table" else self.names[0]

    @property
    def inputs(self) -> Inputs:
        """How inputs of this kind become what networks take."""
        found: Inputs = registry.load(registry.MODALITIES[self.modality].inputs)
        return found

    def about(self, types: Mapping[str, str]) -> Mapping[str, str]:
        """Return what `fit` is told of an input that no files were read for."""
        if self.modality == "text":
            return {"column": self.names[0]}
        return {name: types[name] for name in self.names}

    def raw(self, inputs: Any) -> Any:
        """Return what the part is of the inputs of a task, a `data.task.Several`."""
        held = inputs.held.get(self.names[0])
        return inputs.frame[list(self.names)] if held is None else held


def parts(types: Mapping[str, str]) -> list[Part]:
    """Return the inputs that columns are: ordinary ones together, texts, images and clips each.

    Args:
        types: Of each column; identifiers and constants are left out.
    """
    used = {name: kind for name, kind in types.items() if kind not in ("identifier", "constant")}
    alone = {name: kind for name, kind in used.items() if kind in ALONE}
    ordinary = tuple(name for name in used if name not in alone)
    table = [Part("table", ordinary)] if ordinary else []
    return table + [Part(kind, (name,)) for name, kind in alone.items()]


def _fit(inputs: Any, rows: Any, about: Mapping[str, str]) -> dict[str, Any]:
    made = []
    for part in parts(about):
        how = inputs.how.get(part.names[0]) or part.about(about)
        fitted = part.inputs.fit(part.raw(inputs), rows, how)
        made.append({**fitted, "names": list(part.names)})
    return {"modality": "mixed", "parts": made}


def _array(inputs: Any, spec: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Return examples as rows, in the smallest type that holds all their inputs exactly."""
    made = []
    for fitted in spec["parts"]:
        part = Part(fitted["modality"], tuple(fitted["names"]))
        array = part.inputs.array(part.raw(inputs), fitted)
        made.append(array.reshape(len(array), -1))
    return np.concatenate(made, axis=1)


def _signatures(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    made = []
    for fitted in spec["parts"]:
        inputs = Part(fitted["modality"], ()).inputs
        made.append(Signature(inputs.shape(fitted), 0, **inputs.more(fitted)))
    return {"parts": tuple(made)}


MIXED = Inputs(
    fit=_fit,
    array=_array,
    shape=lambda spec: (sum(math.prod(part.shape) for part in _signatures(spec)["parts"]),),
    more=_signatures,
)
