"""What may be loaded when: torch costs a second, so only those who need it import it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "archwright"
WITHOUT_TORCH = ("core", "data", "strategies", "report")


def modules(part: str) -> list[str]:
    """Return the dotted names of all modules of a part of the package."""
    files = sorted((PACKAGE / part).rglob("*.py"))
    names = [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def loaded(*names: str) -> set[str]:
    """Return the top-level names that a fresh interpreter holds after importing `names`."""
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", script, *names]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_the_package_loads_neither_torch_nor_anything_else_that_is_heavy() -> None:
    assert not loaded("archwright") & {"torch", "sklearn", "pandas", "optuna", "plotly"}


@pytest.mark.parametrize("part", WITHOUT_TORCH)
def test_parts_that_never_need_torch_at_import_do_not_load_it(part: str) -> None:
    names = modules(part)
    assert names, f"archwright/{part} is absent"
    assert "torch" not in loaded(*names)


def test_core_loads_nothing_but_the_standard_library_and_numpy() -> None:
    foreign = loaded(*modules("core")) - set(sys.stdlib_module_names) - set(loaded("sys"))
    assert foreign <= {"archwright", "numpy"}


def test_strategies_know_no_storage() -> None:
    adaptor = "archwright.strategies.optuna_sampler"
    names = [name for name in modules("strategies") if name != adaptor]
    assert "optuna" not in loaded(*names)
