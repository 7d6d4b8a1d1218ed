# The same few commands for a newcomer, for a developer and for CI.
.DEFAULT_GOAL := help
.PHONY: help run flask test check chaos bench bench-large reset
BIN := .venv/bin

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .runtime ## Start BN-Aura with everything it needs, and a phone to try it on
	@exec $(BIN)/python -m local run --with-parent

flask: .runtime ## A command for what `make run` has started: make flask ARGS="doctor"
	@$(BIN)/python -m local flask $(ARGS)

test: .development ## Check everything and run all tests
	@$(BIN)/python -m pytest -n 2 --durations 15 tests

check: .development ## Style, types, floors, catalogues, dependencies
	@$(BIN)/python -m pytest tests/check

chaos: .development ## Kill, lock, cut, hang and flood it for ten minutes under load, then judge
	@$(BIN)/python -m tests.chaos

bench: .development ## Measure against the limits of this machine (15 minutes)
	@$(BIN)/python -m benchmarks

bench-large: .development ## Measure with a million rows and more
	@$(BIN)/python -m benchmarks --large

reset: .runtime ## Delete the data of `make run`
	@$(BIN)/python -m local reset

.PHONY: .runtime .development

.runtime:
	@sh local/install.sh requirements.lock requirements-dev.lock

.development:
	@sh local/install.sh requirements-dev.lock
