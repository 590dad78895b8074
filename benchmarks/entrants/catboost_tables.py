"""CatBoost with its defaults. Usage: catboost_tables.py FOLDER SECONDS SEED"""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, CatBoostRegressor
from pandas.api.types import is_numeric_dtype


def main(folder: Path, seed: int) -> None:
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    y = train.pop("target")
    named = [name for name in train if not is_numeric_dtype(train[name])]
    for frame in (train, test):
        frame[named] = frame[named].astype(object).fillna("missing").astype(str)
    make = CatBoostRegressor if y.dtype.kind == "f" else CatBoostClassifier
    threads = len(os.sched_getaffinity(0))
    how = {"thread_count": threads, "verbose": 0, "allow_writing_files": False}
    model = make(cat_features=named, random_seed=seed, **how)
    model.fit(train, y)
    np.save(folder / "predictions.npy", np.asarray(model.predict(test)).ravel())


main(Path(sys.argv[1]), int(sys.argv[3]))
