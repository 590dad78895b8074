"""Strategies measured on tables of trained networks, where a search takes seconds.

    from archwright import bench

    found = bench.run("nb201/cifar10", ["random", "evolution"], data="FOLDER", seeds=100)
    bench.records(found)     # one dictionary a number, with its bootstrap interval
    bench.draw([found], Path("anytime.html"))

Protocols are `oracle` (queries to the best mean test accuracy), `honest` (select on validation,
report test) and `timed` (12 and 200 epochs, simulated seconds). `play` is one search of a `Table`.
A name may end in `+zc`, for the table's zero-cost scores, and in `@0.06`, for shorter trainings.
"""

from archwright.bench.compare import Comparison, load, run
from archwright.bench.plots import draw
from archwright.bench.protocols import Run, Terms, play
from archwright.bench.report import content
from archwright.bench.report import table as shown
from archwright.bench.summary import records
from archwright.bench.table import Protocol, Table

__all__ = [
    "Comparison",
    "Protocol",
    "Run",
    "Table",
    "Terms",
    "content",
    "draw",
    "load",
    "play",
    "records",
    "run",
    "shown",
]
