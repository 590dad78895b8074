from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from archwright.core.objective import Objective
from archwright.core.problem import Problem
from archwright.core.space import Choice, op

PROBLEM = Problem("a1b2", op("conv", kernel=Choice((3, 5))), Objective("accuracy"))


def test_equal_problems_have_equal_fingerprints() -> None:
    twin = Problem("a1b2", op("conv", kernel=Choice((3, 5))), Objective("accuracy"))
    assert twin.fingerprint == PROBLEM.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"task": "c3d4"},
        {"space": op("conv", kernel=Choice((3, 7)))},
        {"aim": Objective("macro_f1")},
        {"bounds": (Objective("params", 1000),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_of_the_problem_changes_its_fingerprint(change: dict[str, Any]) -> None:
    assert replace(PROBLEM, **change).fingerprint != PROBLEM.fingerprint


def test_a_fingerprint_is_the_same_in_every_version_and_on_every_machine() -> None:
    # A study stores it: if this changes, studies of older versions can't be resumed.
    assert PROBLEM.fingerprint == "e87d4197c5493daa"
