#!/usr/bin/env bash
# Fuzzes one target after the other: `fuzz/run.sh SECONDS [TARGET…]`; without names, all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=$1
shift
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
    targets=(sse event_stream usage mapping conversation price_list)
fi

if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
    echo "fuzz: needs a nightly compiler and cargo-fuzz:" >&2
    echo "fuzz:   rustup toolchain install nightly && cargo install --locked cargo-fuzz" >&2
    exit 1
fi

fuzz/seeds.py
for target in "${targets[@]}"; do
    # A body of 64 KiB that takes ten seconds is read in time that does not grow linearly.
    cargo +nightly fuzz run --fuzz-dir fuzz --target-dir fuzz/target "$target" -- \
        -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048
done
