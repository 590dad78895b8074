"""What a search says while it goes on."""

from __future__ import annotations

import math

import pytest
import typer

from archwright.auto.listen import Status
from archwright.cli.progress import line, watching


def test_names_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with watching() as listener:
        listener.say("numeric: [red], [/b], :smile:, größe")
    assert capsys.readouterr().err == "numeric: [red], [/b], :smile:, größe\n"


def test_nothing_goes_to_stdout_and_a_pipe_gets_plain_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watching() as listener:
        listener.status(Status(3, 0, 1, 24, 0.98765, "accuracy", 61.0))
    said = capsys.readouterr()
    assert said.out == ""
    expected = "best accuracy 0.9877; trial 3 of about 24, 1 failed, 1 min 1 s left\n"
    assert said.err == expected


def test_without_a_budget_there_is_no_time_left_to_tell() -> None:
    assert line(Status(9, 2, 0, 40, 0.5, "rmse", math.inf)) == (
        "best rmse 0.5000; trial 9 of about 40, 2 stopped early"
    )
    assert line(Status(1, 0, 1, 40, None, "rmse", math.inf)) == (
        "best nothing yet; trial 1 of about 40, 1 failed"
    )


def interrupted() -> None:
    with watching():
        raise KeyboardInterrupt


def test_an_interrupt_is_told_with_the_way_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        interrupted()
    assert caught.value.exit_code == 130
    assert "archwright resume" in capsys.readouterr().err
