"""The run folder: what lies where, whose it is, and that only one command works in it."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archwright.errors import RunError


@dataclass(frozen=True)
class Folder:
    """Paths of a run."""

    path: Path

    @property
    def study(self) -> Path:
        return self.path / "study.db"

    @property
    def result(self) -> Path:
        return self.path / "result"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def checkpoints(self) -> Path:
        """Weights of the best trials, while they may be needed; see `auto.kept`, `auto.library`."""
        return self.path / "checkpoints"

    @property
    def holds_run(self) -> bool:
        return self.study.exists() or self.result.exists() or self.report.exists()


def free(name: str) -> Folder:
    """Return the next free one of `runs/NAME`, `runs/NAME-2` and so on."""
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    tries = (Path("runs") / (stem if n == 1 else f"{stem}-{n}") for n in itertools.count(1))
    return next(folder for folder in map(Folder, tries) if not folder.path.exists())


def claim(out: str | Path) -> Folder:
    """Return the named folder for a new run.

    Raises:
        RunError: it holds a run already, or is a file.
    """
    folder = Folder(Path(out))
    if folder.path.is_file():
        raise RunError(f"--out {out}: there is a file of that name; give a folder")
    if folder.holds_run:
        raise RunError(
            f"{out} already holds a run; go on with it by 'archwright resume {out}',"
            " or give another --out"
        )
    return folder


def existing(run: str | Path) -> Folder:
    """Return the folder of a run that was made before.

    Raises:
        RunError: there is none.
    """
    folder = Folder(Path(run))
    if not folder.path.is_dir():
        raise RunError(f"{run}: there is no such folder; runs lie where --out said, or in runs/")
    if not folder.holds_run:
        raise RunError(f"{run} holds no run of archwright (no study.db, no result folder)")
    return folder


@contextlib.contextmanager
def lease(folder: Folder) -> Iterator[None]:
    """Hold the run folder; the system lets go of it when the process ends, however it ends.

    A folder that is made here and left empty, because of an error, is removed again.

    Raises:
        RunError: another process holds it.
    """
    new = not folder.path.exists()
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(f"{folder.path} is in use by another archwright; wait for it") from None
        try:
            yield
        finally:
            (folder.path / ".lock").unlink(missing_ok=True)
            if new:
                with contextlib.suppress(OSError):  # it is not empty: a run lies there now
                    folder.path.rmdir()
