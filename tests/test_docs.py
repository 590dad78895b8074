"""The documentation is tested: what it names must exist."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import archwright

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
FOREIGN = {"--strict", "--wheel", "--help"}  # of mypy and build; --help is everywhere

FREE = ("op", "seq", "either")  # take any names


def blocks(language: str) -> Iterator[str]:
    """Return the fenced blocks of a language; the empty one is what people type."""
    for page in PAGES:
        yield from re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


@cache
def help_of(command: str) -> str:
    """Return what `archwright COMMAND --help` prints."""
    script = "from archwright.cli import main; main()"
    arguments = [sys.executable, "-c", script, *command.split(), "--help"]
    environ = os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        arguments, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"archwright {command} --help: {done.stderr}"
    return done.stdout


def commands() -> list[tuple[str, str]]:
    """Return each command line of the documentation with the command in it."""
    lines = "\n".join(blocks("")).splitlines()
    found = (re.match(r"archwright ([a-z]+)", line) for line in lines)
    return [(match[1], match.string.partition("#")[0]) for match in found if match]


@pytest.mark.parametrize("command", sorted({command for command, _ in commands()}))
def test_documented_commands_and_their_flags_exist(command: str) -> None:
    told = help_of(command)
    used = {flag for name, line in commands() if name == command for flag in FLAG.findall(line)}
    assert used <= set(FLAG.findall(told))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_flags_named_in_the_text_exist(page: Path) -> None:
    names = sorted({command for command, _ in commands()})
    known = FOREIGN.union(*(FLAG.findall(help_of(name)) for name in names))
    assert set(FLAG.findall(page.read_text("utf-8"))) <= known


@pytest.mark.parametrize("block", list(blocks("python")))
def test_python_examples_use_names_and_arguments_that_exist(block: str) -> None:
    tree = ast.parse(block)
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {alias.name for node in imported if node.module == "archwright" for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).removeprefix("archwright.")
        if ast.unparse(node.func).startswith("archwright.") or name in ours:
            if name in FREE:
                continue
            known = inspect.signature(getattr(archwright, name)).parameters
            assert {keyword.arg for keyword in node.keywords} <= known.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_tree_in_the_readme_is_the_tree() -> None:
    listed = re.search(
        r"^archwright/\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
    )
    assert listed, "README.md: the annotated tree is missing"
    inside = set(re.findall(r"^  (\S+)", listed[1], re.M))
    children = (ROOT / "archwright").iterdir()
    there = {f"{p.name}/" if p.is_dir() else p.name for p in children if p.name[0] not in "_."}
    assert inside == there - {"py.typed"}
