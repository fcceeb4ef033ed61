# `make run` and `make test` are all that a fresh machine needs: both fetch what they build with.
# The order matters: libduckdb is there before cargo links crates/store-log, and the dashboard is built
# before cargo embeds it in the binary.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

CONFIG ?=
ARGS ?=
SECONDS ?= 60
NAME ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)
# In CI a stale Cargo.lock is a failure, at a desk it is brought up to date.
LOCKED := $(if $(CI),--locked)
CONFIG_ARG := $(if $(CONFIG),--config $(CONFIG))

# The run path in .cargo/config.toml serves the usual target directory and is replaced by RUSTFLAGS.
ifneq ($(CARGO_TARGET_DIR)$(RUSTFLAGS),)
export LD_LIBRARY_PATH := $(CURDIR)/.duckdb/lib$(if $(LD_LIBRARY_PATH),:$(LD_LIBRARY_PATH))
endif

.PHONY: help run double build dist lint test test-setup test-scripts test-rust test-web test-clients fmt clippy bench fuzz prices clean duckdb web

help: ## Lists the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Builds everything and starts the server (CONFIG=file names a configuration, ARGS=… is passed on).
	@exec $(TARGET)/release/gatehouse serve $(CONFIG_ARG) $(ARGS)

double: ## Starts a pretend provider, for `make run CONFIG=.double/gatehouse.toml` without an account.
	@scripts/need.sh cargo cc
	@cargo build --quiet --release $(LOCKED) -p gatehouse-testkit --bin provider-double
	@exec $(TARGET)/release/provider-double --dir .double --write-config .double/gatehouse.toml

build: duckdb web ## Builds target/release/gatehouse, dashboard included.
	@scripts/need.sh cargo cc
	@cargo build --release $(LOCKED) -p gatehouse

dist: build ## Packs the binary with what it needs into dist/.
	@scripts/dist.sh $(TARGET)/release/gatehouse

lint: duckdb fmt clippy web/node_modules/.package-lock.json ## Checks the format and the lints of Rust, dashboard and scripts.
	@npm --prefix web run --silent lint
	@if command -v shellcheck >/dev/null; then git ls-files '*.sh' .ci/run | xargs shellcheck; \
	else echo "lint: shellcheck is not installed, scripts are not checked" >&2; fi

test: test-setup test-scripts test-rust test-web test-clients ## Installs what the tests need and runs all of them.

bench: build ## Measures what calls cost, against nginx, and what questions about 1 M and 10 M of them and the dashboard take (ROWS=… for others).
	@scripts/need.sh python3
	@command -v nginx >/dev/null && command -v wrk >/dev/null || scripts/debian.sh nginx-light wrk
	@bench/run.sh $(ROWS)

fuzz: ## Feeds what reads foreign bytes with random ones (SECONDS=60 of each target, NAME="sse usage" for some).
	@scripts/need.sh cargo python3
	@fuzz/run.sh $(SECONDS) $(NAME)

prices: ## Makes the price book anew from the pinned releases of price lists, with a review of what changed.
	@scripts/need.sh python3
	@python3 scripts/prices/make_book.py

clean: ## Removes what was built; keeps data/, .double/ and the configuration.
	@rm -rf $(TARGET) fuzz/target dist web/dist web/node_modules .duckdb .venv tests/clients/node_modules tests/clients/.venv

# The parts of the targets above.

duckdb:
	@scripts/duckdb/install.sh

fmt:
	@scripts/need.sh cargo
	@cargo fmt --all --check

clippy: duckdb
	@scripts/need.sh cargo cc
	@cargo clippy --quiet $(LOCKED) --workspace --all-targets -- -D warnings

test-setup: duckdb web
	@scripts/test-setup.sh

test-scripts:
	@cd scripts/prices && python3 -m unittest --quiet

test-rust: fmt clippy
	@scripts/test-rust.sh $(LOCKED)

test-web: web/node_modules/.package-lock.json
	@npm --prefix web run --silent lint
	@npm --prefix web run --silent test

test-clients:
	@tests/clients/run.sh

web: web/dist/index.html

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@scripts/need.sh node npm
	@echo "web: installing packages"
	@npm --prefix web ci --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json web/index.html web/vite.config.ts web/tsconfig.json \
		$(shell find web/src web/public -type f 2>/dev/null)
	@echo "web: building the dashboard"
	@npm --prefix web run --silent build -- --logLevel warn
	@touch $@
