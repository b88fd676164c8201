# `make help` says what there is. PYTHON=python3.12 chooses the interpreter; TEST_JOBS=4 how many tests run at once.
.DEFAULT_GOAL := help
.PHONY: help verify test deep lint notebooks docs lock clean setup

PYTHON ?=
TEST_JOBS ?= 2
EFFORT ?= quick
OUT ?= results
export PYTHON TEST_JOBS

help:
	@echo 'make verify     check the built-in papers ($(EFFORT) effort) and write $(OUT)/ with results.json and the page index.html'
	@echo 'make test       style, types, import rules, then all tests'
	@echo 'make deep       the tests that take minutes each'
	@echo 'make lint       style, types and import rules alone'
	@echo 'make notebooks  run the notebooks anew and store what they show'
	@echo 'make docs       docs/api from the docstrings'
	@echo 'make lock       choose new versions for requirements.lock (needs the network)'
	@echo 'make clean      remove what these commands made, .venv included'
	@echo
	@echo 'The first of them sets up .venv from requirements.lock (Python 3.11 or newer, with venv); later runs need no network.'
	@echo 'Settings: PYTHON=python3.12  TEST_JOBS=2  EFFORT=quick|standard|deep  OUT=results'

setup:
	@sh tools/setup.sh

verify: setup
	@.venv/bin/lemmata verify --effort '$(EFFORT)' --out '$(OUT)'

test: setup
	@sh tools/test.sh

deep: setup
	@TEST_MARK=deep sh tools/test.sh

lint: setup
	@sh tools/test.sh --lint-only

notebooks: setup
	@.venv/bin/python tools/notebooks.py

docs: setup
	@.venv/bin/python tools/api_reference.py

lock:
	@sh tools/lock.sh

clean:
	rm -rf .venv results .lemmata-cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
