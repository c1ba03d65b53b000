# Everything that is run by hand or by a machine. `make` alone lists the targets.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Written last, and holds the folder it was made in: a copy that moved has commands that point back.
STAMP := $(VENV)/.installed
CHECKS := warehouse/checks

FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
IS_READY := test "$$(cat $(STAMP))" = "$$(pwd -P)" && $(BIN)/python -c '$(FITS)'
# What is half made, broken or moved is made anew.
ANEW := $(shell { $(IS_READY); } >/dev/null 2>&1 || echo anew)

# dbt writes nothing outside warehouse/ and calls no other machine.
export DBT_LOG_PATH := warehouse/logs
export LEADS_DBT_TARGET_PATH := warehouse/target
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DBT_VERSION_CHECK := false
# The linter needs a database to compile against; an empty one will do.
SQLFLUFF := LEADS_WAREHOUSE=:memory: $(BIN)/sqlfluff
SQL := models tests/singular

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup build data test laws check unit lint fix bench docs dagster clean lock anew

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP)

build: setup ## set up, then land, score, check and publish the bundled data
	@$(BIN)/leads build
	@$(BIN)/leads export --dry-run --limit 2 || true

data: setup ## set up, then fill the warehouse so that plain `dbt build` works
	@$(BIN)/leads build

# The linter of SQL and the unit tests of models are one long process each.
test: setup ## set up, then run every check but the long laws
	@$(MAKE) --no-print-directory -j 2 lint check unit
	@echo "pytest"
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not law"

laws: setup ## run the long laws: chains of builds, replays, merges, kills (over an hour)
	@LAWS_ALL_MOMENTS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m law

lint: setup ## look at the code: ruff, mypy, sqlfluff
	@echo "ruff, mypy"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --strict data
	@echo "sqlfluff"
	@mkdir -p warehouse
	@$(SQLFLUFF) lint --processes 2 --disable-progress-bar $(SQL)

check: setup
	@echo "leads check"
	@$(BIN)/leads check

# Unit tests of models ask the warehouse for column types, so a small build of every source comes
# first; its data is tested elsewhere. The rules are named, so that no settings of the person who
# runs this come in.
unit: setup
	@echo "unit tests of the models"
	@rm -rf $(CHECKS)
	@mkdir -p $(CHECKS)/raw/file
	@$(BIN)/python data/simulated_company/generate.py $(CHECKS)/raw --contacts 400 --events 2000 \
		>$(CHECKS)/generate.log
	@cp tests/golden/test_persons/leads.csv tests/golden/test_persons/events.csv $(CHECKS)/raw/file
	@$(BIN)/python -m tests.orchestration.untested_builds build \
		--source file,hubspot,segment --raw-dir $(CHECKS)/raw --rules seeds/scoring \
		--as-of 2026-10-31 --workdir $(CHECKS) >$(CHECKS)/build.log 2>&1 \
		|| { cat $(CHECKS)/build.log; exit 1; }
	@LEADS_WAREHOUSE=$(CHECKS)/warehouse/leads.duckdb $(BIN)/python \
		-m tests.orchestration.quick_dbt --quiet \
		--warn-error-options '{"error": ["NoNodesForSelectionCriteria"]}' \
		test --select test_type:unit

fix: setup ## mend what the linters can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@mkdir -p warehouse
	@$(SQLFLUFF) fix --disable-progress-bar $(SQL)

bench: setup ## measure the scoring models against a hand-written query
	@$(BIN)/python -m benchmarks.bench

docs: setup ## write the pages of models, columns and lineage
	@test -f warehouse/leads.duckdb || $(BIN)/leads build
	@$(BIN)/dbt --quiet docs generate --static --target-path warehouse/docs \
		--vars '{sources: [hubspot, segment, file]}'
	@echo "Open warehouse/docs/static_index.html in a browser."

dagster: setup ## start the orchestrator on this machine
	@mkdir -p warehouse/dagster
	@cp deploy/development/dagster.yaml warehouse/dagster/dagster.yaml
	@DAGSTER_HOME="$(CURDIR)/warehouse/dagster" $(BIN)/dagster dev -m orchestration.definitions

clean: ## remove what builds and checks wrote; data, seeds and .venv stay
	@rm -rf warehouse published reports exports target logs \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

lock: ## write requirements.lock from requirements.in (needs uv)
	@uv pip compile requirements.in --quiet --universal --no-strip-extras --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -o requirements.lock

# A Python counts only if it runs: version managers leave commands behind that do not.
$(STAMP): requirements.lock pyproject.toml $(ANEW)
	@rm -f $(STAMP)
	@if [ -n "$(ANEW)" ]; then \
		for python in "$$PYTHON" python3.13 python3.12 python3.11 python3 python ''; do \
			[ -z "$$python" ] || ! "$$python" -c '$(FITS)' >/dev/null 2>&1 || break; \
		done; \
		if [ -z "$$python" ]; then \
			echo "Python 3.11, 3.12 or 3.13 with its venv module is needed:" \
				"install one, or name it, as in 'make build PYTHON=python3.12'." >&2; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$("$$python" --version)."; \
		rm -rf $(VENV) && "$$python" -m venv $(VENV); \
	fi
	@echo "Installing the locked packages; the first time takes a few minutes."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
		--require-hashes --no-compile -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
		--no-build-isolation --no-compile -e .
	@pwd -P >$(STAMP)

anew:
