# make needs only Python 3.11 or newer and git; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade
JOB ?= fix_tags
TEST_PROCESSES ?= 10
# Which practice site: the one of inventory.py, or that of examples/small.
SITE ?= dedup
DEMO_small := --site small --inventory examples/small

# Where it is set, each run compiles this project's modules again: a twelfth of the tests' CPU time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test quick real soak benchmark check docs screenshot lock clean

help:
	@echo "make demo    watch a job preview, repair and prove on a practice site (JOB=fix_tags; SITE=small: another site)"
	@echo "make test    run all tests"
	@echo "make quick   run the tests that need no practice site, in half a minute"
	@echo "make real    build real programs, and run the tests against them: Kubernetes (Go, a quarter of an hour), Kafka (Java, Maven)"
	@echo "make soak    break runs of all jobs off at random moments, and run them again (ROUNDS=3, SEED=1)"
	@echo "make check   ruff, mypy and the contracts of imports"
	@echo "make docs    write docs/settings.md out of the types of the settings"
	@echo "make screenshot    have a test take the picture of a report that README.md shows (needs Chromium)"
	@echo "make benchmark    time the commands on the practice site"
	@echo "make setup   install what running needs into .venv; what the others need they install themselves"
	@echo "make lock    resolve requirements.lock and requirements-dev.lock again"

setup: $(VENV)/.installed

# The locks have hashes; this project itself is installed in place, with the locked setuptools.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

# The practice site, the tests and the checks need more than running does.
$(VENV)/.developing: $(VENV)/.installed requirements-dev.lock
	$(INSTALL) --require-hashes --requirement requirements.lock --requirement requirements-dev.lock
	@touch $@

demo: $(VENV)/.developing
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m lab run $(DEMO_$(SITE)) -- sh lab/site/demo.sh $(JOB)

# Half of a test is waiting for the site, so there are more processes than cores.
test: $(VENV)/.developing
	$(BIN)/python -m pytest --numprocesses=$(TEST_PROCESSES) --maxschedchunk=1 -m "not real" $(PYTEST_ARGUMENTS)

quick: $(VENV)/.developing
	$(BIN)/python -m pytest --numprocesses=auto -m "not site and not real" $(PYTEST_ARGUMENTS)

# Programs of others, of these versions, out of their registries; built once. With TEST_REAL=1 a test whose program is
# missing fails. Another Kubernetes: make real KUBERNETES=1.34.4
KUBERNETES := 1.37.2
REAL := $(CURDIR)/.real
REAL_KAFKA := $(patsubst %,$(REAL)/%/.built,kafka-4.4.0 kafka-3.9.1 librdkafka-2.5.3 librdkafka-2.6.1)
real: $(VENV)/.developing $(REAL)/kubernetes-$(KUBERNETES) $(REAL_KAFKA)
	KUBERNETES=$(KUBERNETES) $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile -m real $(PYTEST_ARGUMENTS)

# Besides Go nothing is needed, and any Go will do. It keeps what it has compiled in its own cache.
$(REAL)/kubernetes-$(KUBERNETES): $(wildcard tests/real/kubernetes/server/* tests/real/kubernetes/server/nodes/*) tests/real/kubernetes/build.sh
	sh tests/real/kubernetes/build.sh $(KUBERNETES) $@

$(REAL)/kafka-%/.built: $(wildcard tests/real/kafka/*.sh) tests/real/kafka/pom.xml
	sh tests/real/kafka/build.sh $* $(@D)

$(REAL)/librdkafka-%/.built:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check confluent-kafka==$*
	@touch $@

# Runs that signals break off at random moments; SEED=2 draws others.
ROUNDS ?= 3
SEED ?= 1
soak: $(VENV)/.developing
	ROUNDS=$(ROUNDS) SEED=$(SEED) $(BIN)/python -m pytest --numprocesses=$(TEST_PROCESSES) --maxschedchunk=1 tests/soak $(PYTEST_ARGUMENTS)

benchmark: $(VENV)/.developing
	@$(BIN)/python -m lab run -- $(BIN)/python benchmarks/commands.py

check: $(VENV)/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

docs: setup
	$(BIN)/python -m ops.site.settings > docs/settings.md

# One lock in two files: requirements-dev.lock has only what requirements.lock has not, each pin stands once.
screenshot: $(VENV)/.developing
	mkdir -p docs/images
	SCREENSHOT=1 TEST_BROWSER=1 $(BIN)/python -m pytest -q tests/deploys/test_run_records_report.py -k repair

lock: $(VENV)/.developing
	$(COMPILE) --group build --output-file requirements.lock pyproject.toml
	$(COMPILE) --group build --group dev --extra lab --constraints requirements.lock \
	    $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock) \
	    --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) $(REAL)
