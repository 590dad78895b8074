"""`archwright search`."""

from __future__ import annotations

from typing import Annotated

import typer

from archwright.cli.imports import lasting
from archwright.cli.progress import watching

Text = str | None


def search(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(help="A file or folder: CSV, Parquet, JSON lines, npz, IDX, images, .ts."),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(help="The column to predict; repeat it for several. [default: the last]"),
    ] = None,
    budget: Annotated[
        Text, typer.Option(help="Wall-clock time for everything: 90s, 10m, 2h. [default: 10m]")
    ] = None,
    out: Annotated[Text, typer.Option(help="The run folder. [default: runs/NAME]")] = None,
    objective: Annotated[
        Text,
        typer.Option(
            help="accuracy, balanced_accuracy, macro_f1, log_loss, roc_auc; rmse, mae, r2 ..."
            " [default: by the kind of task]"
        ),
    ] = None,
    max_params: Annotated[Text, typer.Option(help="Most parameters, a hard bound: 100k.")] = None,
    max_macs: Annotated[
        Text, typer.Option(help="Most multiply-accumulates a row, a hard bound: 5M.")
    ] = None,
    max_latency: Annotated[
        Text, typer.Option(help="Most time for one row on this machine, a hard bound: 2ms.")
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Stop after so many trials.")] = None,
    strategy: Annotated[
        str, typer.Option(help="surrogate, evolution, asha, random, optuna:TPE ...; auto chooses.")
    ] = "auto",
    exploration: Annotated[
        float | None,
        typer.Option(help="Share of proposals left to chance, 0 to 1. [default: by the strategy]"),
    ] = None,
    inherit: Annotated[
        bool,
        typer.Option("--inherit", help="Begin with the weights of the parent, and train for less."),
    ] = False,
    warm_start: Annotated[
        list[str] | None,
        typer.Option(help="The folder of an earlier run, whose best networks are tried early."),
    ] = None,
    space: Annotated[
        Text, typer.Option(help="One of `archwright spaces`. [default: by the data]")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Passes over the data in the final training. [default: by its size]"),
    ] = None,
    folds: Annotated[int, typer.Option(help="Folds of cross-validation; 1 is a hold-out.")] = 1,
    early_stop: Annotated[
        float,
        typer.Option(
            help="Stop a trial when its chance to be among the best three is below this; 0: never."
        ),
    ] = 0.05,
    seed: Annotated[int, typer.Option(help="Of splits, proposals and weights.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Trials at once, each in its own process. [default: one a core; one without"
            " --budget]"
        ),
    ] = None,
    isolate: Annotated[
        bool, typer.Option("--isolate", help="One process per trial, also for one worker.")
    ] = False,
    ensemble: Annotated[
        int | None,
        typer.Option(
            help="Networks to average at most, where that is better; 1 is off."
            " [default: 1; forecasts are the mean of two]"
        ),
    ] = None,
    storage: Annotated[
        Text, typer.Option(help="An Optuna storage URL instead of study.db.")
    ] = None,
    kind: Annotated[
        Text,
        typer.Option(
            help="classification, ordinal, multilabel, regression, multitask. [default: by target]"
        ),
    ] = None,
    type: Annotated[
        list[str] | None,
        typer.Option(
            help="COLUMN=TYPE: numeric, categorical, boolean, datetime, text, image, audio, "
            "identifier."
        ),
    ] = None,
    modality: Annotated[
        Text,
        typer.Option(
            help="series, audio, text, table, mixed ..., where data could be read in several ways."
        ),
    ] = None,
    test: Annotated[Text, typer.Option(help="A file to test on, and for nothing else.")] = None,
    split: Annotated[
        Text, typer.Option(help="group:COLUMN or time:COLUMN instead of a shuffled split.")
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(help="Forecast so many steps ahead of a table in the order of time."),
    ] = None,
    time: Annotated[
        Text, typer.Option(help="Of forecasts: the column of time. [default: found]")
    ] = None,
    series: Annotated[
        Text,
        typer.Option(help="Of forecasts: the column that tells series apart. [default: found]"),
    ] = None,
    encoder: Annotated[
        Text,
        typer.Option(
            help="Of texts: a pretrained encoder, the folder of a BERT or its name on the Hugging"
            " Face hub."
        ),
    ] = None,
) -> None:
    """Search a network for the data, train it, and leave it in a folder."""
    if workers != 1 and (budget or not trials):
        from archwright.executors.processes import warm

        warm()  # the server of the workers loads torch while this process does
    with lasting():
        from archwright.auto import search as run
    from archwright.cli.options import column_types

    with watching() as listener:
        run(
            data,
            target,
            budget=budget,
            trials=trials,
            out=out,
            objective=objective,
            max_params=max_params,
            max_macs=max_macs,
            max_latency=max_latency,
            listener=listener,
            started=context.obj,
            space=space,
            strategy=strategy,
            exploration=exploration,
            inherit=inherit,
            warm_start=warm_start or (),
            seed=seed,
            epochs=epochs,
            folds=folds,
            early_stop=early_stop,
            workers=workers,
            isolate=isolate,
            ensemble=ensemble,
            storage=storage,
            kind=kind,
            types=column_types(type or []),
            test=test,
            split=split,
            modality=modality,
            horizon=horizon,
            time=time,
            series=series,
            encoder=encoder,
        )
