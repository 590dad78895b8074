"""Lets strategies search a table with the same seeds, and keeps what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from archwright.bench.entrants import strategy
from archwright.bench.macro import macro
from archwright.bench.nb201 import nb201
from archwright.bench.nb301 import nb301
from archwright.bench.protocols import TRIALS, Run, Terms, play
from archwright.bench.table import Table
from archwright.errors import SpaceError, nearest

TABLES: Mapping[str, tuple[Callable[[Path | str | None, str], Table], tuple[str, ...]]] = {
    "nb201": (nb201, ("cifar10", "cifar100")),
    "macro": (macro, ("cifar10",)),
    "nb301": (nb301, ("cifar10",)),
}
"""Who reads a table, and its data sets; the first is the usual one."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """What strategies found in one table.

    Args:
        table: The table's name.
        facts: What a reader has to know about it.
        terms: What all were held to.
        reference: Whom the others are tested against; empty if it did not take part.
        runs: By strategy, in the order of the seeds.
        strict: The same where nothing but the very optimum counts; empty unless asked for.
        has_optimum: Whether it is known when a search is at its goal.
    """

    table: str
    facts: Mapping[str, object]
    terms: Terms
    reference: str
    runs: Mapping[str, Sequence[Run]]
    strict: Mapping[str, Sequence[Run]]
    has_optimum: bool


@lru_cache(maxsize=4)
def load(name: str, folder: Path | str | None = None) -> Table:
    """Return a table by name: `nb201`, `nb201/cifar100`, `macro`, `nb301`.

    Raises:
        SpaceError: there is no such table or data set.
        DataError: its file is absent or damaged.
    """
    benchmark, _, dataset = name.partition("/")
    if benchmark not in TABLES:
        raise SpaceError(f"no such benchmark: {benchmark!r}{nearest(benchmark, TABLES)}")
    read, datasets = TABLES[benchmark]
    dataset = dataset or datasets[0]
    if dataset not in datasets:
        raise SpaceError(f"{benchmark}: no such data set: {dataset!r}{nearest(dataset, datasets)}")
    return read(folder, dataset)


def run(
    table: str,
    strategies: Sequence[str],
    *,
    data: Path | str | None = None,
    protocol: str = "oracle",
    seeds: int = 100,
    trials: int | None = None,
    strict: Sequence[str] = (),
    reference: str = "random",
    processes: int = 1,
    say: Say = lambda line: None,
) -> Comparison:
    """Return what strategies find in a table; seed for seed they draw the same random numbers.

    Args:
        table: `nb201`, `nb201/cifar100`, `macro`, `nb301`.
        strategies: Names as `bench.entrants` reads them: `evolution`, `surrogate+zc`.
        data: The folder of the tables; None for what ARCHWRIGHT_NAS says.
        protocol: `oracle`, `honest` or `timed`; see `bench.protocols`.
        seeds: Searches of each strategy.
        trials: The most networks that a search trains.
        strict: Who, under `oracle`, searches once more without telling what has been trained.
        reference: Whom the others are tested against.
        processes: How many searches run at once.
        say: Is told what has been done.

    Raises:
        SpaceError: an unknown name, or a strategy that cannot serve the table.
        DataError: the table's file is absent or damaged.
    """
    held, names = load(table, data), tuple(dict.fromkeys(strategies))
    terms = Terms(protocol, TRIALS.get(protocol, 0) if trials is None else trials)
    _check(held, names, terms, {"seeds": seeds, "processes": processes, "trials": terms.trials})
    known = held.protocol(protocol).oracle and bool(held.optima)
    again = [(name, replace(terms, strict=True)) for name in names if known and name in strict]
    jobs = [
        Job(table, data, name, seed, how)
        for name, how in [*((name, terms) for name in names), *again]
        for seed in range(seeds)
    ]
    found: dict[tuple[str, bool], list[Run]] = {}
    for job, came in zip(jobs, _played(jobs, processes), strict=True):
        runs = found.setdefault((job.name, job.terms.strict), [])
        runs.append(came)
        if len(runs) == seeds:
            say(_line(job, runs))
    return Comparison(
        table=held.name,
        facts=held.facts(),
        terms=terms,
        reference=reference if reference in names else "",
        runs={name: found[name, False] for name in names},
        strict={name: runs for (name, strictly), runs in found.items() if strictly},
        has_optimum=known,
    )


@dataclass(frozen=True)
class Job:
    """One search; picklable, so that another process can do it."""

    table: str
    data: Path | str | None
    name: str
    seed: int
    terms: Terms


def _check(table: Table, names: Sequence[str], terms: Terms, counts: Mapping[str, int]) -> None:
    """Refuse before anything is searched."""
    if terms.protocol not in TRIALS:
        raise SpaceError(f"no such protocol: {terms.protocol!r}{nearest(terms.protocol, TRIALS)}")
    for word, count in counts.items():
        if count < 1:
            raise SpaceError(f"{word}={count}: give 1 or more")
    if not names:
        raise SpaceError("no strategy is named; give some, such as random,evolution")
    for name in names:
        strategy(name, table, table.protocol(terms.protocol).levels)


def _played(jobs: Sequence[Job], processes: int) -> Iterator[Run]:
    if processes == 1:
        yield from map(_play, jobs)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(_play, jobs, chunksize=max(1, min(5, len(jobs) // (4 * processes))))


def _play(job: Job) -> Run:
    """One thread: the matrices of a surrogate are too small to share."""
    table = load(job.table, job.data)
    with threadpool_limits(1):
        return play(table, job.name, job.seed, job.terms)


def _line(job: Job, runs: Sequence[Run]) -> str:
    seconds = sum(each.seconds for each in runs)
    strictly = ", strict" if job.terms.strict else ""
    trials = sum(len(each.reported) for each in runs)
    each = 1000 * seconds / max(1, trials)
    return f"{job.name}{strictly}: {len(runs)} searches, {seconds:.1f} s, {each:.2f} ms a trial"
