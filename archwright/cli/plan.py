"""`archwright plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from archwright.train.plan import Measured

Text = str | None


def plan(
    data: Annotated[
        Text, typer.Argument(help="Measure with these data. [default: show what is known]")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="The column to predict; repeat it for several. [default: the last]"),
    ] = None,
    space: Annotated[Text, typer.Option(help="Measure the default network of this space.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Trials at once. [default: one a core]", min=1)
    ] = None,
    folds: Annotated[
        int, typer.Option(help="Cross-validation: measure whether folds train at once.", min=1)
    ] = 1,
    modality: Annotated[
        Text, typer.Option(help="series, for arrays and tables that hold time series.")
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(help="Forecast so many steps ahead of a table in the order of time."),
    ] = None,
) -> None:
    """Show how this machine trains networks fastest, and by how much that wins."""
    from archwright.train import remember

    if data is not None:
        from archwright.auto.quickest import plan as measure

        how = {"workers": workers, "folds": folds, "modality": modality, "horizon": horizon}
        _show(measure(data, target, space=space, **how))
        return
    known = remember.known()
    print(f"{remember.machine()}\n{remember.file()}")
    if not known:
        print("Nothing has been measured here yet: archwright plan DATA, or any search does.")
    for name, measured in known.items():
        print(f"\n{name}")
        _show(measured)


def _show(measured: Measured) -> None:
    """Print what was tried, and what won."""
    for each in measured.tried:
        gain = measured.tried[0].seconds / each.seconds
        print(f"  {1000 * each.seconds:9.2f} ms a step  {gain:5.2f} x  {each.plan.words()}")
    print(f"  chosen: {measured.plan.words()}, {measured.gain:.2f} x as fast as the plainest")
