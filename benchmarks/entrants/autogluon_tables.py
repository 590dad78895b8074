"""AutoGluon, its defaults and its own time limit. Usage: autogluon_tables.py FOLDER SECONDS SEED"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

STARTED = time.monotonic()
PREDICTING, SHARE = 5.0, 0.1
"""Seconds kept for predicting, and the share of all by which it may be late: it takes its limit for
a hint, and on one core had nothing after a minute with the former alone."""


def main(folder: Path, seconds: float, seed: int) -> None:
    from autogluon.tabular import TabularPredictor

    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    left = (1 - SHARE) * seconds - (time.monotonic() - STARTED) - PREDICTING
    predictor = TabularPredictor(
        "target", path=str(folder / "models"), verbosity=0, learner_kwargs={"random_state": seed}
    )
    predictor.fit(train, time_limit=left)
    np.save(folder / "predictions.npy", predictor.predict(test).to_numpy())


main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
