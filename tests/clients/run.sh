#!/usr/bin/env bash
# Runs the tests with real client libraries and a real browser, after bringing their packages up to date.
# They start the programs in $GATEHOUSE_BIN_DIR, by default those of a debug build; build those before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# An environment for each set of Python libraries that go together; one pip serves all of them.
venvs=$(cd ../.. && pwd)/.venv
pip=("$venvs/newest/bin/python" -m pip --quiet --disable-pip-version-check)
for environment in newest openai1 openai0 loggers schema; do
    venv=$venvs/$environment
    wanted=$(sha256sum "requirements-$environment.txt")
    if [ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
        without_pip=--without-pip
        [ "$environment" != newest ] || without_pip=
        python3 -m venv --clear ${without_pip:+"$without_pip"} "$venv"
        # The file has the whole list, so nothing is left to find out.
        "${pip[@]}" --python "$venv/bin/python" install --no-deps --no-compile --only-binary :all: \
            --requirement "requirements-$environment.txt"
        echo "$wanted" >"$venv/requirements.sha256"
    fi
done
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --loglevel=error
    touch node_modules/.package-lock.json
fi

target=${CARGO_TARGET_DIR:-target}
[ "${target#/}" != "$target" ] || target=$(cd ../.. && pwd)/$target
export GATEHOUSE_BIN_DIR=${GATEHOUSE_BIN_DIR:-$target/debug}

status=0
# Old releases, and a package that changes openai from within, have a process of their own.
for tests in newest:newest openai1:openai1 openai0:openai0 openai0:helicone1 openai0:helicone1_async \
    loggers:loggers schema:schema; do
    "$venvs/${tests%:*}/bin/python" -m pytest "python/${tests#*:}" || status=1
done
node --test --test-timeout=120000 --test-reporter=spec node/*.test.js curl/*.test.js || status=1
exit "$status"
