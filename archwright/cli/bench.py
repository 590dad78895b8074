"""`archwright bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def bench(
    table: Annotated[str, typer.Argument(help="nb201, nb201/cifar100, macro or nb301.")],
    strategies: Annotated[
        str, typer.Option(help="Names with commas: random,evolution,surrogate+zc,optuna:TPE.")
    ] = "random,evolution",
    data: Annotated[
        str | None, typer.Option(help="The folder of the tables. [default: ARCHWRIGHT_NAS]")
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(help="oracle: feedback is test accuracy; honest: validation; timed: costs."),
    ] = "oracle",
    seeds: Annotated[int, typer.Option(help="Searches of each strategy.")] = 100,
    trials: Annotated[
        int | None, typer.Option(help="Most networks a search. [default: 600; honest: 192]")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also without de-duplication (oracle).")
    ] = False,
    reference: Annotated[
        str, typer.Option(help="The strategy that the others are tested against.")
    ] = "random",
    processes: Annotated[int, typer.Option(help="Searches at once.")] = 1,
    out: Annotated[
        str | None, typer.Option(help="A folder for bench.json and the curves, bench.html.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the records.")] = False,
) -> None:
    """Measure search strategies on a table of networks that others trained."""
    from rich.console import Console

    from archwright.bench import content, draw, run, shown

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    named = [name.strip() for name in strategies.split(",") if name.strip()]
    found = run(
        table,
        named,
        data=data,
        protocol=protocol,
        seeds=seeds,
        trials=trials,
        strict=named if strict else (),
        reference=reference,
        processes=processes,
        say=console.print,
    )
    console.print(shown(found))
    made = content([found], f"archwright bench {table} --protocol {protocol}")
    text = json.dumps(made, indent=1, ensure_ascii=False)
    if out:
        folder = Path(out)
        console.print(str(draw([found], folder / "bench.html")))
        (folder / "bench.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)
