"""What can go wrong, in words for the person at the keyboard.

Every message names the thing, the place and the way out. The command line prints the message
without a traceback and exits with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ArchwrightError(Exception):
    """A mistake that the user can mend; never a defect of archwright itself."""


class DataError(ArchwrightError):
    """The data cannot be read, or there is nothing to learn from it as it is."""


class SpaceError(ArchwrightError):
    """A search space is malformed, foreign to the data, or empty under the bounds."""


class BudgetError(ArchwrightError):
    """A budget that cannot be read or cannot be kept."""


class RunError(ArchwrightError):
    """A run folder, a study or a result that is missing, taken, in use or damaged."""


class TrialError(Exception):
    """Why one trial failed; costs the trial, never the search."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest of `known`, or the list of them all."""
    names = [str(each) for each in known]
    lowered = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    if close:
        return f"; did you mean {lowered[close[0]]!r}?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"; known: {shown}" if names else ""
