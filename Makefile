# The workshop's commands; CI and people use the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCAL_DB ?= langsmith.duckdb
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
QUICK := $(addprefix tests/,bench command_line connector_model destinations faces fivetran_model langsmith_client privacy records settings simulator streams sync)
# Each of these takes many seconds.
NOT_QUICK := $(addprefix tests/,\
	command_line/test_cli_serve.py command_line/test_cli_sync.py command_line/test_cli_terminal.py command_line/test_cli_wheel.py \
	destinations/test_duckdb.py destinations/test_duckdb_clients.py destinations/test_duckdb_file.py faces/test_callers.py faces/test_workspaces.py \
	fivetran_model/test_strictjson.py langsmith_client/test_time_limit.py simulator/test_sim_activity.py \
	simulator/test_sim_conformance.py simulator/test_sim_limits.py sync/test_recorded_states.py sync/test_state_json.py)

.PHONY: demo demo-pages sync wheel help dbt analytics quick test emulators test-emulators browser test-browser connector test-connector soak check-deploy check-hooks audit sbom site lint docs costs bigquery-costs check-bigquery bench lock clean

demo: $(VENV)/local  ## a simulated LangSmith, traces of a real application, one sync into DuckDB, a report; run again: five changes arrive
	@$(BIN)/python -m langsmith_sync demo

demo-pages: $(VENV)/dev  ## run the demo twice, and write what it prints into docs/demo.md and the README's picture
	@$(BIN)/python scripts/demo_pages.py

sync: $(VENV)/local  ## the real LangSmith into LOCAL_DB, and the same report: set LANGSMITH_API_KEY and LANGSMITH_TENANT_ID
	@$(BIN)/python -m langsmith_sync sync --report

wheel: $(VENV)/local  ## build dist/langsmith_sync-VERSION-py3-none-any.whl, for pip install
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

