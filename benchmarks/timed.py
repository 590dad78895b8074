"""An evaluator that says how long it trained and validated.

Apart from the rest, since a worker has to import whatever is in its module, for each trial.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from archwright.core.trial import Proposal, Result
from archwright.evaluators import train

NAMES = ("fit_all", "predict", "scores")
"""What of `evaluators.train` counts as training and validating."""


@dataclass(frozen=True)
class Timed:
    """An evaluator with one more metric: `busy`, the seconds that it trained and validated."""

    evaluate: train.Train

    def __call__(self, proposal: Proposal) -> Result:
        busy, within = [0.0], [0]

        def timed(function: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                within[0] += 1
                started = time.perf_counter()
                try:
                    return function(*args, **kwargs)
                finally:
                    within[0] -= 1
                    busy[0] += 0.0 if within[0] else time.perf_counter() - started

            return call

        plain = {name: getattr(train, name) for name in NAMES}
        try:
            for name, function in plain.items():
                setattr(train, name, timed(function))
            result = self.evaluate(proposal)
        finally:
            for name, function in plain.items():
                setattr(train, name, function)
        return replace(result, metrics={**result.metrics, "busy": busy[0]})
