"""Was the search worth it? An estimate of random search, the noise of a test, and one sentence.

Pure functions of trials and numbers; nothing is trained or read here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.objective import WORDS, Objective
from archwright.core.trial import History
from archwright.core.truth import Truth
from archwright.measure.scores import SHARE, scores
from archwright.report.record import Entry
from archwright.report.words import gap, plural, score

ROOTS = ("rmse", "nrmse")
SQUARED = (*ROOTS, "r2")
"""Metrics that are made of a mean of squares, and those that are its root."""

FEWEST = 5
"""Random trials below which nothing is estimated."""

RESAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A value with its 90 % interval (`low` < `high`, whichever is better) and the trials used."""

    value: float
    low: float
    high: float
    trials: int


def random_search(history: History, aim: Objective, trainings: int) -> Estimate | None:
    """Return what random search would be expected to reach on validation after `trainings`.

    The expected best of that many draws, with replacement, from this run's random trials (Dodge
    et al., 2019, arXiv:1909.03004, equation 4), with a bootstrap 90 % interval. It cannot exceed
    the best random trial seen, so with more trainings than random trials it is a low estimate.
    None with fewer than five random trials: too few to say. Once a model proposes, it also chooses
    among what is drawn at random, so that only trials before that count. A trial that was stopped
    counts with what it was expected to reach.
    """
    top = max((trial.proposal.fidelity for trial in history.done), default=1.0)
    chosen = (trial.number for trial in history.trials if trial.proposal.origin == "model")
    until = next(chosen, len(history))
    known = history.believed().done
    trials = [t for t in known if t.proposal.origin == "random" and t.number < until]
    trials = [t for t in trials if t.proposal.fidelity == top]
    values = [t.metrics.get(aim.metric, aim.value(t.losses[0])) for t in trials]
    finite = np.array([value for value in values if math.isfinite(value)])
    if len(finite) < FEWEST:
        return None
    rng = np.random.default_rng(len(finite))
    resamples = max(100, min(RESAMPLES, 2_000_000 // len(finite)))
    drawn = rng.choice(finite, (resamples, len(finite)))
    best = _expected_best(drawn, trainings, aim)
    low, high = np.quantile(best, (0.05, 0.95))
    value = _expected_best(finite[None], trainings, aim)[0]
    return Estimate(float(value), float(low), float(high), len(finite))


def explored(history: History) -> float:
    """Return the share of proposals that were drawn at random instead of made from what is known.

    The other ones exploit: known-good starts, children and neighbours of good networks, what a
    model expects to be good.
    """
    drawn = sum(trial.proposal.explores for trial in history.trials)
    return drawn / max(1, len(history))


def random_search_entry(history: History, aim: Objective, trainings: int) -> Entry:
    """Return the estimate as a row of the leaderboard; its note says how sure it is."""
    name = f"random search, {plural(trainings, 'training')} (estimate)"
    found = random_search(history, aim, trainings)
    if found is None:
        return Entry(name, "estimate", {}, {}, None, 0.0, "too few random trials to say")
    low, high = (score(aim.metric, bound) for bound in (found.low, found.high))
    note = f"90 % interval {low} to {high}, from {found.trials} random trials"
    if trainings > found.trials:
        note += "; rather low, since it cannot exceed the best of them"
    return Entry(name, "estimate", {aim.metric: found.value}, {}, None, 0.0, note)


def standard_error(truth: Truth, output: NDArray[Any], aim: Objective) -> float:
    """Return the standard error of a test score, given the rows it was measured on.

    Exact or first-order formulas; for macro F1 that of balanced accuracy stands in, for ROC AUC
    that of Hanley and McNeil (1982) on the smallest class against the rest, for other metrics that
    of 100 bootstrap samples.
    """
    rows, metric, target = len(truth), aim.metric, truth.values
    several = truth.kind == "multitask"
    if metric in SQUARED and not several:
        return _root_error(truth, output, metric)
    errors = row_errors(truth, output, aim)
    if metric in ("accuracy", "subset_accuracy") and errors is not None and not several:
        return math.sqrt(_spread(rows - errors.sum(), rows))
    if errors is not None:
        return float(errors.std() / math.sqrt(rows))
    if truth.kind in ("multilabel", "multitask") or metric == "quadratic_kappa":
        return _resampled_error(truth, output, metric)
    hits = output.argmax(1) == target
    counts = [(hits[target == c].sum(), (target == c).sum()) for c in np.unique(target)]
    if metric == "roc_auc":
        return _area_error(target, output, min(count for _, count in counts))
    return math.sqrt(sum(_spread(hit, count) for hit, count in counts)) / len(counts)


def margin(truth: Truth, output: NDArray[Any], aim: Objective) -> float:
    """Return the difference between two models' test scores below which it may be noise.

    Two standard errors of a difference of two independent scores: cautious, since models that
    are tested on the same rows tend to fail on the same rows.
    """
    return 2 * math.sqrt(2) * standard_error(truth, output, aim)


def row_errors(truth: Truth, output: NDArray[Any], aim: Objective) -> NDArray[np.float64] | None:
    """Return each test row's share in the metric; None where a metric is not made of rows.

    Two models' errors on the same rows tell far better than their scores whether one is better.
    """
    target = truth.values
    if truth.kind == "multitask":
        return _of_targets(truth, output, aim)
    match aim.metric:
        case "accuracy":
            return np.asarray(output.argmax(1) != target, dtype=np.float64)
        case "subset_accuracy":
            return np.asarray(((output >= 0.5) != target).any(1), dtype=np.float64)
        case "rank_error":
            return np.asarray(np.abs(output.argmax(1) - target), dtype=np.float64)
        case "log_loss":
            return np.asarray(-np.log(truth.likelihood(output)))
        case "mae":
            return _of_rows(np.abs(output - target))
    return _squares(truth, output, aim.metric) if aim.metric in SQUARED else None


def _of_targets(truth: Truth, output: NDArray[Any], aim: Objective) -> NDArray[np.float64] | None:
    """Return each row's mean over the targets that the metric is made of."""
    names = {kind: name for kind, name in SHARE.items() if aim.metric in ("mean_score", name)}
    if aim.metric == "log_loss":
        names = {"classification": "log_loss"}
    found = [
        row_errors(one, said, Objective(names[one.kind]))
        for one, said in truth.each(output)
        if one.kind in names
    ]
    known = [each for each in found if each is not None]
    return np.mean(known, axis=0) if known else None


def _squares(truth: Truth, output: NDArray[Any], metric: str) -> NDArray[np.float64]:
    """Return what the mean of makes the metric: squares, for R² as shares in the variance."""
    if metric == "nrmse":
        return _of_rows(truth.misses(output) ** 2)
    unit = truth.values.std(0).clip(1e-300) if metric == "r2" else 1.0
    return _of_rows(((output - truth.values) / unit) ** 2)


def _of_rows(errors: NDArray[Any]) -> NDArray[np.float64]:
    """Return the means over several values of a row, where there are several."""
    found = errors.reshape(len(errors), -1).mean(1)
    return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class _Case:
    """The aim, what may be noise on the test rows, and how to name a score."""

    aim: Objective
    margin: float
    rows: int

    def value(self, entry: Entry) -> float:
        return entry.test[self.aim.metric]

    def text(self, entry: Entry) -> str:
        return score(self.aim.metric, self.value(entry), self.rows)

    def on_validation(self, winner: Entry, default: Entry) -> str:
        """Return how they compare after the search, where both were trained alike."""
        metric = self.aim.metric
        if metric not in default.validation or metric not in winner.validation:
            return ""
        pair = [score(metric, entry.validation[metric]) for entry in (winner, default)]
        alike = "after equally long trainings in the search"
        return f" (on validation {pair[0]}, and the hand-made default network {pair[1]}, {alike})"

    def gap(self, one: Entry, other: Entry) -> str:
        return gap(self.aim, self.value(one), self.value(other))

    def against(self, one: Entry, other: Entry) -> int:
        """Return 1 where `one` is better, -1 where it is worse, 0 where that may be noise."""
        ahead = self.aim.loss(other.test) - self.aim.loss(one.test)
        return 0 if abs(ahead) <= self._noise(one, other) else (1 if ahead > 0 else -1)

    def _noise(self, one: Entry, other: Entry) -> float:
        """Return two standard errors of the difference, of paired rows where they are known."""
        if one.errors is None or other.errors is None:
            return self.margin
        spread = 2 * float(np.std(other.errors - one.errors)) / math.sqrt(self.rows)
        roots = self.aim.metric in ROOTS
        return spread / max(self.value(one) + self.value(other), 1e-300) if roots else spread


def verdict(
    leaderboard: Sequence[Entry],
    aim: Objective,
    truth: Truth,
    output: NDArray[Any],
    estimate: Estimate | None,
    found: float,
) -> str:
    """Return one plain sentence: was the search worth it?

    The kept network is compared with the hand-made default network and with the best rival on
    the test rows, and what the search found with the estimate of random search, on validation.

    Args:
        truth: Of the test rows.
        output: The kept network's answers for them, for the noise of the comparison.
        found: What the best trial had on validation.
    """
    case = _Case(aim, margin(truth, output, aim), len(truth))
    known = [entry for entry in leaderboard if aim.metric in entry.test]
    winner = next(entry for entry in known if entry.role == "winner")
    default = next((entry for entry in leaderboard if entry.role == "default"), None)
    rivals = [entry for entry in known if entry.role == "rival"]
    rival = min(rivals, key=lambda entry: aim.loss(entry.test), default=None)
    first = _against_default(case, winner, default, rival)
    return f"{first}{_against_random(case, found, estimate)}."


def _against_default(case: _Case, winner: Entry, default: Entry | None, rival: Entry | None) -> str:
    rows = plural(case.rows, "test example")
    has = f"{case.text(winner)} {WORDS[case.aim.metric]} on {rows}"
    beaten = rival is not None and case.against(winner, rival) < 0
    if winner.handmade:
        text = f"Nothing was surely better than the hand-made default network, which reaches {has}"
    elif default is None or case.aim.metric not in default.test:
        text = f"The network found by the search reaches {has}"
        text += "" if default is None else case.on_validation(winner, default)
    elif (standing := case.against(winner, default)) > 0:
        worth = "was only half worth it" if beaten else "was worth it"
        better = f"{case.gap(winner, default)} better than the hand-made default network"
        text = f"The search {worth}: its network reaches {has}, {better}"
    else:
        both = f"{case.text(default)} against {has}"
        equal = "does as well as the network it found"
        better = f"is better than the network it found by {case.gap(default, winner)}"
        noise = "" if standing else ", a difference within the noise"
        how = better if standing else equal
        text = f"The search did not help: the hand-made default network {how} ({both}{noise})"
    return text + (_against_rival(case, winner, rival) if rival else "")


def _against_rival(case: _Case, winner: Entry, rival: Entry) -> str:
    apart = case.gap(winner, rival)
    match case.against(winner, rival):
        case 1:
            return f", and the best rival, {rival.name}, is {apart} behind ({case.text(rival)})"
        case -1:
            return f", but {rival.name} is ahead of it by {apart} ({case.text(rival)})"
    if case.aim.loss(rival.test) < case.aim.loss(winner.test):
        return (
            f", but {rival.name} is ahead of it by {apart} ({case.text(rival)}, within the noise)"
        )
    return f", and {rival.name} does as well ({case.text(rival)}, within the noise)"


def _against_random(case: _Case, found: float, estimate: Estimate | None) -> str:
    aim = case.aim
    if estimate is None:
        return "; there were too few random trials to say what random search would have reached"
    about = score(aim.metric, estimate.value)
    edge = estimate.high if aim.maximise else estimate.low
    loss = aim.loss({aim.metric: found})
    if loss >= aim.loss({aim.metric: edge}) or about == score(aim.metric, found):
        how = "would likely have done as well"
    elif abs(found - estimate.value) <= case.margin:
        how = "would have come close, within the noise"
    else:
        how = "would have reached less"
    pair = f"about {about} against {score(aim.metric, found)} on validation"
    return f"; random search with as many trainings {how} ({pair})"


def _expected_best(values: NDArray[Any], trainings: int, aim: Objective) -> NDArray[Any]:
    """Return the expected best of `trainings` draws from each row of `values`."""
    count = values.shape[1]
    ordered = np.sort(values, axis=1)
    if not aim.maximise:
        ordered = ordered[:, ::-1]
    at_most = (np.arange(count + 1) / count) ** max(1, trainings)
    best: NDArray[Any] = ordered @ np.diff(at_most)
    return best


def _spread(hits: float, rows: float) -> float:
    """Return the variance of a share, never 0: one hit and one miss are added (Laplace)."""
    share = (hits + 1) / (rows + 2)
    return float(share * (1 - share) / rows)


def _root_error(truth: Truth, output: NDArray[Any], metric: str) -> float:
    """Return that of what is made of a mean of squares."""
    square = _squares(truth, output, metric)
    scale = max(2 * math.sqrt(square.mean()), 1e-300) if metric in ROOTS else 1.0
    return float(square.std() / math.sqrt(len(truth)) / scale)


def _resampled_error(truth: Truth, output: NDArray[Any], metric: str) -> float:
    rng, found = np.random.default_rng(0), list[float]()
    for _ in range(100):
        rows = rng.integers(len(truth), size=len(truth))
        found += scores(truth.at(rows), output[rows], metric).values()
    return float(np.std(found)) if found else 0.0


def _area_error(target: NDArray[Any], output: NDArray[Any], few: int) -> float:
    """Hanley and McNeil's standard error of an area under the curve."""
    from sklearn.metrics import roc_auc_score

    if output.shape[1] == 2:
        area = float(roc_auc_score(target, output[:, 1]))
    else:
        area = float(roc_auc_score(target, output, multi_class="ovr"))
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    many = len(target) - few
    spread = area * (1 - area) + (few - 1) * (first - area**2) + (many - 1) * (second - area**2)
    return math.sqrt(max(spread, 0.0) / (few * many))