help:  ## this list
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / {printf "%-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

dbt: .dbt/made  ## build the dbt package's reports from LOCAL_DB (langsmith.duckdb) into analytics.duckdb, and test them
	@cd dbt && LOCAL_DB="$(abspath $(LOCAL_DB))" DBT_DUCKDB="$(abspath analytics.duckdb)" ../.dbt/bin/dbt build --profiles-dir . --vars '{langsmith_database: langsmith_source}'

analytics: $(VENV)/local .dbt/made  ## answer the questions of docs/analytics.md on the demo's data, and write the answers there
	@$(BIN)/python scripts/analytics.py

quick: $(VENV)/dev  ## a minute's loop while writing code: units and the simulator, no simulations, no processes
	@$(BIN)/python -m pytest -n 2 $(QUICK) $(addprefix --ignore=,$(NOT_QUICK))
	@echo "left out, and run by make test: $(NOT_QUICK), and all that is not in $(QUICK)"

test: $(VENV)/dev .dbt/made  ## everything that needs no emulator
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore=tests/emulators --ignore=tests/browser --ignore=tests/connector_sdk
	@echo "left out: tests/emulators, which need the emulators of BigQuery (Python 3.13) and Firestore (gcloud, Java): make emulators test-emulators"
	@echo "tests/browser, which need Chromium: make test-browser"
	@echo "and tests/connector_sdk, which needs Fivetran's SDK in an environment of its own: make test-connector"

emulators: $(VENV)/dev  ## install the emulators of BigQuery, Firestore and Cloud Tasks, and see that they start
	@PYTHONPATH=tests $(BIN)/python scripts/install_emulators.py

test-emulators: $(VENV)/dev .dbt/made  ## the BigQuery sink and the Firestore store on their emulators; a missing one is a failure
	@EMULATORS_REQUIRED=1 $(BIN)/python -m pytest -n 3 tests/emulators

browser: .browser/made  ## install Chromium, from Debian's packages where it is missing, and what drives it
	@PYTHONPATH=tests .browser/bin/python scripts/install_browser.py

test-browser: $(VENV)/dev browser  ## the status page in headless Chromium; a missing browser is a failure
	@BROWSER_REQUIRED=1 $(BIN)/python -m pytest tests/browser

connector: $(VENV)/local  ## the folder that `fivetran deploy` takes, .build/connector
	@$(BIN)/python scripts/connector_package.py

test-connector: $(VENV)/dev .connector/made  ## the connector under Fivetran's SDK: its real server, and a peer that speaks its protocol
	@$(BIN)/python -m pytest -n 2 tests/connector_sdk

soak: $(VENV)/dev  ## every recorded state and every combination of faults, then the state machine for hours: 10,000 sequences a face
	@RECORDED=all $(BIN)/python -m pytest -n 2 tests/sync/test_recorded_states.py
	@EVERY_COMBINATION=1 $(BIN)/python -m pytest -n 2 tests/simulation
	@$(BIN)/python scripts/soak.py

check-deploy: .checks/made  ## Terraform's format, checkov, and CHECKERS, programs that take the folder
	@.checks/bin/python scripts/check_deploy.py --all $(CHECKERS)

audit: .audit/made  ## known vulnerabilities of every locked package; AUDIT_REQUIRED=1 fails where no service answers
	@.audit/bin/python scripts/audit.py

check-hooks: .audit/made  ## the configuration of pre-commit
	@.audit/bin/pre-commit validate-config

sbom: .audit/made  ## the parts of a release as CycloneDX, .build/sbom-*.json
	@mkdir -p .build
	@.audit/bin/cyclonedx-py requirements requirements.txt --output-reproducible --validate -o .build/sbom-function.json
	@.audit/bin/cyclonedx-py requirements requirements-local.txt --output-reproducible --validate -o .build/sbom-local.json

site: .site/made  ## the documents as a site, .build/site; a broken link or anchor is a failure
	@NO_MKDOCS_2_WARNING=1 .site/bin/mkdocs build --quiet

lint: $(VENV)/dev  ## ruff, import-linter and mypy --strict
	@$(BIN)/ruff check
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

docs: $(VENV)/dev  ## write anew what derives from the code: the README's tables, the design's tree, Terraform's lists
	@$(BIN)/python scripts/docs.py

costs: $(VENV)/dev  ## count requests on the simulator into docs/costs.md
	@$(BIN)/python scripts/costs.py

bigquery-costs: $(VENV)/dev  ## count jobs on the BigQuery emulator
	@PYTHONPATH=tests $(BIN)/python scripts/bigquery_costs.py

check-bigquery: $(VENV)/local  ## dry-run every statement of the BigQuery sink in a real project: PROJECT=acme-data, DATASET=langsmith where it exists
	@PROJECT="$(PROJECT)" DATASET="$(DATASET)" $(BIN)/python scripts/check_bigquery.py

bench: $(VENV)/bench .connector/made  ## ratios against dlt, the SDK and a floor; writes docs/benchmarks.md
	@$(BIN)/python -m bench

lock: $(VENV)/dev  ## resolve the pinned requirements anew
	@$(PIP) uv
	@$(BIN)/python scripts/lock.py

clean:  ## remove the environments, and what the commands above have made
	@rm -rf dist $(VENV) .browser .audit .checks .connector .dbt .emulators .site demo.duckdb demo.journal analytics.duckdb

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Checkov pins what others need newer: an environment of its own.
.checks/made: Makefile
	@$(PYTHON) -m venv .checks
	@.checks/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30 python-hcl2==8.1.4
	@touch $@

.audit/made: requirements-audit.txt
	@$(PYTHON) -m venv .audit
	@.audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt
	@touch $@

.site/made: requirements-site.txt
	@$(PYTHON) -m venv .site
	@.site/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-site.txt
	@touch $@

# dbt pins what others need newer, as checkov does.
.dbt/made: dbt/requirements.txt
	@echo "installing dbt into .dbt ..."
	@$(PYTHON) -m venv .dbt
	@.dbt/bin/python -m pip install --quiet --disable-pip-version-check -r dbt/requirements.txt
	@touch $@

# What drives the browser pins what others need newer, and the tests of the product need none of it.
.browser/made: requirements-browser.txt
	@$(PYTHON) -m venv .browser
	@.browser/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-browser.txt
	@touch $@

# The SDK pins what others need newer, and only this release of it may be installed: an environment of its own, without ours.
.connector/made: requirements-connector.txt requirements.txt | connector
	@$(PYTHON) -m venv .connector
	@.connector/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-connector.txt
	@.connector/bin/python -m pip install --quiet --disable-pip-version-check -r .build/connector/requirements.txt
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
	@# A client that many other tools carry: what it reads of our files is tested.
	@$(PIP) --no-deps --upgrade --target $(VENV)/duckdb-1.4 duckdb==1.4.5
	@touch $@
