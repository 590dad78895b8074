"""Measures speed, and writes benchmarks/speed.json; `make bench-speed` runs all of it (3 hours).

Usage: python benchmarks/speed.py [--only CASE ...] [--data FOLDER]
       python benchmarks/speed.py --scale 0.1 --seeds 1 --out FILE     (a dry run)

One case after the other, each with the whole machine; the file is written after each.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archwright.auto.options import EARLY_STOP
from archwright.train.recipe import Recipe
from benchmarks import fusion, loop, pictures, promises, runs, stopping, throughput
from benchmarks.driver import asked, drive
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Case
from benchmarks.stopping import Source
from benchmarks.throughput import Work

COMMITTED = ROOT / "benchmarks" / "speed.json"

IMAGES = Recipe(1, batch=64, lr=4e-3, weight_decay=0.02, smoothing=0.1)
TABLE = Recipe(1, batch=256, lr=2e-3, weight_decay=0.1)
"""What both loops train by; augmentation and Muon, which a plain loop has not, are left out."""


@dataclass(frozen=True)
class Bench:
    """What the measurements have in common.

    Args:
        data: The folder of real data.
        work: Where runs, logs and unpacked images are kept.
        seeds: Repetitions.
        scale: Multiplies every budget and number of rows; not 1 in a dry run only.
    """

    data: Path
    work: Path
    seeds: int
    scale: float

    def file(self, name: str) -> Path:
        return runs.real(self.data, name)

    def cifar(self) -> Path:
        """CIFAR-10 as arrays: the JPEG files of the data folder, unpacked."""
        parts = (self.file(f"images/cifar10_jpeg_{part}.npz") for part in ("train", "test"))
        return pictures.unpacked(self.work / "cifar10.npz", *parts)


def training(bench: Bench) -> list[Record]:
    """Examples a second against a plain loop, one core; accuracies after as many epochs."""
    rows = int(60_000 * bench.scale)
    mnist, adult = bench.file("images/mnist.npz"), bench.file("tabular/adult.parquet")
    works = {
        "small-cnn-28": (3.0, Work(mnist, None, throughput.small_cnn, IMAGES, rows, 1)),
        "residual-cnn-32": (
            2.5,
            Work(bench.cifar(), None, throughput.residual_cnn, IMAGES, rows // 3, 2),
        ),
        "mlp-adult": (3.0, Work(adult, "income", throughput.dense, TABLE, rows, 3)),
    }
    made: list[Record] = []
    for name, (goal, work) in works.items():
        pairs = [
            [throughput.measure(work, seed, plain=plain) for plain in (True, False)]
            for seed in range(bench.seeds)
        ]
        ratios = [ours.examples / plain.examples for plain, ours in pairs]
        behind = [100 * (ours.accuracy - plain.accuracy) for plain, ours in pairs]
        case = f"training/{name}"
        plan = pairs[0][1].plan
        made += [
            record(case, Aim("speed_against_plain_loop", "higher", goal), ratios) | {"plan": plan},
            record(case, Aim("accuracy_points_ahead", "higher", -0.1), behind, statistics.fmean),
            record(
                case,
                Aim("examples_a_second", "higher", None),
                [ours.examples for _, ours in pairs],
                rivals={"plain loop": statistics.median(p.examples for p, _ in pairs)},
            ),
            record(
                case,
                Aim("share_of_matrix_product", "higher", None),
                [ours.share for _, ours in pairs],
                rivals={"plain loop": statistics.median(p.share for p, _ in pairs)},
            ),
        ]
    return made


def fused(bench: Bench) -> list[Record]:
    """CPU seconds of networks of several folds one after the other, against all at once."""
    adult, mnist = bench.file("tabular/adult.parquet"), bench.file("images/mnist.npz")
    steps = max(3, int(40 * bench.scale))
    sizes = [(folds, 256) for folds in (2, 3, 5, 10)] + [(5, 32), (5, 1024)]
    works = {
        f"{name}, {folds} folds, batches of {batch}": fusion.Folds(
            adult, "income", net, folds, batch, steps
        )
        for net, name in enumerate(("default MLP 128-128", "small MLP 32"))
        for folds, batch in sizes
    }
    works["CNN 32-64, 3 folds, batches of 64"] = fusion.Folds(mnist, None, -1, 3, 64, steps // 5)
    aim = Aim("speed_at_once_against_in_turn", "higher", None)
    return [
        record(f"fusion/{name}", aim, fusion.gains(work, bench.seeds))
        for name, work in works.items()
    ]


def digits(bench: Bench) -> list[Record]:
    """The handwritten digits of scikit-learn, a minute."""
    return accuracy(bench, "digits", pictures.digits(bench.work / "digits.npz"), 60, 0.99)


def mnist3(bench: Bench) -> list[Record]:
    """MNIST, its own test set, three minutes."""
    return accuracy(bench, "mnist", bench.file("images/mnist.npz"), 180, 0.995)


def mnist10(bench: Bench) -> list[Record]:
    """MNIST, its own test set, ten minutes."""
    return accuracy(bench, "mnist", bench.file("images/mnist.npz"), 600, 0.9965)


def cifar5(bench: Bench) -> list[Record]:
    """CIFAR-10, its own test set, five minutes."""
    return accuracy(bench, "cifar10", bench.cifar(), 300, 0.80)


def cifar20(bench: Bench) -> list[Record]:
    """CIFAR-10, its own test set, twenty minutes."""
    return accuracy(bench, "cifar10", bench.cifar(), 1200, 0.88)


def accuracy(bench: Bench, name: str, data: Path, seconds: float, goal: float) -> list[Record]:
    """Search as a user does; return the test accuracy of what lies on disk, and the overrun."""
    case = Case(name, data, seconds * bench.scale)
    found = [runs.measure(case, seed, bench.work) for seed in range(bench.seeds)]
    late = [each.seconds - case.seconds for each in found]
    trials = [each.metrics["trials"]["done"] for each in found]
    scores = [each.metrics["test"]["accuracy"] for each in found]
    group = case.label.replace("/", "-")
    return [
        record(group, Aim("test_accuracy", "higher", goal), scores),
        record(group, Aim("overrun_seconds", "lower", 0.0), late, max),
        record(group, Aim("trials", "higher", None), trials),
    ]


def workers(bench: Bench) -> list[Record]:
    """Candidates evaluated by two workers against one, and what the loop costs beside them."""
    mnist, made = bench.file("images/mnist.npz"), []
    for seconds, goal in ((3.0, 0.05), (30.0, 0.01)):
        found = [loop.measure(mnist, seconds * bench.scale, workers) for workers in (1, 2)]
        case = f"workers/{seconds:g}-second-trials"
        gain = found[1].trials_a_second / found[0].trials_a_second
        made += [
            record(case, Aim("two_workers_against_one", "higher", 1.8), [gain]),
            record(case, Aim("overhead", "lower", goal), [each.overhead for each in found], max),
        ]
    return made


def start(bench: Bench) -> list[Record]:
    """Seconds from the start of the command to the end of the first training step."""
    data = pictures.digits(bench.work / "digits.npz")
    found = [promises.first_step(data, bench.work) for _ in range(2 * bench.seeds + 1)]
    return [record("start/digits", Aim("first_step_seconds", "lower", 5.0), found)]


def memory(bench: Bench) -> list[Record]:
    """Peak memory against its forecast, its growth from trial 10 to trial 500, and the disk."""
    trials = max(20, int(500 * bench.scale))
    found = promises.long_run(pictures.digits(bench.work / "digits.npz"), trials, bench.work)
    case = f"memory/digits, {trials} trials"
    return [
        record(case, Aim("peak_against_forecast", "lower", 1.1), [found.peak]),
        record(case, Aim("growth_mb", "lower", None), [found.growth]),
        record(case, Aim("disk_mb", "lower", None), [found.disk]),
    ]


def budgets(bench: Bench) -> list[Record]:
    """Thirty searches from 30 s to 10 min on different data: by how much they were late."""
    late = []
    for case in promises.thirty(bench.data, bench.work, bench.scale):
        found = runs.measure(case, len(late), bench.work)
        late.append(found.seconds - 1.02 * case.seconds - 2.0)
        print(f"  {case.label}: {found.seconds:.1f} s", file=sys.stderr)
    aim = Aim("seconds_later_than_budget_plus_2_percent_plus_2_s", "lower", 0.0)
    return [record(f"budgets/{len(late)} searches", aim, late, max)]


def stopped(bench: Bench) -> list[Record]:
    """What stopping by learning curves would have saved in a search, and how often it was wrong."""
    count, rows = max(12, int(stopping.TRIALS * bench.scale)), int(stopping.ROWS * bench.scale)
    digits = pictures.digits(bench.work / "digits.npz")
    mnist, cifar = (
        stopping.some(path, rows) for path in (bench.file("images/mnist.npz"), bench.cifar())
    )
    flats = bench.file("tabular/california_housing.parquet")
    sources = {
        "digits": Source(digits, None, "accuracy", 5e5, 60),
        "mnist": Source(mnist, None, "accuracy", 2e6, 16),
        "cifar10": Source(cifar, None, "accuracy", 4e6, 24),
        "adult": Source(bench.file("tabular/adult.parquet"), "income", "accuracy"),
        "california": Source(flats, "median_house_value", "rmse"),
    }
    made: list[Record] = []
    for name, source in sources.items():
        searches = [stopping.trials(source, count, seed) for seed in range(bench.seeds)]
        found = [stopping.measure(trials, source.metric, EARLY_STOP) for trials in searches]
        case, share = f"stopping/{name}", statistics.fmean
        made += [
            record(case, Aim("time_saved", "higher", None), [f.saved for f in found], share),
            record(case, Aim("stopped_wrongly", "lower", None), [f.wrong for f in found], share),
            record(
                case,
                Aim("stopped_wrongly_if_shuffled", "lower", EARLY_STOP),
                [f.shuffled for f in found],
                share,
            ),
            record(case, Aim("won_in_equal_time", "higher", 0.5), [f.won for f in found], share),
        ]
    return made


CASES: Mapping[str, Callable[[Bench], list[Record]]] = {
    "training": training,
    "fusion": fused,
    "workers": workers,
    "start": start,
    "memory": memory,
    "digits-60s": digits,
    "mnist-3m": mnist3,
    "mnist-10m": mnist10,
    "cifar10-5m": cifar5,
    "cifar10-20m": cifar20,
    "budgets": budgets,
    "stopping": stopped,
}


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases, or those that are asked for; return as `drive` does."""
    given = asked(words, __doc__, CASES, COMMITTED, "--scale")
    work = ROOT / "runs" / "bench-speed"
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.data.resolve(), work, given.seeds, given.scale)
    cases = {name: partial(case, bench) for name, case in CASES.items()}
    return drive("make bench-speed", given.out or COMMITTED, cases, given.only or CASES)


if __name__ == "__main__":
    sys.exit(main())
