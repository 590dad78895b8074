"""A baseline that did better than the network: a script and the fitted model, to lie beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FILES = ("baseline.py", "baseline.skops")


def files(name: str, model: Any, spec: Mapping[str, Any]) -> dict[str, bytes]:
    """Return what is written beside `model.py`, by file name.

    Args:
        name: What the model is called on the leaderboard.
        model: As scikit-learn has them: takes what networks take, flattened, or texts.
        spec: What `preprocess.json` holds.
    """
    import sklearn
    from skops import io

    packed = io.dumps(model)
    trusted = io.get_untrusted_types(data=packed)
    texts = spec["modality"] == "text"
    taken = 'network.listed_texts(raw, spec["text"]["column"])' if texts else FLAT[spec["modality"]]
    script = SCRIPT.format(name=name, version=sklearn.__version__, taken=taken, trusted=trusted)
    return dict(zip(FILES, (script.encode(), packed), strict=True))


FLAT = {
    "table": "network.table(raw, spec)",
    "image": "network.images(raw, spec).reshape(len(raw), -1)",
}
SCRIPT = '''"""{name}: it did better on validation rows than the network beside it.

    python baseline.py NEW > predictions.csv

Needs model.py and preprocess.json beside this file, scikit-learn (made with {version}) and skops.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from skops import io

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import model as network  # noqa: E402

PARTS = {trusted}
"""What the model is made of, beside what skops trusts by itself."""


def predict(spec: dict[str, Any], raw: Any) -> np.ndarray:
    """Return what the model says of raw data, as `model.predict` does."""
    fitted, x = io.load(HERE / "baseline.skops", trusted=PARTS), {taken}
    if spec["kind"] == "regression":
        return fitted.predict(x)
    labels = spec["kind"] == "multilabel"
    if hasattr(fitted, "predict_proba"):
        odds = fitted.predict_proba(x)
    else:  # margins are taken for logits
        margins = fitted.decision_function(x)
        margins = margins if margins.ndim > 1 else np.stack([-margins, margins], 1) / 2
        highest = margins.max(1, keepdims=True)
        odds = 1 / (1 + np.exp(-margins)) if labels else np.exp(margins - highest)
    answers = np.zeros((len(odds), len(spec["outcomes"] or spec["classes"])))
    answers[:, fitted.classes_] = odds if labels else odds / odds.sum(1, keepdims=True)
    return answers


def write_predictions(path: Path, out: TextIO) -> None:
    """Predict what is in a file or a folder, and write CSV to `out`."""
    spec = network.load_spec(HERE / "preprocess.json")
    raw, files = network.read(path, spec)
    network.write(out, spec, predict(spec, raw), files)


if __name__ == "__main__":
    sys.exit(network.main(write_predictions))
'''
