#!/usr/bin/env bash
# Runs all Rust tests; with cargo-nextest where it is installed. Arguments go to cargo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Programs and tests in one build, so that both share the same features and nothing is compiled twice;
# the clients' tests then start the programs.
cargo build --quiet "$@" --workspace --bins --tests
if command -v cargo-nextest >/dev/null; then
    cargo nextest run "$@" --workspace --no-fail-fast
else
    cargo test --quiet "$@" --workspace --no-fail-fast
fi
