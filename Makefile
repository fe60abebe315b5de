# Two commands: `make run` serves, `make test` tests. Each sets up what it needs first.
.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports texts goldens bench chaos screens lock browser clean

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin
EXAMPLE ?= examples/good-city.yaml

help:
	@echo "make run      set up and serve on http://127.0.0.1:8000 (SQLite under var/)"
	@echo "make test     set up and run every test"
	@echo "make check    lint, types, import rules, then the tests"
	@echo "make texts    collect the sentences of the code into the message catalogues"
	@echo "make goldens  write the golden conversations anew (then read the difference)"
	@echo "make bench    measure, as ratios; takes ten minutes and wants a quiet machine"
	@echo "make chaos    break everything by a script, and settle every account; SEEDS=20 for twenty, SEED=7 from the 7th"
	@echo "make screens  draw the pictures of the main pages anew, for docs/ and the README"
	@echo "make lock     lock the newest versions that pyproject.toml allows"

run: $(VENV)/for-running
	$(BIN)/folkmoot serve --example $(EXAMPLE)

test: $(VENV)/for-testing browser
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: lint types imports test

lint: $(VENV)/for-testing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/for-testing
	$(BIN)/mypy

imports: $(VENV)/for-testing
	$(BIN)/lint-imports

texts: $(VENV)/for-testing
	$(BIN)/python -m folkmoot.catalogue

goldens: $(VENV)/for-testing
	$(BIN)/python -m tests.conversations tests/conversations/*.txt

bench: $(VENV)/for-testing
	$(BIN)/python -m bench all

screens: $(VENV)/for-testing browser
	$(BIN)/python -m tests.desk.screens

SEEDS ?= 1
SEED ?= 1
chaos: $(VENV)/for-testing
	@failed=0; for database in sqlite postgres; do \
	$(BIN)/python -m tests.chaos --seeds $(SEEDS) --from $(SEED) --database $$database || failed=1; \
	done; exit $$failed

# The pages are tried in a real Chromium. Where there is none and we may install one, we do; else those tests say that
# they were skipped, and why.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; } \
	|| echo "No Chromium here: the browser tests will be skipped."

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Folkmoot needs Python 3.11 or newer; none was found."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/for-running: requirements.txt pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/for-testing: requirements-dev.txt pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/for-running

LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --no-annotate
lock: | $(VENV)/bin/pip
	$(BIN)/pip install --quiet uv
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(LOCK) --extra dev --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
