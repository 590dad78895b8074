"""Reads earlier runs, for what did well there; see `strategies.warm`."""

from __future__ import annotations

from pathlib import Path

from archwright.errors import RunError
from archwright.strategies.warm import Past
from archwright.study import archive, open_storage


def past(run: str | Path) -> Past:
    """Return what a run folder holds: its trials of the highest fidelity.

    Raises:
        RunError: there is no study in it, or it cannot be read, or no trial finished.
    """
    file = Path(run) / "study.db"
    if not file.is_file():
        raise RunError(f"{run} holds no study.db to start from; give the folder of an earlier run")
    found = archive(open_storage(file), str(run))
    top = max((fidelity for _, fidelity, _ in found), default=0.0)
    trials = tuple((arch, loss) for arch, fidelity, loss in found if fidelity == top)
    if not trials:
        raise RunError(f"{run}: no trial of it finished, so there is nothing to start from")
    return Past(trials, Path(run).resolve().name)
