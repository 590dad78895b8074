from __future__ import annotations

import pytest

from archwright.errors import (
    ArchwrightError,
    BudgetError,
    DataError,
    RunError,
    SpaceError,
    TrialError,
    nearest,
)


def test_the_nearest_name_is_suggested_whatever_its_case() -> None:
    assert nearest("INCOM", ["age", "Income"]) == "; did you mean 'Income'?"


def test_where_no_name_is_near_all_are_listed() -> None:
    assert nearest("zzz", ["age", "income"]) == "; known: age, income"


def test_a_long_list_of_names_is_cut() -> None:
    told = nearest("zzz", [f"column {i}" for i in range(30)])
    assert told.endswith("column 19, ...")
    assert "column 20" not in told


def test_where_nothing_is_known_nothing_is_suggested() -> None:
    assert nearest("age", []) == ""


@pytest.mark.parametrize("error", [DataError, SpaceError, BudgetError, RunError])
def test_mistakes_that_users_can_mend_share_one_parent(error: type[Exception]) -> None:
    assert issubclass(error, ArchwrightError)


def test_a_failed_trial_is_not_a_mistake_of_the_user() -> None:
    assert not issubclass(TrialError, ArchwrightError)
