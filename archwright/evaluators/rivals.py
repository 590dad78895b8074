"""The honest rivals on the leaderboard: what a network has to beat to be worth its trouble."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from archwright import registry
from archwright.core.truth import Kind, Truth, goals
from archwright.evaluators.train import Split
from archwright.measure.scores import answers
from archwright.nets.site import Signature

FIRST_ROWS, LEAST_GROWTH, MOST_GROWTH = 500, 1.5, 8
"""A model is fitted on so many rows first, then on as many as there should be time for: at most so
many times more, and if it is not at least so many times more, no further."""

NUMBERS = 30_000_000
"""So many numbers are in the rows that a model is fitted on, at most: half a gigabyte, copies
included."""

ASKED = 2000
"""So many rows a model is asked about at once."""

MOST_INDICATED = 255
"""Categories of a column that a linear model tells apart at most; the others it takes for one."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Contest:
    """What a rival has to go by.

    Args:
        split: What networks are given, its training rows to fit on.
        inputs: All raw inputs, as `Task.inputs` has them.
        seconds: How many there are.
    """

    split: Split
    inputs: Any
    seconds: float
    seed: int


@dataclass(frozen=True)
class Made:
    """A rival before it is fitted.

    Args:
        model: As scikit-learn has them.
        table: From row numbers to the model's input.
        note: What was left out to save time, in words.
        once: Whether it is fitted on all rows at once, and minds its time by itself.
        alone: Whether the model takes what networks take, flattened, or texts as they are, and is
            made of nothing but scikit-learn: so it can be handed over.
        told: What else was left out, asked once it is fitted.
    """

    name: str
    model: Any
    table: Callable[[Array], Array]
    note: str = ""
    alone: bool = True
    once: bool = False
    told: Callable[[], str] = lambda: ""


Make = Callable[[Contest], Made]


@dataclass(frozen=True)
class Rival:
    """A fitted rival.

    Args:
        predict: Row numbers of the split to answers, see `core.truth.Truth`.
        note: What was left out to save time, in words.
        model: The fitted model, if it can be handed over as it is; else None.
    """

    name: str
    predict: Callable[[Array], Array]
    seconds: float
    note: str = ""
    model: Any = None


def fit_rivals(contest: Contest) -> list[Rival]:
    """Fit every rival; one that would take longer is fitted on fewer rows, and says so."""
    split = contest.split
    fitted, makers = [_trivial(split)], entrants(contest)
    for make in makers:  # the cheaper first, so that the better one has what is left
        left = contest.seconds - sum(rival.seconds for rival in fitted)
        seconds = left / (1 + len(makers) - len(fitted))
        fitted.append(_timed(make, replace(contest, seconds=seconds)))
    return fitted


def entrants(contest: Contest) -> list[Make]:
    """Return what makes the rivals, the cheaper first."""
    if contest.split.signature.widths:
        from archwright.evaluators.rivals_multitask import of_targets

        return of_targets(contest)
    makers: list[Make] = registry.load(registry.MODALITIES[contest.split.modality].rivals)(contest)
    return makers


def of_images(contest: Contest) -> list[Make]:
    """Return what makes the rival for images, a linear one."""
    return [_linear_regression if contest.split.signature.regression else _logistic_regression]


def _trivial(split: Split) -> Rival:
    y, signature = split.y[split.train], split.signature
    names = {
        "regression": "mean of the target",
        "multilabel": "share of each label",
        "multitask": "most frequent classes and means",
    }
    if signature.widths:
        each = goals(y, signature.widths, signature.outputs)
        mean = np.concatenate([np.atleast_1d(_mean(*one)) for one in each])
    else:
        mean = _mean(y, signature.outputs)
    name = names.get(signature.kind, "most frequent class")
    return Rival(name, lambda rows: np.broadcast_to(mean, (len(rows), *mean.shape)), 0.0)


def _mean(y: torch.Tensor, outputs: int) -> Array:
    """Return the best answer that is the same for all rows."""
    if y.dtype == torch.int64:
        return np.bincount(y.numpy(), minlength=outputs) / len(y)
    return np.asarray(y.numpy().mean(0, dtype=np.float64))


