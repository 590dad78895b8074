"""Measures each kind of data beside its rivals, and writes benchmarks/modalities.json.

Usage: python benchmarks/modalities.py [--only CASE ...] [--data FOLDER]
       python benchmarks/modalities.py --budget-scale 0.2 --seeds 1 --out FILE     (a dry run)

One function a case; the file is written after each, so that an interruption loses one case at
most. The rivals are those of the same runs. It wants a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import sys
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import forecasts, large, mixed, runs
from benchmarks.driver import asked, drive
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Case, Measured

COMMITTED = ROOT / "benchmarks" / "modalities.json"
SERIES_SECONDS = 120

AUDIO_SECONDS, LARGE_SECONDS = 600, 300
MIXED_SECONDS = 600

SVM = "TF-IDF + linear SVM"
TEXT_SECONDS = 600
TEXTS: Mapping[str, tuple[str, str, float | None]] = {
    "sms": ("text/sms_spam.parquet", "", 0.985),
    "trec": ("text/sentence_classification_7sets.parquet", "trec", 0.90),
    "sst2": ("text/sentence_classification_7sets.parquet", "sst2", 0.82),
    "banking77": ("text/banking77.parquet", "", None),
}
"""The file of each set of texts, its name within it, and the accuracy it is to have; that of
TF-IDF and a linear SVM in the same runs where it is None."""

BOOSTING = "HistGradientBoosting"
TABLE_SECONDS = 600
TABLES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "adult": ("adult", "income", ()),
    "covtype": ("covtype_15120", "Cover_Type", ("Id",)),
    "higgs": ("higgs_lightgbm_7500", "label", ()),
    "california": ("california_housing", "median_house_value", ()),
    "bike": ("bike_sharing_hour", "cnt", ("casual", "registered")),
}
"""The file of each table, its target, and the columns that are left out: a row's number, and two
that add up to the target."""


@dataclass(frozen=True)
class Bench:
    """What the measurements have in common.

    Args:
        data: The folder of real data.
        work: Where runs and logs are kept.
        seeds: Searches of each data set.
        scale: Multiplies every budget; not 1 in a dry run only.
    """

    data: Path
    work: Path
    seeds: int
    scale: float


def series(bench: Bench) -> list[Record]:
    """Sets of the UCR and UEA archives with their own splits, two minutes each, against MiniRocket.

    The goal is judged on the mean over the sets: the difference of accuracy to that of MiniRocket
    and ridge regression, with all features of its paper, however short the time of the searches.
    """
    sets = unpacked(runs.real(bench.data, "timeseries/ucr_uea_subset.npz"), bench.work)
    cases = {name: Case(name, path, SERIES_SECONDS * bench.scale, ("--modality", "series"))
             for name, path in sets.items()}  # fmt: skip
    bars = {name: minirocket(path) for name, path in sets.items()}
    found = {
        name: _searches(bench, [case] * bench.seeds, f"MiniRocket {bars[name]:.4f}; ")
        for name, case in cases.items()
    }
    seeds = [[_accuracy(each[seed]) for each in found.values()] for seed in range(bench.seeds)]
    bar, means = statistics.mean(bars.values()), [statistics.mean(each) for each in seeds]
    above = Aim("accuracy_above_minirocket", "higher", 0.0)
    made = [record("series/mean", above, [mean - bar for mean in means])]
    plain = Aim("test_accuracy", "higher", None)
    rivals = {"MiniRocket + ridge": bar} | _means(found)
    made.append(record("series/mean", plain, means, rivals=rivals))
    for name, each in found.items():
        rivals = {"MiniRocket + ridge": bars[name]} | _means({name: each})
        made.append(record(f"series/{name}", plain, list(map(_accuracy, each)), rivals=rivals))
    return made


def minirocket(path: Path) -> float:
    """Return the test accuracy of MiniRocket and ridge regression with nothing left out."""
    from archwright.auto import splits
    from archwright.data import load
    from archwright.evaluators.rivals_series import MiniRocket

    split, _ = splits.final(load(path, modality="series"))
    model = MiniRocket(split, places=split.signature.shape[1])
    model.fit(split.train.numpy(), split.y[split.train].numpy())
    said = model.predict(split.valid.numpy()).argmax(1)
    return float((said == split.y[split.valid].numpy()).mean())


def text(name: str, bench: Bench) -> list[Record]:
    """A set of texts, ten minutes, with its own test set; messages are split by archwright."""
    file, part, goal = TEXTS[name]
    path = bench.work / f"{name}.parquet"
    frame = pd.read_parquet(runs.real(bench.data, file))
    if part:
        frame = frame[frame.pop("dataset") == part]
    frame.to_parquet(path, index=False)
    case = Case(name, path, TEXT_SECONDS * bench.scale, ("--target", "label"))
    found = _searches(bench, [case] * bench.seeds)
    rivals = _means({name: found})
    aim = Aim("test_accuracy", "higher", rivals[SVM] if goal is None else goal)
    return [record(f"text-{name}", aim, list(map(_accuracy, found)), rivals=rivals)]


def table(name: str, bench: Bench) -> list[Record]:
    """A table, ten minutes, against boosting with its defaults on the same rows."""
    file, target, dropped = TABLES[name]
    path = bench.work / f"{name}.parquet"
    frame = pd.read_parquet(runs.real(bench.data, f"tabular/{file}.parquet"))
    frame.drop(columns=list(dropped)).to_parquet(path, index=False)
    case = Case(name, path, TABLE_SECONDS * bench.scale, ("--target", target))
    metric = "accuracy" if frame[target].nunique() <= 20 else "rmse"
    found = _searches(bench, [case] * bench.seeds, metric=metric)
    rivals = _means({name: found}, metric)
    trees = [boosted(path, target, metric, seed) for seed in range(bench.seeds)]
    rivals[BOOSTING] = statistics.mean(trees)
    better = "higher" if metric == "accuracy" else "lower"
    aim = Aim(f"test_{metric}", better, rivals[BOOSTING])
    values = [float(one.metrics["test"][metric]) for one in found]
    return [record(f"table-{name}", aim, values, rivals=rivals)]


def boosted(path: Path, target: str, metric: str, seed: int) -> float:
    """Return what HistGradientBoosting has on the test rows of a search, with nothing left out."""
    from archwright.auto import splits
    from archwright.data import load
    from archwright.evaluators.rivals import Contest, fit_rivals
    from archwright.measure.scores import scores

    task = load(path, target, seed=seed)
    split, _ = splits.final(task)
    rivals = fit_rivals(Contest(split, task.inputs, float("inf"), seed))
    (model,) = [rival for rival in rivals if rival.name == BOOSTING]
    return scores(split.truth(split.valid), model.predict(split.valid.numpy()))[metric]


def audio(bench: Bench, *, unseen: bool) -> list[Record]:
    """Spoken digits as folders of WAV files, ten minutes, on the official test set.

    With `unseen`, on all digits of one speaker instead, a different one each seed, whom neither
    training nor validation has heard; for that there is no goal.
    """
    name = "audio-unseen-speaker" if unseen else "audio"
    source, seconds = runs.real(bench.data, "audio/fsdd_8k.npz"), AUDIO_SECONDS * bench.scale
    if unseen:
        folders = [spoken(source, bench.work, speaker) for speaker in range(bench.seeds)]
    else:
        folders = [spoken(source, bench.work, None)] * bench.seeds
    found = _searches(bench, [Case(folder.name, folder, seconds) for folder in folders])
    aim = Aim("test_accuracy", "higher", None if unseen else 0.98)
    rivals = _means({name: found})
    return [record(f"{name}/spoken-digits", aim, list(map(_accuracy, found)), rivals=rivals)]


def spoken(path: Path, work: Path, speaker: int | None) -> Path:
    """Write spoken digits as class folders in `train` and `test`; return where.

    Args:
        speaker: Whose digits are the test; the official one (takes 0 to 4) where it is None.
    """
    folder = work / ("spoken" if speaker is None else f"spoken-{speaker}")
    runs.clear(folder)
    with np.load(path) as found:
        sound, ends, y, who, take = (
            found[name] for name in ("audio", "offsets", "y", "speaker", "take")
        )
    tested = take < 5 if speaker is None else who == np.unique(who)[speaker]
    for i, digit in enumerate(y):
        place = folder / ("test" if tested[i] else "train") / str(digit)
        place.mkdir(parents=True, exist_ok=True)
        with wave.open(str(place / f"{who[i]}_{take[i]}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(sound[ends[i] : ends[i + 1]].astype("<i2").tobytes())
    return folder


def too_large(bench: Bench, *, pictures: bool) -> list[Record]:
    """Three gigabytes of made images, or of a made table, within five minutes and half of that.

    The memory is what the search itself says that it took with all of its processes.
    """
    place, size = bench.work / ("large" if pictures else "large.csv"), large.BYTES * bench.scale
    if not place.exists():
        (large.images if pictures else large.table)(place, size)
    name = "images" if pictures else "table"
    found = _searches(bench, [Case(name, place, LARGE_SECONDS * bench.scale)] * bench.seeds)
    memory = [float(one.metrics["peak_memory_gb"]) for one in found]
    scores = record(
        f"large-{name}", Aim("test_accuracy", "higher", None), list(map(_accuracy, found))
    )
    return [record(f"large-{name}", Aim("peak_memory_gb", "lower", 1.5), memory), scores]


def mixed_digits(bench: Bench) -> list[Record]:
    """Digits that are shown, spoken and hinted at, ten minutes, against the best single input.

    Which is searched for in the same time, with each seed; see `benchmarks.mixed` for the task. Of
    the columns, which do not tell the digit, the rivals on the leaderboard are enough.
    """
    folder, seconds = bench.work / "mixed-digits", MIXED_SECONDS * bench.scale
    runs.clear(folder)
    paths = mixed.build(bench.data, folder)
    found = {
        name: _searches(bench, [Case(f"mixed-{name}", path, seconds)] * bench.seeds)
        for name, path in paths.items()
        if name != "columns"
    }
    values = {name: list(map(_accuracy, each)) for name, each in found.items()}
    whole = values.pop("all")
    alone = {f"{name} alone, searched": statistics.median(each) for name, each in values.items()}
    aim = Aim("test_accuracy", "higher", max(alone.values()))
    rivals = alone | _means({"all": found["all"]})
    return [record("mixed-digits", aim, whole, rivals=rivals)]


CASES: Mapping[str, Callable[[Bench], list[Record]]] = {
    "series": series,
    "audio": partial(audio, unseen=False),
    "audio-unseen-speaker": partial(audio, unseen=True),
    "mixed-digits": mixed_digits,
    **{f"text-{name}": partial(text, name) for name in TEXTS},
    "large-images": partial(too_large, pictures=True),
    "large-table": partial(too_large, pictures=False),
    **{f"table-{name}": partial(table, name) for name in TABLES},
    "forecast-etth1": forecasts.etth1,
    "forecast-exchange": forecasts.exchange,
    "forecast-m4": forecasts.m4,
}


def unpacked(path: Path, work: Path) -> dict[str, Path]:
    """Write each set that has test rows to a file of its own; return the files by name."""
    found = {}
    with np.load(path) as archive:
        for key in archive.files:
            if not key.endswith("_X_test"):
                continue
            name = key.removesuffix("_X_test")
            arrays = {
                f"{axis.lower()}_{part}": archive[f"{name}_{axis}_{part}"]
                for axis in ("X", "y")
                for part in ("train", "test")
            }
            found[name] = work / f"{name}.npz"
            np.savez(found[name], **arrays)
    return found


def _searches(
    bench: Bench, cases: Sequence[Case], more: str = "", metric: str = "accuracy"
) -> list[Measured]:
    """Search for each case, the first with seed 0, and tell what came of it."""
    made = []
    for seed, case in enumerate(cases):
        one = runs.measure(case, seed, bench.work)
        boards = {name: f"{board[metric]:.4f}" for name, board in _boards(one).items()}
        own = f"{one.metrics['test'][metric]:.4f}"
        told = f"{own} after {one.seconds:.0f} s; {more}in the run {boards}"
        print(f"  {case.label}, seed {seed}: {told}", file=sys.stderr)
        made.append(one)
    return made


def _boards(one: Measured) -> dict[str, dict[str, float]]:
    """Return the rivals' metrics, those of other trials of the search left out."""
    rivals = one.metrics["rivals"].items()
    return {name: board for name, board in rivals if not name.startswith("trial ")}


def _accuracy(one: Measured) -> float:
    return float(one.metrics["test"]["accuracy"])


def _means(found: Mapping[str, Sequence[Measured]], metric: str = "accuracy") -> dict[str, float]:
    """Return the means of a metric of the other rivals that are on every leaderboard."""
    every = [_boards(one) for each in found.values() for one in each]
    names = [n for n in every[0] if n != "MiniRocket + ridge" and all(n in one for one in every)]
    return {name: statistics.mean(one[name][metric] for one in every) for name in names}


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases, or those that are asked for; return as `drive` does."""
    given = asked(words, __doc__, CASES, COMMITTED)
    work = ROOT / "runs" / ("modalities-dry" if given.dry else "modalities")
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.data.resolve(), work, given.seeds, given.scale)
    cases = {name: partial(case, bench) for name, case in CASES.items()}
    return drive("make bench-modalities", given.out or COMMITTED, cases, given.only or CASES)


if __name__ == "__main__":
    sys.exit(main())
