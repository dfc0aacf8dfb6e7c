# The commands of the project. Works with GNU make 3.81 and later; set-up needs only Python 3.11–3.13.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help setup run test check types bench docs lock clean warm
help:
	@echo "make setup   install everything needed for work on partystate into .venv"
	@echo "make run     install what a run needs, run the reference history, and write the report"
	@echo "make test    run all tests"
	@echo "make check   style and fast tests (under a minute)"
	@echo "make types   check the declared types of the lower floors"
	@echo "make bench   measure speed and memory; writes docs/performance.md"
	@echo "make docs    write docs/reference from the mechanisms and the registry of parameters"
	@echo "make lock    renew the pinned requirements"
	@echo "make clean   remove the environments and everything else that can be made again"

export PYTHON
.venv/run.ok: requirements/run.txt requirements/uv.txt requirements/install.sh pyproject.toml
	@requirements/install.sh run
	@touch $@

.venv/dev.ok: requirements/dev.txt requirements/uv.txt requirements/install.sh pyproject.toml
	@requirements/install.sh dev
	@touch .venv/run.ok $@

# Compiles the kernels into numba's cache, so that no first run waits for the compiler.
warm: .venv/run.ok
	@$(BIN)/partystate warm

setup: .venv/dev.ok
	@$(MAKE) --no-print-directory warm

run: warm
	$(BIN)/partystate run --only power
	$(BIN)/partystate ensemble --only power --runs 200
	$(BIN)/partystate report --out runs/report.html
	@echo
	@echo "The report is $(CURDIR)/runs/report.html; open it in a browser."
	@echo "To go on:"
	@echo "  $(BIN)/partystate why last                 the events of this history, each of which can be asked about"
	@echo "  $(BIN)/partystate systems                  what can be switched off, and what takes its place"
	@echo "  $(BIN)/partystate record search congress   the evidence"

# A mechanism that is broken keeps the kernels from compiling; the tests say more clearly what is wrong with it.
test: .venv/dev.ok
	-@$(BIN)/partystate warm
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: .venv/dev.ok
	-@$(BIN)/partystate warm
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

types: .venv/dev.ok
	$(BIN)/mypy

# What the countryside benchmark is measured beside lives in an environment of its own.
.venv-peers/peers.ok: requirements/peers.txt requirements/install.sh | .venv/dev.ok
	@requirements/install.sh peers
	@touch $@

bench: setup .venv-peers/peers.ok
	$(BIN)/python benchmarks/run.py

docs: setup
	$(BIN)/python -m partystate.views.reference docs/reference

lock: .venv/run.ok
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) pyproject.toml requirements/run.in -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra dev --extra analysis --extra cluster --extra bench requirements/dev.in -o requirements/dev.txt
	$(COMPILE) --override requirements/peers-override.in requirements/peers.in -o requirements/peers.txt

clean:
	rm -rf .venv .venv-peers build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
