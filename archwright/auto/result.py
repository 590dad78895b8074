"""A finished run, read from its folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright import registry
from archwright.auto.folder import existing
from archwright.core.objective import Objective
from archwright.errors import DataError, RunError
from archwright.export import result as results
from archwright.export.module import load_module


@dataclass(frozen=True)
class Result:
    """What a search left in a folder.

    Args:
        folder: The run folder.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))

    @property
    def metrics(self) -> dict[str, Any]:
        """What `metrics.json` holds."""
        return results.read(self.folder / "result").metrics

    @property
    def score(self) -> float:
        """The objective's value on the test rows."""
        metrics = self.metrics
        return float(metrics["test"][metrics["objective"]])

    @property
    def report(self) -> Path:
        """The path of the report."""
        return self.folder / "report.html"

    @property
    def leaderboard(self) -> pd.DataFrame:
        """Test metrics of the network and its rivals, the best first."""
        metrics = self.metrics
        members = metrics.get("ensemble", {}).get("members")
        own = f"ensemble of {len(members)} networks" if members else "searched network"
        rows = {own: metrics["test"], **metrics["rivals"]}
        table = pd.DataFrame(rows).T
        rising = not Objective(metrics["objective"]).maximise
        return table.sort_values(metrics["objective"], ascending=rising)

    def predict(self, data: Any) -> NDArray[Any]:
        """Return for each row a class (text), its labels (text, parted by `;`), or its value or
        values; of a multitask (rows, targets), classes as text.

        Args:
            data: A path, a data frame, or an array as in training, without the target.

        Raises:
            DataError: the data does not fit what the network was trained on.
            RunError: a file of the result is missing or damaged.
        """
        output, _, (module, spec) = self._answer(data)
        return output if spec["kind"] == "regression" else np.asarray(module.said(spec, output))

    def predict_proba(self, data: Any) -> NDArray[Any]:
        """Return probabilities, (rows, classes) or (rows, labels); for regression the values.

        Of a multitask what answers each target stands side by side.
        """
        return self._answer(data)[0]

    def write_predictions(self, data: Any, out: TextIO) -> None:
        """Write predictions as CSV, exactly as `model.py` does."""
        output, files, (module, spec) = self._answer(data)
        module.write_answers(out, spec, output, files)

    def export(self, folder: str | Path) -> Path:
        """Copy the result folder to where it is needed; it works without archwright.

        Raises:
            RunError: the place is taken.
        """
        target = Path(folder)
        if target.exists():
            raise RunError(f"{target} exists already; give another folder")
        results.read(self.folder / "result")
        shutil.copytree(self.folder / "result", target)
        return target

    def _answer(self, data: Any) -> tuple[NDArray[Any], Sequence[str], tuple[Any, Any]]:
        """Return the output, file names where rows are files, and `model.py` with its spec."""
        folder = self.folder / "result"
        spec = results.read(folder).spec
        raw, files = registry.load(registry.MODALITIES[spec["modality"]].read)(data, spec)
        module = load_module(folder)
        net, spec = module.load(folder)
        try:
            return np.asarray(module.predict(net, spec, raw)), files, (module, spec)
        except ValueError as error:
            raise DataError(str(error)) from None


def load(run: str | Path) -> Result:
    """Return the result of a run that was made before.

    Raises:
        RunError: there is none, or it is damaged.
    """
    folder = existing(run)
    results.read(folder.result)
    return Result(folder.path)
