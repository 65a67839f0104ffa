# make run: one task. make experiment: all of them, evaluated and compared. make test: the tests. Each sets up .venv and the tracking store first, if needed.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: setup run experiment test test-all fuzz torture check ui bench results

setup: .venv/installed
	@python -m pipelines._setup

.venv/installed: requirements.txt requirements-dev.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version)"
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/installed

run: setup
	mlflow run . -P task=medium --env-manager local

experiment: setup
	@echo "the whole experiment takes ten minutes on the demo corpus and two cores; Ctrl-C and the same command go on later"
	dvc repro

# Quick tests of every module.
test: setup
	python -m pytest -n 2 -m "not slow and not pipeline and not browser"

# These, and whole pipelines, servers, browsers, kills, PostgreSQL, real tracks.
test-all: test
	python -m pytest -n 2 -m "slow or pipeline or browser"

# Altered music, tables, archives and conf files: five minutes each.
fuzz: setup
	FUZZ_SECONDS=300 python -m pytest -n 2 -rP tests/fuzz

# The commands of a small checkout, killed 200 times; goes on where it was stopped.
torture: setup
	PYTHONPATH="src:." python -m tests.torture kills=200 folder=.cache/torture

check: setup
	ruff check .
	ruff format --check .
	mypy
	PYTHONPATH="src:." lint-imports
	python -m benchmarks.results write --check
	python -m benchmarks.studies write --check
	python -m pytest -q tests/test_architecture.py

ui: setup
	@python -m pipelines._setup --ui

bench: setup
	python -m benchmarks.main_job
	python -m benchmarks.studies speed

results: setup
	python -m benchmarks.results write
	python -m benchmarks.studies write
