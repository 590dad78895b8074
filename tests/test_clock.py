"""The clock: budgets as text, the shares of the time, and Ctrl-C."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from archwright.clock import Clock, duration, interruptible, parse_budget
from archwright.errors import BudgetError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("0.5h", 1800),
        ("45", 45),
        ("10M", 600),
        (60, 60),
        (60.5, 60.5),
    ],
)
def test_a_budget_is_read(text: str | float, seconds: float) -> None:
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["ten minutes", "", "10x", "-5m", "5m-", "m5", "1,5h", "nan"])
def test_a_malformed_budget_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(BudgetError, match=r"cannot be read; write 90s, 10m"):
        parse_budget(text)


@pytest.mark.parametrize("text", ["5s", "0m", 0, -60, 19.9, math.inf, math.nan])
def test_a_budget_that_cannot_be_kept_is_told_how_much_to_give(text: str | float) -> None:
    with pytest.raises(BudgetError, match=r"cannot be kept.*--budget 60s"):
        parse_budget(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (12.4, "12 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def ago(seconds: float, **other: float) -> Clock:
    return Clock(started=time.monotonic() - seconds, **other)


def test_what_closing_takes_is_kept_back() -> None:
    clock = ago(40, budget=100, closing=12)
    assert clock.left() == pytest.approx(48, abs=1)
    assert clock.final_over() == ""
    assert "budget was used up" in ago(95, budget=100, closing=12).final_over()


def test_the_search_ends_at_its_time() -> None:
    assert ago(10, budget=100, search_until=50).search_over() == ""
    late = ago(60, budget=100, search_until=50, model_ready=True)
    assert "time for the search was over" in late.search_over()


def test_the_first_trial_may_use_all_the_time_there_is() -> None:
    late = ago(60, budget=100, search_until=50)
    late.finish_now = True
    assert late.search_over() == ""
    assert "budget was used up" in ago(101, budget=100, search_until=50).search_over()


def test_asked_to_finish_now_there_is_no_time_left_for_the_search() -> None:
    clock = ago(0, budget=100, search_until=50, model_ready=True)
    clock.finish_now = True
    assert clock.search_left() == 0
    assert "finish now" in clock.search_over()


def test_without_a_budget_there_is_always_time() -> None:
    clock = ago(1e6)
    assert (clock.left(), clock.search_left()) == (math.inf, math.inf)
    assert clock.search_over() == clock.final_over() == ""


@pytest.mark.parametrize(("budget", "seconds"), [(60, 12), (300, 30), (math.inf, 30)])
def test_the_first_model_is_promised_for(budget: float, seconds: float) -> None:
    assert Clock(budget=budget).first_model_by() == seconds


@pytest.fixture
def _own_handler() -> Iterator[None]:
    """Ctrl-C as in a fresh Python, whatever the test runner made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_own_handler")
def test_the_first_interrupt_means_finish_now_and_the_second_stops() -> None:
    clock = Clock()
    with interruptible(clock):
        signal.raise_signal(signal.SIGINT)
        assert clock.finish_now
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("_own_handler")
def test_the_handler_of_before_comes_back_even_after_an_error() -> None:
    def fail() -> None:
        with interruptible(Clock()):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_interrupts_are_left_alone() -> None:
    seen = []

    def enter() -> None:
        with interruptible(Clock()):
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]
