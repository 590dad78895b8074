"""Reads what the command line gives as text."""

from __future__ import annotations

from archwright.errors import DataError


def column_types(pairs: list[str]) -> dict[str, str]:
    """Return `{column: type}` from `COLUMN=TYPE` texts.

    Raises:
        DataError: one of them is not such a pair.
    """
    found = {}
    for pair in pairs:
        column, sign, kind = pair.rpartition("=")
        if not sign or not column or not kind:
            raise DataError(
                f"--type {pair!r} cannot be read; write COLUMN=TYPE, as in zip=categorical"
            )
        found[column] = kind
    return found
