"""archwright: neural architecture search, from a data file to a trained network.

Nothing heavy is imported before it is used: `import archwright` costs milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archwright.auto import Result, load, resume, search
    from archwright.auto.estimators import Classifier, Regressor
    from archwright.auto.quickest import plan
    from archwright.core.space import Choice, Dag, Range, Repeat, op, seq
    from archwright.errors import ArchwrightError, BudgetError, DataError, RunError, SpaceError
    from archwright.spaces.marked import either, mark, space_of

__version__ = "0.1.0"

_WHERE = {
    "search": "archwright.auto",
    "resume": "archwright.auto",
    "Result": "archwright.auto",
    "load": "archwright.auto",
    "Classifier": "archwright.auto.estimators",
    "Regressor": "archwright.auto.estimators",
    "plan": "archwright.auto.quickest",
    "Choice": "archwright.core.space",
    "Dag": "archwright.core.space",
    "Range": "archwright.core.space",
    "Repeat": "archwright.core.space",
    "op": "archwright.core.space",
    "seq": "archwright.core.space",
    "either": "archwright.spaces.marked",
    "mark": "archwright.spaces.marked",
    "space_of": "archwright.spaces.marked",
    "ArchwrightError": "archwright.errors",
    "BudgetError": "archwright.errors",
    "DataError": "archwright.errors",
    "RunError": "archwright.errors",
    "SpaceError": "archwright.errors",
}

__all__ = [
    "ArchwrightError",
    "BudgetError",
    "Choice",
    "Classifier",
    "Dag",
    "DataError",
    "Range",
    "Regressor",
    "Repeat",
    "Result",
    "RunError",
    "SpaceError",
    "either",
    "load",
    "mark",
    "op",
    "plan",
    "resume",
    "search",
    "seq",
    "space_of",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'archwright' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
