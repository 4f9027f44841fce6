# The workshop's commands; CI and people use the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo sync test lint docs costs bench lock clean

demo: $(VENV)/local  ## a simulated LangSmith, traces of a real application, one sync into DuckDB, three queries
	@$(BIN)/python scripts/demo.py

sync: $(VENV)/local  ## the same against the real LangSmith: set LANGSMITH_API_KEY and LANGSMITH_TENANT_ID
	@$(BIN)/python scripts/sync.py

test: $(VENV)/dev  ## the whole suite, under five minutes
	@$(BIN)/python -m pytest -n 2

lint: $(VENV)/dev  ## ruff and mypy --strict
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

docs: $(VENV)/dev  ## write the README's tables anew from the code
	@$(BIN)/python scripts/docs.py

costs: $(VENV)/dev  ## count requests on the simulator into docs/costs.md
	@$(BIN)/python scripts/costs.py

bench: $(VENV)/bench  ## ratios against dlt, the SDK and a floor; writes docs/benchmarks.md
	@$(BIN)/python -m bench

lock: $(VENV)/dev  ## resolve the pinned requirements anew
	@$(PIP) uv
	@for name in requirements requirements-local requirements-dev bench/requirements; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-emit-find-links \
	    --custom-compile-command "make lock" $$name.in --output-file $$name.txt; done

clean:
	@rm -rf $(VENV) demo.duckdb

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/local: $(VENV)/python requirements.txt requirements-local.txt
	@echo "installing into $(VENV) ..."
	@$(PIP) -r requirements.txt -r requirements-local.txt
	@touch $@

$(VENV)/bench: $(VENV)/local bench/requirements.txt
	@$(PIP) -r bench/requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/local requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@
