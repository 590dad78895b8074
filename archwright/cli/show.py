"""`archwright show`."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def show(
    run: Annotated[str, typer.Argument(help="The run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print metrics.json.")] = False,
) -> None:
    """Show what a run found: scores, rivals, costs, time."""
    from archwright.auto import load

    result = load(run)
    metrics = result.metrics
    if as_json:
        print(json.dumps(metrics, indent=1, ensure_ascii=False))
        return
    print(f"{metrics['task']}, {metrics['objective']} {result.score:.4f} on test rows\n")
    print(result.leaderboard.to_string(float_format="{:.4f}".format))
    print(f"\n{metrics['params']:,.0f} parameters, {metrics['macs']:,.0f} MACs,", end=" ")
    trials, strategy = metrics["trials"], metrics["strategy"]
    print(f"{metrics['latency_ms']:.2f} ms for one row; {trials['done']} trials", end=" ")
    print(f"by {strategy['name']} ({strategy['why']}), {trials['explored']:.0%} at random")
    for key in ("ensemble", "baseline"):
        if key in metrics:
            print(metrics[key]["why"])
    print(f"Network: {result.folder / 'result' / 'model.py'}\nReport: {result.report}")
