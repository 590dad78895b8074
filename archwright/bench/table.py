"""What a benchmark table is: a space, and what is known about each of its networks.

Knows no benchmark by name and no strategy.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.errors import DataError, SpaceError

Answer = Mapping[str, float]
"""Values by name: accuracies in per cent, costs in seconds."""

Scores = Callable[[Node, Architecture], Mapping[str, float]]
"""What is known of an architecture without training it."""

Facts = Mapping[str, Any]

SHAPE = (3, 32, 32)
"""Of the images that the networks of all tables were trained on."""

VARIABLE = "ARCHWRIGHT_NAS"
"""Names the folder of the tables."""


@dataclass(frozen=True)
class Protocol:
    """What a strategy is told about a network, and what is reported of the one it selects.

    Args:
        feedback: The value that the strategy sees, by fidelity.
        seconds: The value that says what it costs, by fidelity; nothing is timed without it.
        report: The value that is reported.
    """

    feedback: Mapping[float, str]
    report: str
    seconds: Mapping[float, str] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[float, ...]:
        """The fidelities that are known, the lowest first."""
        return tuple(sorted(self.feedback))

    @property
    def oracle(self) -> bool:
        """Whether what is reported is told."""
        return self.report in self.feedback.values()


@dataclass(frozen=True)
class Table:
    """A space whose networks have all been trained by others, or are predicted from some that have.

    Args:
        name: Of the benchmark and the data set, as in `nb201/cifar10`.
        space: What is searched.
        look_up: Says everything that is known about an architecture.
        protocols: By name: `oracle`, `honest`, `timed`; see `bench.protocols`.
        optima: The best of all by what `oracle` reports; empty where nobody knows them.
        optimum: The value that those have.
        scores: What is known without training; None where nothing is.
        facts: What a reader of the results has to know about the table.
    """

    name: str
    space: Node
    look_up: Callable[[Architecture], Answer]
    protocols: Mapping[str, Protocol]
    optima: tuple[Architecture, ...] = ()
    optimum: float = float("nan")
    scores: Scores | None = None
    facts: Callable[[], Facts] = dict

    def protocol(self, name: str) -> Protocol:
        """Return what is told and reported under a protocol.

        Raises:
            SpaceError: the table lacks the values.
        """
        if name not in self.protocols:
            raise SpaceError(
                f"{self.name} has no values for the protocol {name!r}; it has those for"
                f" {', '.join(self.protocols)}"
            )
        return self.protocols[name]


def find(folder: Path | str | None, name: str) -> Path:
    """Return the path of a table's file.

    Args:
        folder: Where it lies; None for what the environment variable ARCHWRIGHT_NAS says.

    Raises:
        DataError: it is not there.
    """
    place = folder or os.environ.get(VARIABLE)
    if not place:
        raise DataError(
            f"where are the benchmark tables? Give the folder that holds {name} with --data, or"
            f" name it in {VARIABLE}; docs/guide/benchmarks.md says where to get them"
        )
    path = Path(place) / name
    if not path.is_file():
        raise DataError(
            f"{path}: there is no such file; name its folder with --data or {VARIABLE}"
            " (docs/guide/benchmarks.md says where to get it)"
        )
    return path


def arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Return the arrays of these names.

    Raises:
        DataError: the file is damaged, or lacks some.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            lacking = [name for name in names if name not in held.files]
            if lacking:
                raise DataError(f"{path}: not this table: it lacks {', '.join(lacking)}")
            return {name: held[name] for name in names}
    except DataError:
        raise
    except (OSError, ValueError, EOFError, KeyError, BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path}: damaged, or no .npz file at all ({error}); get it anew"
        ) from error
