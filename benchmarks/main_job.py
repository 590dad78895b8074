"""Measures the main job, and writes benchmarks/main_job.json; `make bench` runs all of it.

Usage: python benchmarks/main_job.py [--only CASE ...] [--data FOLDER]
       python benchmarks/main_job.py --budget-scale 0.1 --seeds 1 --out FILE     (a dry run)

One function a case; the file is written after each, so that an interruption loses one case at
most. It wants a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import killed, runs, standalone
from benchmarks.driver import asked, drive
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Case, Measured

COMMITTED = ROOT / "benchmarks" / "main_job.json"
RIVALS = (
    *("HistGradientBoosting", "logistic regression", "ridge regression"),
    "hand-made default network",
)
"""Who is named beside a measured score; the leaderboards hold more."""

HELP_RUNS = 7


@dataclass(frozen=True)
class Bench:
    """What the measurements have in common.

    Args:
        data: The folder of real data.
        work: Where runs and logs are kept.
        seeds: Searches of each case.
        scale: Multiplies every budget; not 1 in a dry run only.
    """

    data: Path
    work: Path
    seeds: int
    scale: float

    def digits(self) -> Case:
        path = self.work / "digits.npz"
        subprocess.run([sys.executable, str(ROOT / "examples" / "digits.py"), path], check=True)
        return Case("digits", path, 60 * self.scale)

    def mnist(self) -> Case:
        return Case("mnist", self._file("images/mnist.npz"), 300 * self.scale)

    def adult(self) -> Case:
        options = ("--target", "income")
        return Case("adult", self._file("tabular/adult.parquet"), 300 * self.scale, options)

    def california(self) -> Case:
        path = self._file("tabular/california_housing.parquet")
        options = ("--target", "median_house_value", "--objective", "rmse")
        return Case("california", path, 300 * self.scale, options)

    def _file(self, name: str) -> Path:
        return runs.real(self.data, name)


def digits(bench: Bench) -> list[Record]:
    """The handwritten digits of scikit-learn, a minute."""
    return _accuracy(bench, bench.digits(), 0.985)


def mnist(bench: Bench) -> list[Record]:
    """MNIST, its own test set, five minutes."""
    return _accuracy(bench, bench.mnist(), 0.993)


def adult(bench: Bench) -> list[Record]:
    """Adult, its own split, five minutes."""
    return _accuracy(bench, bench.adult(), 0.855)


def california(bench: Bench) -> list[Record]:
    """California housing, five minutes; judged against gradient boosting on the same rows."""
    case = bench.california()
    found = _searches(bench, case)
    own = [each.metrics["test"]["rmse"] for each in found]
    trees = [each.metrics["rivals"]["HistGradientBoosting"]["rmse"] for each in found]
    ratios = [a / b for a, b in zip(own, trees, strict=True)]
    aim = Aim("rmse_ratio_to_hist_gradient_boosting", "lower", 1.2)
    plain = Aim("test_rmse", "lower", None)
    return [
        record(case.label, aim, ratios),
        record(case.label, plain, own, rivals=rivals(found, "rmse")),
        *on_the_clock(case, found),
    ]


def alone(bench: Bench) -> list[Record]:
    """What is handed over, run without archwright, and as ONNX."""
    adult, california, mnist = bench.adult(), bench.california(), bench.mnist()
    at = bench.work
    new = {
        adult: standalone.new_rows(adult.data, "income", at / "adult.csv"),
        california: standalone.new_rows(
            california.data, "median_house_value", at / "california.csv"
        ),
        mnist: standalone.new_arrays(mnist.data, at / "mnist.npz"),
    }
    made = []
    with standalone.fresh() as place:
        for case, rows in new.items():
            run = runs.finished(case, 0, bench.work) or runs.measure(case, 0, bench.work).run
            made += _handed_over(f"standalone/{case.name}", place, run, rows)
        known, files = standalone.image_files(bench.work)
        run = bench.work / "png-run"
        runs.clear(run)
        words = ["search", str(known), "--trials", "2", "--epochs", "2", "--out", str(run)]
        runs.command(words, bench.work / "png-run.log")
        place.install("pillow")
        made += _handed_over("standalone/png files", place, run, files)
    return made


def killed_and_resumed(bench: Bench) -> list[Record]:
    """A search killed five times, against one never killed."""
    case = bench.digits()
    count, told = killed.different_trials(case.data, bench.work)
    for line in told:
        print(f"  {line}", file=sys.stderr)
    aim = Aim("different_trials", "lower", 0)
    return [record(f"killed_and_resumed/{killed.TRIALS} trials", aim, [count])]


def command_line(bench: Bench) -> list[Record]:
    """How soon the command answers, and that importing the package is cheap."""
    times = []
    for number in range(HELP_RUNS):
        times.append(runs.command(["--help"], bench.work / f"help-{number}.log"))
    look = "import archwright, sys; print(int('torch' in sys.modules))"
    words = [sys.executable, "-c", look]
    done = subprocess.run(words, env=runs.environment(), capture_output=True, check=True)
    helped = record("command_line/help", Aim("help_seconds", "lower", 0.5), times)
    loaded = Aim("import_loads_torch", "lower", 0)
    return [
        {**helped, "seeds": 1},
        record("command_line/import", loaded, [int(done.stdout)]),
    ]


CASES: Mapping[str, Callable[[Bench], list[Record]]] = {
    "digits": digits,
    "mnist": mnist,
    "adult": adult,
    "california": california,
    "standalone": alone,
    "killed_and_resumed": killed_and_resumed,
    "command_line": command_line,
}


def on_the_clock(case: Case, found: Sequence[Measured]) -> list[Record]:
    """Return how far the worst run was over its budget, and when the first model was there."""
    allowed = case.seconds * 1.02 + 2
    over = [each.seconds - allowed for each in found]
    soon = min(0.2 * case.seconds, 30.0)
    first = [each.first_model / soon for each in found]
    return [
        record(case.label, Aim("overrun_seconds", "lower", 0), over, max),
        record(case.label, Aim("first_model_share", "lower", 1.0), first, max),
    ]


def rivals(found: Sequence[Measured], metric: str) -> dict[str, float]:
    """Return the medians of the rivals that are on every one of the leaderboards."""
    boards = [each.metrics["rivals"] for each in found]
    names = [name for name in RIVALS if all(name in board for board in boards)]
    return {name: statistics.median(board[name][metric] for board in boards) for name in names}


def _accuracy(bench: Bench, case: Case, goal: float) -> list[Record]:
    found = _searches(bench, case)
    own = [each.metrics["test"]["accuracy"] for each in found]
    aim = Aim("test_accuracy", "higher", goal)
    scored = record(case.label, aim, own, rivals=rivals(found, "accuracy"))
    return [scored, *on_the_clock(case, found)]


def _searches(bench: Bench, case: Case) -> list[Measured]:
    found = []
    for seed in range(bench.seeds):
        found.append(runs.measure(case, seed, bench.work))
        metric = found[-1].metrics["objective"]
        score, seconds = found[-1].metrics["test"][metric], found[-1].seconds
        print(
            f"  {case.label}, seed {seed}: {metric} {score:.4f}, {seconds:.1f} s", file=sys.stderr
        )
    return found


def _handed_over(label: str, place: standalone.Fresh, run: Path, new: Path) -> list[Record]:
    answers = standalone.prediction_difference(place.python, run, new)
    onnx = standalone.onnx_difference(run, new)
    return [
        record(label, Aim("prediction_difference", "lower", 1e-6), [answers]),
        record(label, Aim("onnx_difference", "lower", 1e-4), [onnx]),
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases, or those that are asked for; return as `drive` does."""
    given = asked(words, __doc__, CASES, COMMITTED)
    work = ROOT / "runs" / ("bench-dry" if given.dry else "bench")
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.data.resolve(), work, given.seeds, given.scale)
    cases = {name: partial(case, bench) for name, case in CASES.items()}
    return drive("make bench", given.out or COMMITTED, cases, given.only or CASES)


if __name__ == "__main__":
    sys.exit(main())
