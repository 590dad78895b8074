"""Measures the search, and writes benchmarks/search.json; `make bench-search` runs all but MNIST.

Usage: python benchmarks/search.py [--only CASE ...] [--data FOLDER] [--processes N]
       python benchmarks/search.py --quick --out FILE     (a dry run of a few minutes)
       python benchmarks/search.py --only mnist           (five paired seeds: two hours)

One case after the other; the file is written after each. Accuracies and queries do not depend on
the machine; times do. Strategies that are not registered are left out, and named.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archwright import bench, registry
from archwright.bench.entrants import parse
from archwright.bench.statistics import estimate, mean, wilcoxon
from archwright.errors import SpaceError
from benchmarks import asking, runs
from benchmarks.driver import drive
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Case

COMMITTED = ROOT / "benchmarks" / "search.json"
SEEDS, QUICK_SEEDS = 100, 2
TRIALS, QUICK_TRIALS = {"honest": 100}, {"oracle": 70, "honest": 30}
"""The most networks a search trains, by protocol, where it is not what `archwright bench` does."""

MNIST_SEEDS, MNIST_SECONDS = 5, 600.0

FIDELITIES = ("halving", "hyperband", "asha", "priorband")
"""Strategies that only make sense where trainings differ in length."""

WRAPPERS = ("shrink", "warm", "portfolio")
"""Strategies that change another one; they have nothing of their own to be measured."""

BLIND = ("random", "evolution", "local", "genetic", "greedy", "nsga2", "optuna:NSGAII")
"""Who may propose a network again that it has trained, if nobody tells; the strict count is theirs.
Those with a model look at what is known by themselves."""

OPTUNA = ("optuna:TPE", "optuna:NSGAII", "optuna:Random")
RANDOM, DEFAULT = "random", "auto"

GOALS: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "nb201-cifar10-oracle": {
        "evolution": {"queries": 125},
        "local": {"queries": 75},
        "surrogate": {"queries": 28},
        DEFAULT: {"queries": 20, "hit_rate_60": 0.95},
    },
    "nb201-cifar100-oracle": {
        "evolution": {"queries": 130},
        "local": {"queries": 95},
        "surrogate": {"queries": 26},
        DEFAULT: {"queries": 18, "hit_rate_60": 0.95},
    },
    "nb201-cifar10-honest": {DEFAULT: {"accuracy_30": 94.36}},
    "nb201-cifar10-timed": {
        "asha": {f"time_share_to_{RANDOM}": 1 / 3},
        "priorband": {f"time_share_to_{RANDOM}": 1 / 3},
    },
}
"""By case, strategy and metric."""

AHEAD = ("nb201-cifar10-oracle", "nb201-cifar100-oracle", "macro-cifar10-oracle")
"""Where the goal at 192 queries is to be above random search."""

ASK_GOALS = {"evolution": 5.0, "surrogate": 100.0}
FLAT = 8.0
"""Megabytes that a process may grow by in 55 asks at 10,000 trials; the trials take some."""


@dataclass(frozen=True)
class Bench:
    """What the measurements have in common.

    Args:
        data: The folder of real data.
        work: Where runs and logs are kept.
        seeds: Searches of each strategy.
        quick: Whether to cut everything short.
        processes: How many searches run at once.
    """

    data: Path
    work: Path
    seeds: int
    quick: bool
    processes: int

    def compare(self, table: str, protocol: str, names: Sequence[str], **more: Any) -> list[Record]:
        """Return the records of a comparison, with their goals; draw its curves."""
        trials = (QUICK_TRIALS if self.quick else TRIALS).get(protocol)
        found = bench.run(
            table,
            names,
            data=self.data / "nas",
            protocol=protocol,
            seeds=self.seeds,
            processes=self.processes,
            say=lambda line: print(f"  {line}", file=sys.stderr),
            trials=trials,
            **more,
        )
        group = f"{found.table.replace('/', '-')}-{protocol}"
        bench.draw([found], self.work / f"{group}.html")
        return with_goals(group, found, bench.records(found))


def with_goals(group: str, found: bench.Comparison, made: Sequence[Record]) -> list[Record]:
    """Return the records under the name of their group, with what was promised of them."""
    changed = []
    for one in made:
        name = one["case"].rsplit("/", 1)[1]
        goal = GOALS.get(group, {}).get(name, {}).get(one["metric"])
        facts = {} if found.facts.get("accuracies") == "measured" else {"facts": found.facts}
        changed.append({**one, "case": f"{group}/{name}", "goal": goal, **facts})
    if group in AHEAD:
        _ahead_of_random(group, changed)
    return changed


def _ahead_of_random(group: str, made: Sequence[Record]) -> None:
    """Make random search's accuracy at 192 queries the goal of the others."""
    late = [one for one in made if one["metric"] == "accuracy_192"]
    bar = [one["value"] for one in late if one["case"] == f"{group}/{RANDOM}"]
    for one in late:
        if bar and one["case"] != f"{group}/{RANDOM}":
            one["goal"] = bar[0]


def entrants() -> list[str]:
    """Return who searches tables of whole trainings; only `auto` is given scores."""
    known = registry.names("strategies")
    plain = [name for name in known if name not in (*FIDELITIES, *WRAPPERS, "optuna", DEFAULT)]
    return [*present([RANDOM, *plain, *OPTUNA]), DEFAULT]


def present(names: Sequence[str]) -> list[str]:
    """Return those that are registered; name the others."""
    kept = []
    for name in dict.fromkeys(names):
        try:
            registry.find("strategies", parse(name).strategy)
        except SpaceError as error:
            print(f"  left out: {error}", file=sys.stderr)
            continue
        kept.append(name)
    return kept


