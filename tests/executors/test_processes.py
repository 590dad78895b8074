"""One process per trial: what the contract of every executor does not say."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from archwright.executors.processes import Processes
from archwright.testing import hang


@pytest.mark.slow  # the server that forks loads torch
def test_an_interrupt_ends_what_would_run_for_ever() -> None:
    futures: list[Future[Any]] = []

    def start() -> None:
        with Processes(1) as executor:
            futures.append(executor.submit(hang))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start()
    assert futures[0].done()
