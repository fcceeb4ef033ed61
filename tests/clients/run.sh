#!/usr/bin/env bash
# Runs the tests with real client libraries and a real browser, after bringing their packages up to date.
# They start the programs in $GATEHOUSE_BIN_DIR, by default those of a debug build; build those before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

venv=../../.venv
wanted=$(sha256sum requirements.txt)
if [ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
    echo "$wanted" >"$venv/requirements.sha256"
fi
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --loglevel=error
    touch node_modules/.package-lock.json
fi

target=${CARGO_TARGET_DIR:-target}
[ "${target#/}" != "$target" ] || target=$(cd ../.. && pwd)/$target
export GATEHOUSE_BIN_DIR=${GATEHOUSE_BIN_DIR:-$target/debug}

status=0
"$venv/bin/python" -m pytest || status=1
node --test --test-timeout=120000 --test-reporter=spec node/*.test.js curl/*.test.js || status=1
exit "$status"
