"""The model card: what a network is for, how good it is, and where it must not be trusted.

Follows Mitchell et al., 2019 (arXiv:1810.03993), in a page. Knows plain facts, no networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archwright.core.truth import asked
from archwright.export.runtime import widths

CLASSES_SHOWN = 20


def text(facts: Mapping[str, Any]) -> str:
    """Return the card as Markdown; facts that are missing leave their part out.

    Args:
        facts: What `metrics.json` holds (`task`, `objective`, `test`, `validation`, `rivals`,
            `params`, `macs`, `latency_ms`, `trials`, `seconds`, `seed`, `versions`), and `name`,
            `target`, `classes`, `outcomes`, `rows` (a count per split), `split`, `findings`
            (sentences), `trained` and `command`; `ensemble` where one was asked for, and `baseline`
            where one was better.
    """
    parts = {
        "": _what(facts),
        "How good it is": _scores(facts),
        "The data": _data(facts),
        "Intended use": _use(facts),
        "Limits": _limits(facts),
        "How it was made": _made(facts),
    }
    title = f"# {_plain(facts.get('name', 'Model'))}"
    blocks = [title]
    for heading, lines in parts.items():
        if lines:
            blocks.append("\n".join([*([f"## {heading}", ""] if heading else []), *lines]))
    return "\n\n".join(blocks) + "\n"


def _what(facts: Mapping[str, Any]) -> list[str]:
    target = _plain(facts.get("target", "the target"))
    size = f" It has {facts['params']:,.0f} parameters" if "params" in facts else ""
    if size and "macs" in facts:
        size += f", costs {facts['macs']:,.0f} multiply-accumulates a row"
    if size and "latency_ms" in facts:
        size += f" and took {facts['latency_ms']:.2f} ms for one on the machine that made it"
    return [
        f"A neural network that predicts *{target}* ({_asked(facts)}).{size + '.' if size else ''}",
        "`python model.py NEW` predicts new data; see the top of `model.py`.",
    ]


def _asked(facts: Mapping[str, Any]) -> str:
    classes, outcomes = (len(facts.get(key, ())) for key in ("classes", "outcomes"))
    several = widths(facts.get("levels", ()))
    return asked(facts.get("task", "regression"), classes, outcomes, several)


def _scores(facts: Mapping[str, Any]) -> list[str]:
    """Return a table of the network and its rivals on the test rows."""
    test, validation = facts.get("test", {}), facts.get("validation", {})
    rows = {"this network": test, **facts.get("rivals", {})}
    names = list(test or validation)
    if not names:
        return []
    lines = _table(("on the test rows", names), rows) if test else []
    if validation:
        known = {"this network": validation}
        lines += [*([""] if lines else []), *_table(("in the search", list(validation)), known)]
    aim = facts.get("objective")
    said = [f"The search aimed at {aim}. " if aim else ""]
    said += ["The test rows were looked at once, after the search had ended."] if test else []
    return [*lines, "", "".join(said)] if any(said) else lines


def _table(head: tuple[str, Sequence[str]], rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    first, names = head
    lines = [f"| {first} | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for name, scores in rows.items():
        cells = (f"{scores[key]:.4g}" if key in scores else "" for key in names)
        label = _plain(name).replace("|", "\\|")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return lines


def _data(facts: Mapping[str, Any]) -> list[str]:
    lines = []
    if rows := facts.get("rows"):
        counted = ", ".join(f"{count:,} {part}" for part, count in rows.items())
        lines.append(f"- Rows: {counted}.")
    if split := facts.get("split"):
        lines.append(f"- Split: {_plain(split).rstrip('.')}.")
    for key, what in (("classes", "Classes"), ("outcomes", "What is predicted")):
        if names := facts.get(key):
            shown = ", ".join(_plain(name) for name in names[:CLASSES_SHOWN])
            more = f" and {len(names) - CLASSES_SHOWN} more" if len(names) > CLASSES_SHOWN else ""
            lines.append(f"- {what}: {shown}{more}.")
    return lines


def _use(facts: Mapping[str, Any]) -> list[str]:
    return [
        "New data of the same kind as the training data: the same columns or images, gathered in",
        "the same way. It is not meant for decisions about people without a human who checks them.",
    ]


def _limits(facts: Mapping[str, Any]) -> list[str]:
    lines = [
        "- The scores hold for data like the test rows; where the world changes, measure again.",
        "- Missing values and unseen categories are accepted, and make an answer less certain.",
    ]
    if facts.get("task", "regression") != "regression":
        lines.append("- The probabilities have not been calibrated.")
    return [*lines, *(f"- The data doctor: {_plain(each)}" for each in facts.get("findings", ()))]


def _made(facts: Mapping[str, Any]) -> list[str]:
    lines = ["- Found and trained by archwright, an architecture search."]
    if command := facts.get("command"):
        lines.append(f"- Command: `{_plain(command)}`")
    if baseline := facts.get("baseline"):
        lines.append(f"- {baseline['why']}")
    if ensemble := facts.get("ensemble"):
        each = (f"trial {m['trial']} ({100 * m['weight']:.0f} %)" for m in ensemble["members"])
        lines.append(f"- {ensemble['why']}")
        lines += [f"- Members: {', '.join(each)}."] if ensemble["members"] else []
    if trained := facts.get("trained"):
        lines.append(f"- Training: {_plain(trained)}.")
    if trials := facts.get("trials"):
        lines.append(f"- Trials: {trials.get('done', 0)} done, {trials.get('failed', 0)} failed.")
    if total := facts.get("seconds", {}).get("total"):
        lines.append(f"- Time: {total:,.0f} s in all.")
    if "seed" in facts:
        lines.append(f"- Seed: {facts['seed']}.")
    if versions := facts.get("versions"):
        lines.append("- Versions: " + ", ".join(f"{k} {v}" for k, v in versions.items()) + ".")
    return lines


def _plain(value: Any) -> str:
    """Return text on one line."""
    return " ".join(str(value).split())
