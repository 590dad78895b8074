"""Runs the `archwright` command as a user does, and measures it from outside.

Each search is a process of its own with a clean environment; its wall-clock time includes starting
Python. What it prints goes to a log beside the run folder.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.records import ROOT

ARCHWRIGHT = Path(sys.executable).with_name("archwright")

POLL = 0.02
"""Seconds between two looks at a running search."""

THREADS = ("OMP_", "MKL_", "OPENBLAS_", "KMP_", "GOMP_")


class Failure(Exception):
    """A command did not do what is to be measured; the message says which, and where its log is."""


def real(data: Path, name: str) -> Path:
    """Return a file of the folder of real data.

    Raises:
        Failure: it is not there.
    """
    path = data / name
    if not path.is_file():
        raise Failure(f"{path}: there is no such file; give its folder: --data, ARCHWRIGHT_DATA")
    return path


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return what every benchmark is asked by: the folder of real data, and where to write."""
    made = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    folder = os.environ.get("ARCHWRIGHT_DATA") or ROOT.parent / "shared" / "data"
    made.add_argument("--data", type=Path, default=folder, help="the folder of real data")
    made.add_argument("--out", type=Path, help="where to write instead of the committed file")
    return made


@dataclass(frozen=True)
class Case:
    """A search of which the result and the promises on the clock are measured.

    Args:
        seconds: The budget.
        options: Further arguments of `archwright search`.
    """

    name: str
    data: Path
    seconds: float
    options: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name and the budget as it is given on the command line."""
        whole = self.seconds >= 120 and self.seconds % 60 == 0
        return f"{self.name}/{self.seconds / 60:g}m" if whole else f"{self.name}/{self.seconds:g}s"


@dataclass(frozen=True)
class Measured:
    """A finished search: what it took, when a model was first on disk, and what it found."""

    run: Path
    seconds: float
    first_model: float
    metrics: dict[str, Any]


def measure(case: Case, seed: int, work: Path) -> Measured:
    """Search from scratch.

    Raises:
        Failure: the command failed, or took more than three times its budget.
    """
    name = f"{case.label.replace('/', '-')}-{seed}"
    run, facts = work / name, work / f"{name}.json"
    clear(run)
    facts.unlink(missing_ok=True)
    budget = case.label.split("/")[1]
    words = ["search", str(case.data), *case.options, "--budget", budget, "--seed", str(seed)]
    seen: list[float] = []

    def look(elapsed: float) -> None:
        if not seen and (run / "result" / "model.py").exists():
            seen.append(elapsed)

    log = work / f"{name}.log"
    seconds = command([*words, "--out", str(run)], log, look, limit=3 * case.seconds + 60)
    metrics = json.loads((run / "result" / "metrics.json").read_text(encoding="utf-8"))
    found = Measured(run, seconds, seen[0] if seen else seconds, metrics)
    stored = {**asdict(found), "run": str(run), "source": source()}
    facts.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return found


def finished(case: Case, seed: int, work: Path) -> Path | None:
    """Return the run of an earlier `measure`, if the package has not changed since."""
    name = f"{case.label.replace('/', '-')}-{seed}"
    facts = work / f"{name}.json"
    if not facts.is_file() or not (work / name / "report.html").is_file():
        return None
    stored = json.loads(facts.read_text(encoding="utf-8"))
    return work / name if stored["source"] == source() else None


def command(
    words: list[str],
    log: Path,
    look: Callable[[float], None] = lambda elapsed: None,
    limit: float = 3600.0,
) -> float:
    """Run `archwright` to its end; return its wall-clock seconds.

    Args:
        look: Is called again and again while it runs, with the seconds since the start.

    Raises:
        Failure: it failed, or took more than `limit` seconds.
    """
    started = time.monotonic()
    with running(words, log) as process:
        while process.poll() is None:
            look(time.monotonic() - started)
            if time.monotonic() - started > limit:
                raise Failure(f"archwright {' '.join(words)}: not over after {limit:.0f} s; {log}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL)
        seconds = time.monotonic() - started
    look(seconds)
    if process.returncode:
        code = process.returncode
        raise Failure(f"archwright {' '.join(words)}: exit code {code}; its output is in {log}")
    return seconds


@contextlib.contextmanager
def running(words: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start `archwright` in a process group of its own; nothing of it is alive afterwards."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(ARCHWRIGHT), *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its whole group, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def environment() -> dict[str, str]:
    """Return the environment without what would steer Python or the number of threads."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", *THREADS))
    }


def clear(run: Path) -> None:
    """Remove a run folder of an earlier benchmark."""
    if run.exists():
        shutil.rmtree(run)


def source() -> str:
    """Return a checksum of the package's files."""
    found = hashlib.sha256()
    package = ROOT / "archwright"
    for path in sorted(p for p in package.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        found.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
