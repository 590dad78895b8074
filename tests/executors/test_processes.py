"""One process per trial: what the contract of every executor does not say."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import torch

from archwright.executors.processes import Processes, _pickled
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


SCRIPT = """
import torch
from archwright.executors.processes import Processes, _pickled

class Sum:
    def __init__(self, x):
        self.x = x
    def __call__(self, more):
        return float(self.x.sum()) + more

with Processes(2) as executor:
    calls = [executor.submit(Sum(torch.ones(1000)), i) for i in range(2)]
    print([call.result() for call in calls])
"""


@pytest.mark.slow  # the server that forks loads torch
def test_a_script_needs_no_guard_and_may_define_what_is_run(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[1000.0, 1001.0]\n", 0), done.stderr


def test_tensors_are_shared_and_not_sent() -> None:
    images = torch.zeros(1000, 1000)
    assert len(_pickled(images)) < 1000
    assert images.is_shared()


def test_tensors_in_a_file_are_shared_as_that(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(bytes(range(200)))
    whole = torch.from_file(str(file), shared=True, size=200, dtype=torch.uint8).view(50, 4)
    part = whole[10:20, 1:3]
    again = pickle.loads(_pickled((whole, part)))
    assert again[0].untyped_storage().filename == str(file)
    torch.testing.assert_close(again[0], whole)
    torch.testing.assert_close(again[1], part)
