"""IDX files, the format that MNIST and Fashion-MNIST are published in -> arrays."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError

NAME = re.compile(r"^(?P<part>.+?)[-_.](?P<what>images|labels)[-_.]idx[13][-_.]ubyte(\.gz)?$", re.I)
TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def idx_files(folder: Path) -> dict[str, Path]:
    """Return a folder's IDX files by the names that npz archives use: `x_train`, `y_test` ...

    Raises:
        DataError: images without labels, or labels without images.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        match = NAME.match(path.name)
        if match is None:
            continue
        part = "test" if match["part"].lower() in ("t10k", "test") else "train"
        found.setdefault(("x_" if match["what"].lower() == "images" else "y_") + part, path)
    for name, path in found.items():
        other = ("y_" if name[0] == "x" else "x_") + name[2:]
        if other not in found:
            lack = "labels" if name[0] == "x" else "images"
            raise DataError(f"{folder}: {path.name} is there, but the file with its {lack} is not")
    return found


def read_idx(path: Path) -> NDArray[Any]:
    """Return the array in an IDX file, gzipped or plain.

    Raises:
        DataError: the file is damaged or cut short.
    """
    data = path.read_bytes()
    try:
        data = gzip.decompress(data) if path.suffix.lower() == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: damaged gzip file ({error}); fetch it again") from None
    if len(data) < 8 or data[:2] != b"\0\0" or data[2] not in TYPES or not 1 <= data[3] <= 4:
        raise DataError(f"{path}: not an IDX file, or a damaged one; fetch it again")
    start = 4 + 4 * data[3]
    shape = tuple(int(side) for side in np.frombuffer(data[4:start], ">u4"))
    dtype = np.dtype(TYPES[data[2]])
    wanted = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if len(data) - start != wanted:
        raise DataError(
            f"{path}: cut short or damaged: holds {len(data) - start} bytes of data, its header "
            f"{shape} promises {wanted}; fetch it again"
        )
    values = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))
