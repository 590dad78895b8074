"""What a run hands over: the leaderboard, the result folder, the report."""

from __future__ import annotations

import json
import math
import platform
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from archwright.auto import ask
from archwright.auto.finalists import Finalist
from archwright.auto.finish import Trained
from archwright.auto.folder import Folder
from archwright.auto.job import Job
from archwright.auto.options import Options
from archwright.clock import duration
from archwright.core.objective import MEASURES
from archwright.core.trial import History
from archwright.evaluators.rivals import Rival
from archwright.export import card
from archwright.export import result as results
from archwright.export.baseline import files
from archwright.measure.layers import layers
from archwright.measure.scores import scores
from archwright.report import html, insights
from archwright.report.record import Entry, Layer, Record
from archwright.report.summary import summary as summarise
from archwright.report.words import compact

DEFAULT_NAME = "hand-made default network"

EXAMPLES = 64
"""Real rows that the exported files are checked on."""


def leaderboard(
    job: Job,
    history: History,
    trained: list[Trained],
    finalists: list[Finalist],
    known: list[Entry],
) -> tuple[Entry, ...]:
    """Return the trained networks and the rivals, best first, and what has no test score.

    That is the default network where all of the time went to the winner, and the estimate of
    random search.
    """
    aim = job.problem.aim
    truth = job.task.truth(job.task.splits.test)
    networks = [
        Entry(
            name=_name(each, kept=i == 0, handmade=_handmade(job, each)),
            handmade=_handmade(job, each),
            role="winner" if i == 0 else each.finalist.role,
            validation={k: v for k, v in each.finalist.validation.items() if k in MEASURES},
            test=scores(truth, each.output),
            params=each.costs["params"],
            macs=each.costs["macs"],
            latency_ms=each.costs["latency_ms"],
            seconds=each.seconds,
            note=each.note,
            errors=insights.row_errors(truth, each.output, aim),
        )
        for i, each in enumerate(trained)
    ]
    ranked = sorted([*networks, *known], key=lambda entry: aim.loss(entry.test))
    tested = {each.finalist.role for each in trained}
    if "default" not in tested:
        beaten = [one for one in finalists if one.role == "default" and one.validation]
        ranked += map(_untested, beaten)
    return (*ranked, insights.random_search_entry(history, aim, len(history.believed().done)))


def _handmade(job: Job, trained: Trained) -> bool:
    return trained.finalist.arch == job.default and not trained.members


def _untested(finalist: Finalist) -> Entry:
    validation = {k: v for k, v in finalist.validation.items() if k in MEASURES}
    note = "not trained to the end: all of that time was the winner's"
    return Entry(DEFAULT_NAME, "default", validation, {}, None, 0.0, note)


def _name(trained: Trained, *, kept: bool, handmade: bool) -> str:
    finalist, members = trained.finalist, trained.members
    if members:
        trials = ", ".join(str(member.trial) for member in members)
        return f"ensemble of {len(members)} networks (trials {trials})"
    if handmade:
        return DEFAULT_NAME
    return f"searched network (trial {finalist.trial})" if kept else f"trial {finalist.trial}"


def facts(
    job: Job, history: History, winner: Trained, board: tuple[Entry, ...], seconds: Any
) -> dict[str, Any]:
    """Return what `metrics.json` holds."""
    own = next(entry for entry in board if entry.role == "winner")
    budget = job.clock.budget
    packages = ("torch", "numpy", "pandas", "scikit-learn", "optuna")
    return {
        "task": job.task.kind,
        "objective": job.problem.aim.metric,
        "test": dict(own.test),
        "validation": dict(own.validation),
        "rivals": {e.name: dict(e.test) for e in board if e.role != "winner" and e.test},
        **winner.costs,
        "trials": {
            "done": len(history.done),
            "stopped": len(history.stopped),
            "failed": len(history.failed),
            "explored": round(insights.explored(history), 3),
        },
        "strategy": {
            "name": job.choice.strategy,
            "why": job.choice.why or "asked for",
            "dropped": ask.dropped(job, history),
        },
        "seconds": {"budget": None if budget == float("inf") else budget, **seconds},
        "forecast": _forecast(job),
        "seed": job.options.seed,
        "versions": {"archwright": version("archwright"), "python": platform.python_version()}
        | {name: version(name) for name in packages},
    }


def footprint(folder: Folder, peak: float) -> dict[str, float]:
    """Return the most memory in use, and what the run folder takes on disk by now.

    Args:
        peak: Bytes.
    """
    size = sum(path.stat().st_size for path in folder.path.rglob("*") if path.is_file())
    return {"peak_memory_gb": peak / 1e9, "disk_mb": size / 1e6}


def write_result(
    folder: Folder,
    job: Job,
    winner: Trained,
    metrics: Mapping[str, Any],
    *,
    onnx: bool,
    rival: Rival | None = None,
) -> tuple[str, ...]:
    """Write the result folder, checked on real rows; return what was left out, in sentences.

    Args:
        rival: What is to lie beside the network.
    """
    split = winner.split
    example = split.given(split.valid[:EXAMPLES])
    content = results.Content(
        spec=winner.spec,
        architecture=_architecture(winner),
        metrics=metrics,
        card=card.text(_card(job, winner, metrics)),
        example=example,
        onnx=onnx,
        beside=files(rival.name, rival.model, winner.spec) if rival else {},
    )
    return results.write(folder.result, winner.net, content).notes


