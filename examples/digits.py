"""Writes scikit-learn's handwritten digits as a .npz file, ready for `archwright search`.

Usage: python examples/digits.py [runs/digits.npz]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits


def main(path: Path) -> None:
    """Write 1,797 images of 8 x 8 pixels as `x`, and what they show as `y`."""
    digits = load_digits()
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, x=digits.images.astype(np.float32), y=digits.target)
    print(f"{path}: {len(digits.target)} images of handwritten digits", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/digits.npz"))
