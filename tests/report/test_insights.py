from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Proposal, State, Trial
from archwright.core.truth import Truth
from archwright.measure.scores import scores
from archwright.report.insights import (
    Estimate,
    explored,
    margin,
    random_search,
    random_search_entry,
    row_errors,
    standard_error,
    verdict,
)
from archwright.report.record import Entry

ACCURACY = Objective("accuracy")
RMSE = Objective("rmse")


def trials(metric: str, values: list[float], origin: str = "random") -> History:
    return History(
        [
            Trial(i, Proposal(Architecture.of({"x": i}), origin=origin), State.DONE,
                  (0.0,), {metric: value})
            for i, value in enumerate(values)
        ]
    )  # fmt: skip


def entry(name: str, role: str, test: float, validation: float | None = None) -> Entry:
    seen = {"accuracy": test if validation is None else validation}
    return Entry(name, role, seen, {"accuracy": test}, None, 1.0)  # type: ignore[arg-type]


def answers(right: int, rows: int) -> tuple[Truth, np.ndarray]:
    """Truths that are all class 0, and probabilities of which `right` rows say so."""
    output = np.tile([0.9, 0.1], (rows, 1))
    output[right:] = [0.1, 0.9]
    return Truth("classification", np.zeros(rows, dtype=np.int64)), output


def test_one_training_of_random_search_is_expected_to_reach_the_mean() -> None:
    found = random_search(trials("accuracy", [0.1, 0.2, 0.3, 0.4, 0.5]), ACCURACY, 1)
    assert found is not None
    assert found.value == pytest.approx(0.3)
    assert found.trials == 5


def test_two_trainings_are_expected_to_reach_the_mean_of_all_pairs_best() -> None:
    values = [0.1, 0.2, 0.3, 0.4, 0.5]
    found = random_search(trials("accuracy", values), ACCURACY, 2)
    pairs = [max(a, b) for a in values for b in values]
    assert found is not None
    assert found.value == pytest.approx(np.mean(pairs))


def test_for_errors_the_best_is_the_lowest() -> None:
    values = [5.0, 6.0, 7.0, 8.0, 9.0]
    found = random_search(trials("rmse", values), RMSE, 2)
    assert found is not None
    assert found.value == pytest.approx(np.mean([min(a, b) for a in values for b in values]))
    assert found.low <= found.value <= found.high


def test_the_estimate_never_exceeds_the_best_trial_and_repeats_itself() -> None:
    history = trials("accuracy", [0.1, 0.2, 0.3, 0.4, 0.5])
    found = random_search(history, ACCURACY, 10_000)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.high <= 0.5 + 1e-12
    assert random_search(history, ACCURACY, 10_000) == found


def test_only_random_trials_count_and_four_are_too_few() -> None:
    assert random_search(trials("accuracy", [0.1] * 9, "mutation"), ACCURACY, 3) is None
    assert random_search(trials("accuracy", [0.1] * 4), ACCURACY, 3) is None
    row = random_search_entry(trials("accuracy", [0.1] * 4), ACCURACY, 3)
    assert row.note == "too few random trials to say"
    assert not row.validation


def test_what_is_drawn_after_a_model_has_begun_to_choose_does_not_count() -> None:
    parts = [
        *trials("accuracy", [0.5] * 5).trials,
        *trials("accuracy", [0.9], "model").trials,
        *trials("accuracy", [0.8] * 6).trials,
    ]
    history = History([replace(trial, number=i) for i, trial in enumerate(parts)])
    found = random_search(history, Objective("accuracy"), 3)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.trials == 5


def test_the_share_of_exploration_is_that_of_random_proposals() -> None:
    assert explored(History()) == 0.0
    drawn, chosen = trials("accuracy", [0.5] * 3), trials("accuracy", [0.5], "model")
    assert explored(History([*drawn.trials, *chosen.trials])) == 0.75


def test_the_row_of_the_estimate_says_where_it_is_low() -> None:
    row = random_search_entry(trials("accuracy", [0.1, 0.2, 0.3, 0.4, 0.5]), ACCURACY, 40)
    assert row.role == "estimate"
    assert "5 random trials" in row.note
    assert "rather low" in row.note


def test_the_error_of_an_accuracy_is_that_of_a_share() -> None:
    error = standard_error(*answers(900, 1000), ACCURACY)
    assert error == pytest.approx(np.sqrt(0.9 * 0.1 / 1000), rel=0.01)


def test_a_perfect_score_is_not_taken_for_certain() -> None:
    assert standard_error(*answers(100, 100), ACCURACY) > 0


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2"])
def test_errors_of_value_scores_match_the_bootstrap(metric: str) -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=2000)
    output = target + 0.5 * rng.normal(size=2000)

    def measured(rows: np.ndarray) -> float:
        missed = (output - target)[rows]
        square = float(np.mean(missed**2))
        mean = float(np.mean(np.abs(missed)))
        return {"rmse": square**0.5, "mae": mean, "r2": 1 - square / np.var(target)}[metric]

    again = [measured(rng.integers(0, 2000, 2000)) for _ in range(600)]
    # The spread of 600 draws is itself known to about 3 %.
    truth = Truth("regression", target)
    assert standard_error(truth, output, Objective(metric)) == pytest.approx(
        np.std(again), rel=0.15
    )


@pytest.mark.parametrize("metric", ["balanced_accuracy", "macro_f1", "roc_auc", "log_loss"])
def test_every_other_score_has_an_error_that_shrinks_with_the_rows(metric: str) -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, 4000)
    output = rng.dirichlet(np.ones(3), 4000)
    few, many = (
        standard_error(Truth("classification", target[:n]), output[:n], Objective(metric))
        for n in (400, 4000)
    )
    assert many == pytest.approx(few / np.sqrt(10), rel=0.25)