def _timed(make: Make, contest: Contest) -> Rival:
    """Fit on ever more rows, up to all of them, as long as the next fit should be in time."""
    made, split = make(contest), contest.split
    model, note = made.model, made.note
    rows = np.random.default_rng(contest.seed).permutation(split.train.numpy())
    y, classes = split.y.numpy(), _classes(split)

    most = min(len(rows), max(FIRST_ROWS, NUMBERS // split.x[0].numel()))
    counts = [len(rows)] if made.once else [min(FIRST_ROWS, most)]
    took: list[float] = []
    while counts[-1]:
        some = _with_all_classes(rows, classes, counts[-1])
        started = time.perf_counter()
        _fit(model, made.table(some), y[some])
        took.append(time.perf_counter() - started)
        counts.append(_next(counts, took, most, contest.seconds))
    count, spent = counts[-2], sum(took)
    if count < len(rows):
        what = "memory" if count == most else "time"
        note = f"fitted on {count:,} of {len(rows):,} rows to save {what}"
    note = "; ".join(filter(None, (note, made.told())))

    def predict(at: Array) -> Array:
        parts = [at[i : i + ASKED] for i in range(0, max(1, len(at)), ASKED)]
        return np.concatenate([said(made, split.signature, part) for part in parts])

    return Rival(made.name, predict, spent, note, model if made.alone else None)


def said(made: Made, signature: Signature, rows: Array) -> Array:
    """Return a fitted model's answers for some rows, see `core.truth.Truth`."""
    if signature.regression or signature.widths:
        values: Array = made.model.predict(made.table(rows))
        return values
    full = np.zeros((len(rows), signature.outputs))
    full[:, made.model.classes_] = _shares(made.model, made.table(rows), signature.kind)
    return full


def _classes(split: Split) -> list[Array]:
    """Return the targets that are classes."""
    each = goals(split.y, split.signature.widths, split.signature.outputs)
    return [y.numpy() for y, _ in each if y.dtype == torch.int64]


def _next(counts: list[int], took: list[float], most: int, seconds: float) -> int:
    """Return how many rows a model is to be fitted on next; 0 if those were all, or time is up.

    What a fit takes is thought to rise with the rows as it did last: boosting has costs that do
    not.

    Args:
        counts, took: Rows of each fit so far, and its seconds.
    """
    rows, last = counts[-1], took[-1]
    each = last / rows
    if len(took) > 1:
        each = max(0.0, last - took[-2]) / (rows - counts[-2])
    spare = max(0.0, seconds - sum(took) - last)
    larger = int(min(most, MOST_GROWTH * rows, rows + spare / max(each, 1e-9)))
    return larger if rows < most and (larger == most or larger > LEAST_GROWTH * rows) else 0


def told_by(rival: Rival, split: Split) -> tuple[Truth, Array, str]:
    """Return the truth for the rows held out, what a rival says of them, and what is left out.

    Rows of which it says nothing, NaN, are.
    """
    output = rival.predict(split.valid.numpy())
    told = np.isfinite(output.reshape(len(output), -1)).all(axis=1)
    if told.all():
        return split.truth(split.valid), output, ""
    many = registry.MODALITIES[split.modality].many
    said = f"on {int(told.sum()):,} of {len(output):,} {many} to save time"
    return split.truth(split.valid[torch.from_numpy(told)]), output[told], said


def _shares(model: Any, x: Any, kind: Kind) -> Array:
    """Return probabilities; margins are taken for logits where a model has nothing else."""
    if hasattr(model, "predict_proba"):
        found: Array = model.predict_proba(x)
        return found
    margins = model.decision_function(x)
    return answers(kind, margins if margins.ndim > 1 else np.stack([-margins, margins], 1) / 2)


def _with_all_classes(rows: Array, classes: Sequence[Array], most: int) -> Array:
    """Return the first `most` rows, and for each target one of each class not among them."""
    some, rest = rows[:most], rows[most:]
    for y in classes:
        firsts = rest[np.unique(y[rest], return_index=True)[1]]
        some = np.concatenate([some, firsts[~np.isin(y[firsts], y[some])]])
    return some


def _fit(model: Any, x: Array, y: Array) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged within the iterations: it is a baseline
        model.fit(x, y)


def _logistic_regression(contest: Contest) -> Made:
    from sklearn.linear_model import LogisticRegression

    model = scaled(
        each_label(LogisticRegression(max_iter=200), contest), _indicators(contest.split)
    )
    return Made("logistic regression", model, flat(contest.split))


def _linear_regression(contest: Contest) -> Made:
    from sklearn.linear_model import Ridge

    model = scaled(Ridge(), _indicators(contest.split))
    return Made("ridge regression", model, flat(contest.split))


def scaled(model: Any, *before: Any) -> Any:
    """Return a model of standardised numbers, with further steps before that."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(*before, StandardScaler(), model)


def each_label(model: Any, contest: Contest) -> Any:
    """Return a model of classes; where several labels are asked for, one of it for each."""
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(model) if contest.split.signature.kind == "multilabel" else model


def boosting(contest: Contest, **how: Any) -> Any:
    """Return histogram gradient boosting of classes, labels or values."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.multioutput import MultiOutputRegressor

    if not contest.split.signature.regression:
        return each_label(HistGradientBoostingClassifier(random_state=contest.seed, **how), contest)
    model = HistGradientBoostingRegressor(random_state=contest.seed, **how)
    return MultiOutputRegressor(model) if contest.split.signature.outputs > 1 else model


def flat(split: Split) -> Callable[[Array], Array]:
    """Return what gives rows as plain vectors, images flattened."""
    return lambda rows: split.x[rows].flatten(1).float().numpy()


def _indicators(split: Split) -> Any:
    """Return what writes categories as one number for each of the most frequent values."""
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    counts = split.signature.categories
    if not counts:
        return "passthrough"
    known = OneHotEncoder(
        max_categories=MOST_INDICATED, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    first = split.signature.shape[0] - len(counts)
    return make_column_transformer((known, slice(first, None)), remainder="passthrough")
