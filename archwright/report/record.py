"""What a report is made of: everything about a finished run, as values.

Knows nothing of how a run comes about; whoever runs the search fills a `Record`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from archwright.core.objective import Objective
from archwright.core.space import Node, Value
from archwright.core.trial import History, Trial
from archwright.core.truth import Truth
from archwright.data.task import Task

Role = Literal["winner", "finalist", "default", "rival", "estimate"]


@dataclass(frozen=True)
class Entry:
    """A row of the leaderboard; a metric that was not measured is absent.

    Args:
        role: `estimate` stands for what was not trained: it has no test metrics.
        params: Of a network; None for models that are not counted so.
        seconds: What training it took.
        note: Anything a reader should know, in a few words.
        macs, latency_ms: Of a network, for one example.
        handmade: Whether it is the hand-made default network, which may be the winner.
        errors: What `insights.row_errors` gives for the test rows, if it is known.
    """

    name: str
    role: Role
    validation: Mapping[str, float]
    test: Mapping[str, float]
    params: float | None
    seconds: float
    note: str = ""
    macs: float | None = None
    latency_ms: float | None = None
    handmade: bool = False
    errors: NDArray[Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Layer:
    """A leaf module of the winning network.

    Args:
        name: The dotted path of the module, such as `body.0.1`.
        kind: The name of its class, such as `Conv2d`.
        shape: Of one output example.
        depth: How deep it is nested.
        detail: What the module says of itself, such as `kernel_size=(3, 3), stride=(1, 1)`.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    params: int
    macs: int
    depth: int
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Record:
    """A finished run.

    Args:
        winner: The trial whose architecture was kept.
        output: The kept network's answers for `task.splits.test`, row by row, see `Truth`.
        metrics: What `metrics.json` holds.
        command: The command that does all of this again.
        forecast: What was promised before the search started, by name.
        strategy: What searched, and why, as a sentence; empty where nobody tells.
        dropped: Answers that the search has left out in the end, by path.
    """

    task: Task
    history: History
    space: Node
    aim: Objective
    bounds: tuple[Objective, ...]
    winner: Trial
    leaderboard: tuple[Entry, ...]
    layers: tuple[Layer, ...]
    output: NDArray[Any]
    metrics: Mapping[str, Any]
    command: str
    forecast: Mapping[str, float | str]
    seed: int
    strategy: str = ""
    dropped: Mapping[str, Sequence[Value]] = field(default_factory=dict)

    @cached_property
    def truth(self) -> Truth:
        """What is right for the rows of `output`."""
        return self.task.truth(self.task.splits.test)

    @property
    def target(self) -> NDArray[Any]:
        """The same as plain numbers."""
        return self.truth.values

    @cached_property
    def answers(self) -> NDArray[Any]:
        """`output`, with single values as (rows,) however they came."""
        values = np.asarray(self.output, dtype=np.float64)
        single = self.task.kind == "regression" and self.target.ndim == 1
        return values.reshape(len(values)) if single else values