def test_a_clear_lead_over_everything_is_called_worth_it() -> None:
    board = [
        entry("net", "winner", 0.95, 0.96),
        entry("made by hand", "default", 0.85),
        entry("ridge", "rival", 0.80),
    ]
    text = verdict(board, ACCURACY, *answers(950, 1000), Estimate(0.9, 0.89, 0.91, 9), 0.96)
    assert text.startswith("The search was worth it: its network reaches 95.0 % accuracy")
    assert "10.0 points better than the hand-made default" in text
    assert "ridge, is 15.0 points behind" in text
    assert "would have reached less (about 90.0 % against 96.0 % on validation)" in text
    assert text.count(". ") == 0
    assert text.endswith(".")


def test_a_difference_within_the_noise_is_called_no_help() -> None:
    board = [entry("net", "winner", 0.95), entry("made by hand", "default", 0.949)]
    text = verdict(board, ACCURACY, *answers(950, 1000), None, 0.9)
    assert text.startswith("The search did not help: the hand-made default network does as well")
    assert "too few random trials" in text


def test_a_default_that_is_better_is_said_to_be_better() -> None:
    board = [entry("net", "winner", 0.80), entry("made by hand", "default", 0.95)]
    text = verdict(board, ACCURACY, *answers(800, 1000), None, 0.9)
    assert "the hand-made default network is better than the network it found by 15.0" in text


def test_it_says_plainly_when_boosted_trees_are_ahead_and_by_how_much() -> None:
    board = [
        entry("net", "winner", 0.855),
        entry("made by hand", "default", 0.83),
        entry("HistGradientBoosting", "rival", 0.871),
        entry("majority", "rival", 0.76),
    ]
    text = verdict(board, ACCURACY, *answers(13_920, 16_281), None, 0.9)
    assert text.startswith("The search was only half worth it")
    assert "HistGradientBoosting is ahead of it by 1.6 points (87.10 %)" in text
    few = verdict(board, ACCURACY, *answers(85, 100), None, 0.9)
    assert "HistGradientBoosting is ahead of it by 1.6 points (87.1 %, within the noise)" in few


def test_random_search_within_the_interval_would_have_done_as_well() -> None:
    board = [entry("net", "winner", 0.95, 0.93)]
    text = verdict(board, ACCURACY, *answers(950, 1000), Estimate(0.92, 0.9, 0.94, 9), 0.93)
    assert "random search with as many trainings would likely have done as well" in text
    close = verdict(board, ACCURACY, *answers(950, 1000), Estimate(0.92, 0.91, 0.925, 9), 0.93)
    assert "would have come close, within the noise" in close


def test_for_errors_lower_is_better_and_gaps_are_in_per_cent() -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=5000)
    output = target + 0.5 * rng.normal(size=5000)
    found = float(np.sqrt(np.mean((output - target) ** 2)))
    board = [
        Entry("net", "winner", {"rmse": found}, {"rmse": found}, 1.0, 1.0),
        Entry("made by hand", "default", {}, {"rmse": 2 * found}, 1.0, 1.0),
    ]
    text = verdict(board, RMSE, Truth("regression", target), output, None, 0.9)
    assert "50 % better than the hand-made default network" in text
    assert margin(Truth("regression", target), output, RMSE) < 0.05


def test_a_winner_that_was_made_by_hand_is_not_called_found() -> None:
    board = [replace(entry("hand-made default network", "winner", 0.9), handmade=True)]
    said = verdict(board, ACCURACY, *answers(900, 1000), None, 0.9)
    assert said.startswith(
        "Nothing was surely better than the hand-made default network, which reaches 90.0 %"
    )


def test_a_default_that_was_not_trained_to_the_end_is_compared_on_validation() -> None:
    default = replace(entry("default", "default", 0.0, 0.7), test={})
    board = [entry("net", "winner", 0.9, 0.8), default]
    said = verdict(board, ACCURACY, *answers(900, 1000), None, 0.9)
    assert "(on validation 80.0 %, and the hand-made default network 70.0 %, after equal" in said


@pytest.mark.parametrize("metric", ["mean_score", "accuracy", "log_loss", "nrmse"])
def test_errors_of_several_targets_match_the_bootstrap(metric: str) -> None:
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.integers(0, 3, 1000), rng.normal(size=1000)])
    said = values[:, 1] + 0.5 * rng.normal(size=1000)
    output = np.column_stack([rng.dirichlet(np.ones(3), 1000), said])
    truth = Truth("multitask", values, np.ones(2), widths=(3, 1))
    again = [
        scores(truth.at(rows), output[rows], metric)[metric]
        for rows in rng.integers(0, 1000, (400, 1000))
    ]
    error = standard_error(truth, output, Objective(metric))
    assert error == pytest.approx(np.std(again), rel=0.25)


def test_rows_of_several_targets_add_up_to_the_mean_score() -> None:
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.integers(0, 3, 100), rng.normal(size=100)])
    output = np.column_stack([rng.dirichlet(np.ones(3), 100), values[:, 1] * 0.8])
    truth, aim = Truth("multitask", values, np.ones(2), widths=(3, 1)), Objective("mean_score")
    errors = row_errors(truth, output, aim)
    assert errors is not None
    assert 1 - errors.mean() == pytest.approx(scores(truth, output)["mean_score"])
