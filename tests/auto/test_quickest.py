from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from archwright.auto.quickest import plan
from archwright.errors import DataError
from archwright.train import remember


def test_the_default_network_is_measured_and_what_won_is_remembered(wine: pd.DataFrame) -> None:
    found = plan(wine, "target")
    assert len(found.tried) > 1
    assert found.seconds == min(each.seconds for each in found.tried if each.plan == found.plan)
    assert found in remember.known().values()


def test_with_folds_it_is_measured_whether_they_train_at_once(wine: pd.DataFrame) -> None:
    found = plan(wine, "target", folds=3)
    way = found.tried[-1]
    assert way.plan.fused > 0
    assert found.plan in (way.plan, replace(way.plan, fused=0))
    assert [name for name in remember.known() if name.startswith("3 at once: ")]


def test_data_that_do_not_do_are_refused(wine: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="colour"):
        plan(wine, "colour")
