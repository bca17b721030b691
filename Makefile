# `make run` and `make test` are all that is needed; `make` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; `make PYTHON=/path/to/python run` names another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Where the tests keep the demo history that they make once.
TEST_DATA := build/demo

.PHONY: help run test bench pictures setup demo lint fix check-python programs hooks clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-9s %s\n", $$1, $$2 }'

run: $(VENV)/runtime-done ## set up, make demo data if there is no dataset yet, serve
	@$(BIN)/python -m preprocess demo --if-empty
	$(BIN)/python app.py

test: $(VENV)/dev-done programs $(TEST_DATA)/done lint ## set up, lint, check types, run all tests
	$(BIN)/python -m pytest -q

bench: $(VENV)/dev-done ## measure how fast everything is, against what (a quarter of an hour)
	$(BIN)/python -m tests.benchmarks

pictures: $(VENV)/dev-done programs $(TEST_DATA)/done ## draw docs/images anew, after the look changed on purpose
	$(BIN)/python -m tests.browser.reference_pictures

setup: $(VENV)/dev-done ## make the virtual environment with all requirements

demo: $(VENV)/runtime-done ## write the demo data into DATA_DIR
	$(BIN)/python -m preprocess demo

lint: $(VENV)/dev-done ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/dev-done ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(VENV)/dev-done ## run `make lint` before every commit
	$(BIN)/pre-commit install

clean: ## remove what the tests made (data/ and .venv stay)
	rm -rf build .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found; name it with: make PYTHON=/path/to/python run"; exit 1; }
	@echo "Making the virtual environment $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/runtime-done: requirements.txt requirements-demo.txt | $(VENV)/bin/python
	@echo "Installing the requirements (once; PyTorch is large: about 3 GB to fetch) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt -r requirements-demo.txt
	@touch $@

$(VENV)/dev-done: requirements-dev.txt $(VENV)/runtime-done
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(TEST_DATA)/done: $(wildcard preprocess/*.py flhetero_dash/data/*writ*.py) flhetero_dash/data/recorded.py $(wildcard flhetero_dash/recorder/*.py) flhetero_dash/analysis/networks.py flhetero_dash/analysis/sampled_inputs.py | $(VENV)/runtime-done
	@rm -rf $(TEST_DATA)
	$(BIN)/python -m preprocess demo --out $(TEST_DATA)
	@touch $@

programs:
	@sh tests/install.sh
