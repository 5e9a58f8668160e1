# Two commands: `make demo` rehearses a governance day, `make test` proves the program.
# Windows and plain commands: see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint lock tools bench crash-matrix fault-report clean

demo: $(VENV)/.ready
	@$(BIN)/lists-sync demo $(ARGS)

test: $(VENV)/.ready-dev tools
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(VENV)/.ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.ready-dev
	@$(BIN)/python benchmarks/controls.py
	@$(BIN)/python benchmarks/writes.py
	@$(BIN)/python benchmarks/reads.py
	@$(BIN)/python benchmarks/rebalance.py
	@$(BIN)/python benchmarks/day.py

crash-matrix: $(VENV)/.ready-dev
	@PYTHONPATH=tests $(BIN)/python -m crash.matrix --write docs/crash-matrix.md

fault-report: $(VENV)/.ready-dev
	@$(BIN)/python tests/faults/report.py

tools:
	@bash .ci/tools

$(VENV)/.ready: .ci/requirements.lock pyproject.toml
	@bash .ci/setup $(PYTHON) $(VENV) .ci/requirements.lock
	@touch $@

$(VENV)/.ready-dev: .ci/requirements-dev.lock pyproject.toml
	@bash .ci/setup $(PYTHON) $(VENV) .ci/requirements-dev.lock
	@touch $@ $(VENV)/.ready

lock: $(VENV)/.ready-dev
	@bash .ci/lock

clean:
	rm -rf $(VENV) .lists-sync