def _architecture(winner: Trained) -> str:
    """Return the answers to the space's holes, of each member where there are several."""
    if not winner.members:
        return winner.finalist.arch.to_json()
    members = [
        {"trial": each.trial, "weight": each.share, "architecture": each.arch.answers}
        for each in winner.members
    ]
    return json.dumps({"members": members}, indent=1)


def _card(job: Job, winner: Trained, metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": job.task.name,
        "target": job.task.target_name,
        "rows": {
            "train": len(job.task.splits.train),
            "validation": len(job.task.splits.validation),
            "test": len(job.task.splits.test),
        },
        "split": job.task.splits.how,
        "classes": list(job.task.classes),
        "outcomes": list(job.task.outcomes),
        "levels": list(map(list, job.task.levels)),
        "findings": [f"{finding.title}. {finding.detail}" for finding in job.task.findings],
        "trained": winner.note,
        "command": command(job),
        **metrics,
    }


def write_report(
    folder: Folder,
    job: Job,
    history: History,
    winner: Trained,
    board: tuple[Entry, ...],
    metrics: Mapping[str, Any],
) -> str:
    """Write report.html; return its verdict on the search."""
    number = winner.finalist.trial
    record = Record(
        task=job.task,
        history=history,
        space=job.problem.space,
        aim=job.problem.aim,
        bounds=job.problem.bounds,
        winner=history.trials[number] if number is not None else history.best(),
        leaderboard=board,
        layers=tuple(drawn(winner)),
        output=winner.output,
        metrics=metrics,
        command=command(job),
        forecast=_forecast(job),
        seed=job.options.seed,
        strategy=job.choice.words(),
        dropped=metrics["strategy"]["dropped"],
    )
    html.write(record, folder.report)
    return summarise(record).verdict


def drawn(winner: Trained) -> list[Layer]:
    """Return the winning network's layers as the report draws them."""
    modules = dict(winner.net.named_modules())
    return [
        Layer(
            name=layer.name,
            kind=layer.kind,
            shape=layer.shape,
            params=layer.params,
            macs=layer.macs,
            depth=layer.name.count("."),
            detail=modules[layer.name].extra_repr(),
        )
        for layer in layers(winner.net, winner.split.signature.shape)
    ]


def _forecast(job: Job) -> dict[str, float | str]:
    setup = job.setup
    return {
        "trials": setup.trials,
        "search_seconds": "no limit" if np.isinf(setup.search_seconds) else setup.search_seconds,
        "peak_memory_gb": setup.memory_gb,
        "disk_mb": setup.disk_mb,
    }


def command(job: Job) -> str:
    """Return the command that does all of this again, but for a storage, which may tell secrets."""
    path, chosen, usual = (
        job.task.source.get("path"),
        asdict(job.options),
        asdict(Options(budget=1)),
    )
    words = ["archwright", "search", str(path) if path else "DATA"]
    words += [word for column in chosen.pop("targets") for word in ("--target", column)]
    named = {f"max-{k.removesuffix('_ms')}": f"{v:g}" for k, v in chosen.pop("bounds").items()}
    several = {
        "warm-start": chosen.pop("warm_start"),
        "type": [f"{column}={kind}" for column, kind in chosen.pop("types").items()],
    }
    budget, seed = chosen.pop("budget"), chosen.pop("seed")
    named |= {} if math.isinf(budget) else {"budget": f"{budget:g}s"}
    changed = {name: value for name, value in chosen.items() if value != usual[name]}
    changed.pop("storage", None)
    for name, value in (named | changed | {"seed": seed}).items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    for name, values in several.items():
        words += [word for value in values for word in (f"--{name}", value)]
    return shlex.join(words)


def _became(metrics: Mapping[str, Any]) -> str:
    """Return in the words of the forecast what the run was."""
    trials = metrics["trials"]["done"] + metrics["trials"]["failed"]
    return (
        f"{trials} trials in {duration(metrics['seconds']['search'])} from the start,"
        f" peak memory {metrics['peak_memory_gb']:.1f} GB, {metrics['disk_mb']:.0f} MB on disk"
    )


def _costs(entry: Entry) -> str:
    """Return what a network costs, in words; nothing of others."""
    if entry.latency_ms is None:
        return ""
    sizes = f"{compact(entry.params or 0)} parameters, {compact(entry.macs or 0)} MACs"
    return f"{sizes}, {entry.latency_ms:.2f} ms"


def summary(
    job: Job, board: tuple[Entry, ...], folder: Folder, metrics: Mapping[str, Any], verdict: str
) -> list[str]:
    """Return the last lines of a run: how good, how big, how it compares, where it lies."""
    aim = job.problem.aim.metric
    lines = ["", f"{'test ' + aim:>18}  {'validation':>10}"]
    for entry in board:
        test = f"{entry.test[aim]:.4f}" if aim in entry.test else "-"
        validation = f"{entry.validation[aim]:.4f}" if aim in entry.validation else "-"
        told = "; ".join(filter(None, (entry.note, _costs(entry))))
        note = f"  ({told})" if told else ""
        lines.append(f"{test:>18}  {validation:>10}  {entry.name}{note}")
    return [
        *lines,
        "",
        verdict,
        *(metrics[key]["why"] for key in ("ensemble", "baseline") if key in metrics),
        f"Network: {metrics['params']:,.0f} parameters, {metrics['macs']:,.0f} MACs,"
        f" {metrics['latency_ms']:.2f} ms for one row.",
        f"Forecast: {job.setup.words()}.",
        f"It became: {_became(metrics)}.",
        f"Finished after {duration(job.clock.elapsed())}.",
        f"Test {aim}: {metrics['test'][aim]:.4f}",
        f"Result: {folder.result}",
        f"Report: {folder.report}",
    ]
