# Everything that a newcomer needs: `make demo`, `make test`. Needs Python 3.11+, git and make; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint setup bench clean docs
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'asbuilt needs Python 3.11 or newer; try make PYTHON=python3.12'; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'setting up $(VENV) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

$(VENV)/.bench: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

setup: $(STAMP)

demo: $(STAMP)
	@$(BIN)/asbuilt up examples/shop.md

test: $(STAMP) lint
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP) $(VENV)/.bench
	@$(BIN)/python -m benchmarks

bench-%: $(STAMP) $(VENV)/.bench
	@$(BIN)/python -m benchmarks $*

docs: $(STAMP)
	@$(BIN)/python -m docs.generate

clean:
	@rm -rf $(VENV) .asbuilt build dist
