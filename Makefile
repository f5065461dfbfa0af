# make needs only Python 3.11 or newer and git; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOB ?= fix_tags

.PHONY: help setup demo test benchmark check lock clean

help:
	@echo "make demo    watch a job preview, repair and prove on a practice site (JOB=fix_tags)"
	@echo "make test    run the tests"
	@echo "make check   ruff, mypy and the contracts of imports"
	@echo "make benchmark    time the commands on the practice site"
	@echo "make setup   install into .venv"
	@echo "make lock    resolve requirements.lock again"

setup: $(VENV)/.installed

# The lock has hashes; this project itself is installed in place, with the locked setuptools.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m lab run -- sh lab/site/demo.sh $(JOB)

test: setup
	$(BIN)/python -m pytest --numprocesses=4 $(PYTEST_ARGUMENTS)

benchmark: setup
	@$(BIN)/python -m lab run -- $(BIN)/python benchmarks/commands.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

lock: setup
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra dev --upgrade --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV)
