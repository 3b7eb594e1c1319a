# Every target sets up what it needs by itself; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long check fix bench docs lock clean

# Where pip finds torch. Empty: its usual place. Name an index of CPU-only builds here to save some gigabytes on Linux.
TORCH_INDEX_URL ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
TORCH := $(shell grep '^torch==' requirements.lock)
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with everything in it; does nothing when nothing has changed

$(STAMP): pyproject.toml requirements.lock
	@set -e; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  for python in python3.11 python3; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Python 3.11 or later is needed; found: $$(python3 --version 2>&1 || true)." >&2; \
	    echo "Install it, with its venv module, and run this again." >&2; \
	    exit 1; \
	  fi; \
	  echo "Setting up $(VENV) with $$($$python --version); the first time takes a few minutes (2.5 GB on disk)."; \
	  $$python -m venv --clear $(VENV); \
	fi
	@echo "[1/3] $(TORCH): the largest download, about 200 MB (without a GPU's libraries)"
	@$(PIP) $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) $(TORCH)
	@echo "[2/3] the $$(grep -c == requirements.lock) packages of requirements.lock: several hundred MB"
	@$(PIP) -r requirements.lock
	@echo "[3/3] shelfwise itself"
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready. $(BIN)/shelfwise --help"

demo: setup ## make a sample catalogue, import it, search it, and show its page until Ctrl-C
	@$(BIN)/python examples/demo.py

# Two at a time, each file whole: much of the tests is waiting for processes that start.
test: check ## everything that must be green: the checks, and all tests in their short form
	$(BIN)/pytest -n 2 --dist loadfile

test-long: setup ## all tests with their full counts
	$(BIN)/pytest --long --timeout 1800 -n 2 --dist loadfile

check: setup ## lint, format, types, imports between packages, docs; writes to no source file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory docs

fix: setup ## apply what ruff can mend and format by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## print the benchmark tables and write them to benchmarks/results/
	$(BIN)/python benchmarks/run.py

docs: setup ## build the documentation into docs/_build/html; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -E -b html docs docs/_build/html

lock: setup ## write requirements.lock from what .venv holds
	@$(BIN)/python -m pip freeze --all --exclude-editable --exclude pip | sed -E 's/\+[a-z0-9.]+$$//' > requirements.lock
	@echo "requirements.lock: $$(wc -l < requirements.lock) packages"

clean: ## remove caches and built files; keeps .venv and shelfwise-data
	rm -rf docs/_build dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