def cifar10(at: Bench) -> list[Record]:
    """Queries to the best cell of NAS-Bench-201 on CIFAR-10."""
    return at.compare("nb201/cifar10", "oracle", entrants(), strict=BLIND)


def cifar100(at: Bench) -> list[Record]:
    """The same on CIFAR-100."""
    return at.compare("nb201/cifar100", "oracle", entrants(), strict=BLIND)


def macro(at: Bench) -> list[Record]:
    """Queries to the best chain of NAS-Bench-Macro."""
    return at.compare("macro", "oracle", entrants(), strict=BLIND)


def cifar10_honest(at: Bench) -> list[Record]:
    """Test accuracy of the best by 12 epochs' validation, CIFAR-10."""
    return at.compare("nb201/cifar10", "honest", entrants())


def cifar100_honest(at: Bench) -> list[Record]:
    """The same on CIFAR-100."""
    return at.compare("nb201/cifar100", "honest", entrants())


def macro_honest(at: Bench) -> list[Record]:
    """Select by one training, report the two others."""
    return at.compare("macro", "honest", entrants())


def large(at: Bench) -> list[Record]:
    """The DARTS space, predicted; nobody can enumerate it."""
    return at.compare("nb301", "honest", entrants())


def timed(at: Bench) -> list[Record]:
    """Simulated seconds until random search's 12,000-second result."""
    names = present([RANDOM, f"{RANDOM}@0.06", "evolution", *FIDELITIES])
    return at.compare("nb201/cifar10", "timed", names)


def ask(at: Bench) -> list[Record]:
    """Milliseconds to propose after 10,000 trials, and memory."""
    made = []
    for name in present([*registry.names("strategies"), *OPTUNA]):
        if name in (*WRAPPERS, "optuna"):
            continue
        found = asking.measure(name, *((500, 10) if at.quick else ()))
        print(f"  {name}: first {found.first:.1f} ms, {found.median:.2f} ms", file=sys.stderr)
        aim = Aim("ask_ms", "lower", ASK_GOALS.get(name))
        made += [
            record(f"ask/{name}", aim, found.later) | {"seeds": 1},
            record(f"ask/{name}", Aim("first_ask_ms", "lower", None), [found.first]),
            record(f"ask/{name}", Aim("growth_mb", "lower", FLAT), [found.growth]),
        ]
    return made


def mnist(at: Bench) -> list[Record]:
    """Real data: the default strategy against random search, the same seeds, ten minutes each."""
    path = runs.real(at.data, "images/mnist.npz")
    seconds = MNIST_SECONDS / 20 if at.quick else MNIST_SECONDS
    seeds = 1 if at.quick else MNIST_SEEDS
    cases = {
        "default": Case("mnist_default", path, seconds),
        RANDOM: Case("mnist_random", path, seconds, ("--strategy", RANDOM)),
    }
    scores: dict[str, list[float]] = {name: [] for name in cases}
    for seed in range(seeds):
        for name, case in cases.items():  # in turn, so that a busy hour harms both
            found = runs.measure(case, seed, at.work).metrics["test"]["accuracy"]
            scores[name].append(found)
            print(f"  {case.label}, seed {seed}: {found:.4f}", file=sys.stderr)
    return paired(f"mnist/{cases['default'].label.split('/')[1]}", scores)


def paired(case: str, scores: Mapping[str, Sequence[float]]) -> list[Record]:
    """Return both sides' accuracies, and the difference seed by seed with its p-value."""
    ahead = [a - b for a, b in zip(scores["default"], scores[RANDOM], strict=True)]
    gain = record(case, Aim("default_minus_random", "higher", 0.0), ahead, statistics.fmean)
    found = estimate([ahead], mean)
    return [
        record(f"{case}/default", Aim("test_accuracy", "higher", None), scores["default"]),
        record(f"{case}/{RANDOM}", Aim("test_accuracy", "higher", None), scores[RANDOM]),
        {
            **gain,
            "interval": [found.low, found.high],
            "p": wilcoxon(scores["default"], scores[RANDOM]),
        },
    ]


CASES: Mapping[str, Callable[[Bench], list[Record]]] = {
    "nb201-cifar10-oracle": cifar10,
    "nb201-cifar100-oracle": cifar100,
    "macro-cifar10-oracle": macro,
    "nb201-cifar10-honest": cifar10_honest,
    "nb201-cifar100-honest": cifar100_honest,
    "macro-cifar10-honest": macro_honest,
    "nb301-cifar10-honest": large,
    "nb201-cifar10-timed": timed,
    "ask": ask,
    "mnist": mnist,
}
APART = ("mnist",)
"""Measured only when they are named: they want the whole machine for hours."""


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = runs.parser(__doc__)
    parser.add_argument("--only", action="append", choices=CASES, help="this case; repeatable")
    parser.add_argument("--processes", type=int, default=1, help="searches at once")
    parser.add_argument("--quick", action="store_true", help="two seeds, short searches")
    found = parser.parse_args(words)
    if found.quick and (found.out is None or found.out.resolve() == COMMITTED):
        parser.error("--quick makes a dry run: name another file with --out")
    if found.processes < 1:
        parser.error("--processes must be above zero")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases but those apart, or those that are asked for; return as `drive` does."""
    asked = _arguments(words)
    work = ROOT / "runs" / ("bench-search-dry" if asked.quick else "bench-search")
    work.mkdir(parents=True, exist_ok=True)
    seeds = QUICK_SEEDS if asked.quick else SEEDS
    at = Bench(Path(asked.data).resolve(), work, seeds, asked.quick, asked.processes)
    cases = {name: partial(case, at) for name, case in CASES.items()}
    chosen = asked.only or [name for name in CASES if name not in APART]
    return drive("make bench-search", asked.out or COMMITTED, cases, chosen)


if __name__ == "__main__":
    sys.exit(main())
