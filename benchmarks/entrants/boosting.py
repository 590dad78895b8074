"""scikit-learn's HistGradientBoosting, its defaults. Usage: boosting.py FOLDER SECONDS SEED"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


def main(folder: Path, seed: int) -> None:
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    y = train.pop("target")
    for name in [each for each in train if not is_numeric_dtype(train[each])]:
        kinds = pd.CategoricalDtype(sorted(train[name].dropna().astype(str).unique()))
        for frame in (train, test):
            frame[name] = frame[name].astype(str).astype(kinds)
    values = y.dtype.kind == "f"
    make = HistGradientBoostingRegressor if values else HistGradientBoostingClassifier
    model = make(categorical_features="from_dtype", random_state=seed).fit(train, y)
    np.save(folder / "predictions.npy", model.predict(test))


main(Path(sys.argv[1]), int(sys.argv[3]))
