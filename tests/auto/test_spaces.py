"""Searching in a space of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archwright
from archwright import ArchwrightError, Choice, Range, RunError, op, seq, space_of
from archwright.auto import spaces
from archwright.core.space import Node
from tests.spaces.owned import Owned


def small(_shape: tuple[int, ...]) -> Node:
    """A space in a few lines."""
    return seq(
        conv=op(
            "conv_block",
            kernel=Choice((3, 5)),
            width=Range(2, 8, log=True),
            stride=2,
            activation=Choice(("relu", "gelu")),
        ),
        pooling=op("pooled", pooling="global"),
        head=op("output"),
    )


def owned() -> Node:
    """A network of one's own between parts of ours."""
    return seq(normalise=op("normalise"), body=space_of(Owned(4)), head=op("output"))


@pytest.fixture
def data(digits: Any) -> tuple[Any, Any]:
    images, target = digits
    return images[:120].astype(np.uint8), target[:120]


@pytest.mark.slow  # whole searches, with their results and reports
@pytest.mark.parametrize(
    "space",
    [small, small(()), owned(), Owned(10)],
    ids=["function", "node", "network between parts", "network"],
)
def test_a_space_of_ones_own_is_searched_and_its_network_works_alone(
    space: Any, data: Any, tmp_path: Path
) -> None:
    result = archwright.search(data, trials=2, epochs=1, out=tmp_path / "run", space=space)
    np.save(tmp_path / "new.npy", data[0][:3])
    command = [sys.executable, "-I", "model.py", str(tmp_path / "new.npy")]
    done = subprocess.run(
        command, cwd=result.folder / "result", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4


@pytest.mark.slow  # a whole search, twice
def test_a_resumed_search_needs_its_space_again(data: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    archwright.search(data, trials=2, epochs=1, out=out, space=small)
    with pytest.raises(RunError, match=r"its space was your own; give it again: resume\(run"):
        archwright.resume(out, data=data, trials=3)
    with pytest.raises(RunError, match="another space"):
        archwright.resume(out, data=data, trials=3, space=owned())
    assert archwright.resume(out, data=data, trials=3, space=small).metrics["trials"]["done"] == 3


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (3, "space=3 is no space"),
        ("chian", "did you mean 'chain'"),
        (Owned(7), r"gives \(7,\), but the task needs \(10,\)"),
        (seq(body=op("conv_blok"), head=op("output")), "unknown operation 'conv_blok'"),
        (lambda shape: None, "space=None is no space"),
    ],
)
def test_what_is_no_space_is_refused_before_anything_is_written(
    space: Any, message: str, data: Any, tmp_path: Path
) -> None:
    with pytest.raises(ArchwrightError, match=message):
        archwright.search(data, trials=1, out=tmp_path / "run", space=space)
    assert not (tmp_path / "run").exists()


def test_the_default_of_a_space_is_its_first_options_and_the_middle_of_its_ranges() -> None:
    arch = spaces.first(seq(a=op("x", k=Choice((5, 3)), n=Range(1, 4), w=Range(4, 64, log=True))))
    assert arch.answers == {"a/k": 5, "a/n": 2, "a/w": 16}


def test_names_are_kept_and_own_spaces_go_by_a_placeholder() -> None:
    assert [spaces.named(each) for each in (None, "macro", small)] == [None, "macro", spaces.OWN]
