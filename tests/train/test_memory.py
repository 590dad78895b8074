"""What the C library does with freed memory, seen by the pages that the system hands out."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

ROUNDS, MEGABYTES = 20, 80

STEPS = f"""
import resource, torch
from archwright.train.memory import keep_freed
{{keep}}
def step():
    torch.ones({MEGABYTES} * 250_000)
[step() for _ in range(6)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({ROUNDS}):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""Prints how often the system hands out pages in some steps, each of which frees what it used."""


def handed_out(keep: str) -> int:
    """Return how often a process of its own is given pages."""
    words = [sys.executable, "-c", STEPS.format(keep=keep)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_freed_memory_is_used_again_if_it_is_kept_and_handed_out_anew_if_not() -> None:
    assert handed_out("keep_freed()") < handed_out("") / 2


GAPS = """
import torch
from archwright.measure.memory import in_use
from archwright.train.memory import give_back
kept = [torch.ones(25_000) for _ in range(800)]
del kept[::2]
before = in_use()
give_back()
print(int(before - in_use()))
"""
"""Frees every other of some tensors, 40 MB in all; prints how many bytes less are in use then."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_gaps_between_what_is_in_use_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", GAPS], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30e6
