"""Who has the best model at the deadline? Writes benchmarks/race.json and a plot of each data set.

`make race` runs all of it.

Usage: python benchmarks/race.py [--only DATA ...] [--entrant NAME ...] [--minutes N ...]
       python benchmarks/race.py --seeds 1 --minutes 0.5 --only digits --out FILE   (a dry run)

The same rows for everybody, and the same cores: `--cores` of them for each entrant, and as many
entrants at once as the machine has room for. Rivals run in environments of their own, which are
installed below runs/race when they are missing. At the deadline an entrant and all it has started
are killed; what its files say of the test rows is scored. A race that was run before is not run
again unless the entrant has changed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pandas as pd
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import environments, pictures, race_plot, records, runs
from benchmarks.environments import Entrant
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Failure

COMMITTED = ROOT / "benchmarks" / "race.json"
SEEDS = 3
MINUTES = (1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Track:
    """A data set in the form that all entrants read, and the truth that none of them sees.

    Args:
        folder: Holds `train` and `test`, and `archwright.npz` where both are arrays.
        truth: Of the test rows: classes by number or name, or values.
    """

    name: str
    kind: str
    folder: Path
    truth: NDArray[np.generic]

    @property
    def values(self) -> bool:
        return self.truth.dtype.kind == "f"

    def score(self, said: NDArray[np.generic]) -> float:
        """Return the accuracy, or the root mean squared error."""
        if len(said) != len(self.truth):
            raise Failure(f"{len(said)} predictions for {len(self.truth)} test rows")
        if self.values:
            return float(np.sqrt(np.mean((said.astype(float) - self.truth) ** 2)))
        return float(np.mean(said.astype(str) == self.truth.astype(str)))


def images(name: str, source: Path, work: Path) -> Track:
    """Write `train.npz` and `test.npz`: x (rows, height, width[, channels]), y."""
    folder = work / name
    with np.load(source) as found:
        parts = {key: found[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    if not (folder / "train.npz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        last = {part: _channels_last(parts[f"x_{part}"]) for part in ("train", "test")}
        np.savez(folder / "test.npz", x=last["test"])
        np.savez(folder / "archwright.npz", **parts)
        np.savez(folder / "train.npz", x=last["train"], y=parts["y_train"])
    return Track(name, "images", folder, parts["y_test"])


def _channels_last(x: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return x if x.ndim == 3 else x.transpose(0, 2, 3, 1)


def table(name: str, source: Path, target: str, work: Path) -> Track:
    """Write `train.parquet` and `test.parquet`; the target is called `target`."""
    folder = work / name
    frame = pd.read_parquet(source).rename(columns={target: "target"})
    if "split" in frame:
        tested = frame.pop("split").astype(str) == "test"
    else:
        tested = pd.Series(np.random.default_rng(0).random(len(frame)) < 0.2)
    train, test = frame[~tested], frame[tested]
    if not (folder / "train.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        test.drop(columns="target").to_parquet(folder / "test.parquet")
        test.to_parquet(folder / "scored.parquet")
        train.to_parquet(folder / "train.parquet")
    truth = test["target"].to_numpy()
    return Track(name, "tables", folder, truth if truth.dtype.kind == "f" else truth.astype(str))


def tracks(data: Path, work: Path) -> Mapping[str, Callable[[], Track]]:
    """Return what is raced on, by name, each made when it is asked for."""
    tables = data / "tabular"

    def cifar10() -> Track:
        parts = (data / "images" / f"cifar10_jpeg_{part}.npz" for part in ("train", "test"))
        return images("cifar10", pictures.unpacked(work / "cifar10.npz", *parts), work)

    def california() -> Track:
        path = tables / "california_housing.parquet"
        return table("california", path, "median_house_value", work)

    return {
        "mnist": lambda: images("mnist", data / "images" / "mnist.npz", work),
        "cifar10": cifar10,
        "adult": lambda: table("adult", tables / "adult.parquet", "income", work),
        "california": california,
    }


def race(track: Track, entrant: Entrant, seconds: float, seed: int, cores: Sequence[int]) -> float:
    """Return the score of what lies on disk at the deadline; NaN if there is nothing."""
    place = track.folder / f"{entrant.name.replace(' ', '-')}-{seconds:g}s-{seed}"
    runs.clear(place)
    place.mkdir()
    for part in track.folder.glob("t*.*"):
        (place / part.name).symlink_to(part)
    words = entrant.command(track.folder, place, seconds, seed)
    own = {"OMP_NUM_THREADS": str(len(cores)), "PYTHONWARNINGS": "ignore", "HOME": str(place)}
    with (place / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, cores)), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=runs.environment() | own,
            start_new_session=True,
            cwd=place,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            runs.kill(process)
    try:
        return track.score(entrant.predictions(track.folder, place))
    except (OSError, ValueError, Failure) as error:
        print(f"  {track.name}, {entrant.name}: nothing: {error}", file=sys.stderr)
        return float("nan")


def known(place: Path, entrant: Entrant) -> dict[str, float]:
    """Return the scores of races that were run before by the same entrant, by minutes and seed."""
    if not place.is_file():
        return {}
    stored = json.loads(place.read_text(encoding="utf-8"))
    return dict(stored["scores"]) if stored["entrant"] == entrant.identity() else {}


def measured(
    track: Track, asked: argparse.Namespace, teams: SimpleQueue[list[int]], entrant: Entrant
) -> dict[float, list[float]]:
    """Return the scores of an entrant on a data set, by minutes, one a seed."""
    place = track.folder / f"{entrant.name.replace(' ', '-')}.json"
    scores = known(place, entrant)
    for minutes in asked.minutes:
        for seed in range(asked.seeds):
            if (key := f"{minutes:g}/{seed}") in scores:
                continue
            cores = teams.get()
            try:
                scores[key] = race(track, entrant, 60 * minutes, seed, cores)
            finally:
                teams.put(cores)
            told = f"{track.name}, {minutes:g} min, {entrant.name}, seed {seed}: {scores[key]:.4f}"
            print(f"  {told}", file=sys.stderr)
            stored = {"entrant": entrant.identity(), "scores": scores}
            place.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return {
        minutes: [scores[f"{minutes:g}/{seed}"] for seed in range(asked.seeds)]
        for minutes in asked.minutes
    }


def standings(
    track: Track, found: Mapping[str, Mapping[float, Sequence[float]]]
) -> Iterator[Record]:
    """Yield a record for each number of minutes: archwright's score, and the others' medians."""
    better = "lower" if track.values else "higher"
    for minutes, scores in found[environments.OURS].items():
        others = {
            name: statistics.median(their[minutes])
            for name, their in found.items()
            if name != environments.OURS and np.isfinite(their[minutes]).all()
        }
        absent = [name for name in found if name not in (*others, environments.OURS)]
        best = (min if track.values else max)(others.values(), default=None)
        aim = Aim("test_rmse" if track.values else "test_accuracy", better, best)
        made = record(f"{track.name}/{minutes:g}m", aim, scores, rivals=others)
        made |= {} if track.values else {"noise": noise(made["value"], len(track.truth))}
        yield made | ({"nothing at the deadline": absent} if absent else {})


def noise(accuracy: float, rows: int) -> float:
    """Return what two accuracies on so many rows may differ by: two standard errors.

    As if each had been measured on rows of its own, which is cautious.
    """
    return 2 * math.sqrt(2 * accuracy * (1 - accuracy) / rows)


def main(words: Sequence[str] | None = None) -> int:
    """Race, write after each data set, and return 1 if one could not be raced on."""
    asked = _arguments(words)
    work = ROOT / "runs" / "race"
    work.mkdir(parents=True, exist_ok=True)
    teams = _teams(asked.cores)
    out = asked.out or COMMITTED
    made, old = records.report("make race"), records.read(out)
    every = tracks(Path(asked.data).resolve(), work)
    for name in asked.only or every:
        started = time.monotonic()
        track = every[name]()
        entrants = list(_entered(track, asked.entrant, work))
        with ThreadPoolExecutor(max(1, teams.qsize())) as pool:
            scores = pool.map(partial(measured, track, asked, teams), entrants)
            found = dict(zip((each.name for each in entrants), scores, strict=True))
        if environments.OURS in found:
            made["records"] += standings(track, found)
            records.write(out, records.merge(old, made, every))
            race_plot.draw(out)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def _teams(size: int) -> SimpleQueue[list[int]]:
    """Return groups of cores, each for one entrant at a time."""
    cores, teams = sorted(os.sched_getaffinity(0)), SimpleQueue[list[int]]()
    for first in range(0, len(cores) - size + 1, size):
        teams.put(cores[first : first + size])
    return teams


def _entered(track: Track, asked: Iterable[str] | None, work: Path) -> Iterator[Entrant]:
    for entrant in environments.entrants(work):
        if track.kind in entrant.kinds and (not asked or entrant.name in asked):
            entrant.install()
            yield entrant


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = runs.parser(__doc__)
    parser.add_argument("--only", action="append", help="this data set; repeatable")
    parser.add_argument("--entrant", action="append", help="this entrant; repeatable")
    parser.add_argument("--minutes", action="append", type=float, help="repeatable")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="repetitions")
    parser.add_argument("--cores", type=int, default=2, help="for each entrant")
    found = parser.parse_args(words)
    found.minutes = found.minutes or list(MINUTES)
    return found


if __name__ == "__main__":
    sys.exit(main())
