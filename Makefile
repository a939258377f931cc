# What one types here. `make` alone shows the list; plain pip and venv do the work.

PYTHON ?= python3
UV ?= uv
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check

# Only what was pinned comes in, and nothing is built but rmflow itself.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(READY) ## Play six months of an invented programme into demo/.
	$(BIN)/rmflow demo demo $(ARGS)

.PHONY: test
test: $(READY) ## Run the tests; ARGS="-k roster" runs some.
	$(BIN)/python -m pytest -n logical $(ARGS)

.PHONY: check
check: lint types layers test ## Everything that has to be right before a commit.

.PHONY: lint
lint: $(READY) ## Look at format, style and the Dockerfile.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile

.PHONY: types
types: $(READY) ## Check the types.
	$(BIN)/mypy

.PHONY: layers
layers: $(READY) ## Check that imports go one way.
	$(BIN)/lint-imports

.PHONY: bench
bench: $(READY) ## Measure; ARGS=--write renews docs/performance.md.
	$(BIN)/python bench/run.py $(ARGS)

.PHONY: mutations
mutations: $(READY) ## Tell lies to the code and see which test notices.
	$(BIN)/python tests/mutations/run.py $(ARGS)

.PHONY: worlds
worlds: $(READY) ## Play the whole demo on every vendor's service, and compare.
	RMFLOW_WORLD_MONTHS=6 $(BIN)/python -m pytest -n logical tests/worlds $(ARGS)

.PHONY: soak
soak: $(READY) ## Six months on services that fail, and mails by the thousand: an hour.
	RMFLOW_SOAK_PAIRS=50 RMFLOW_SOAK_DAYS=179 RMFLOW_SOAK_MAILS=10000 RMFLOW_SOAK_EDITS=100 \
		$(BIN)/python -m pytest -n logical -rP tests/soak $(ARGS)

.PHONY: crash
crash: $(READY) ## Kill runs at thousands of points, on every backend; takes hours.
	RMFLOW_CRASH_POINTS=$(or $(POINTS),1000) $(BIN)/python -m pytest -n logical tests/crash $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## Read 100,000 bent mails, 10,000 bent rosters and more: half an hour of two cores.
	$(PIP) --require-hashes --only-binary :all: -r requirements/fuzz.txt
	RMFLOW_FUZZ=1 $(BIN)/python -m pytest -n logical tests/fuzz $(ARGS)
	for target in mail itip roster config; do \
		$(BIN)/python tests/fuzz/coverage_guided.py $$target 120 .cache/fuzz/$$target || exit 1; done

.PHONY: docs
docs: $(READY) ## Write the sample configuration and its reference anew.
	$(BIN)/python docs/generate.py

.PHONY: wheel
wheel: $(READY) ## Build dist/rmflow-*.whl.
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --wheel-dir dist .

.PHONY: lock
lock: ## Pin what pyproject.toml asks for (needs uv); ARGS=--upgrade takes the newest.
	$(LOCK) $(ARGS) --all-extras --output-file requirements/base.txt pyproject.toml
	$(LOCK) $(ARGS) --group build --output-file requirements/build.txt
	$(LOCK) $(ARGS) --group fuzz --output-file requirements/fuzz.txt
	$(LOCK) $(ARGS) --all-extras --group dev --output-file requirements/dev.txt \
		--constraint requirements/base.txt --constraint requirements/build.txt pyproject.toml

.PHONY: clean
clean: ## Remove what these commands have made.
	rm -rf $(VENV) demo dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		.hypothesis tests/checks/node_modules

$(INSTALLED): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rmflow needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

$(READY): $(INSTALLED) pyproject.toml
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
