#!/bin/sh
# Prints the performance table; `make bench` builds the release binary first.
set -eu
exec python3 "$(dirname "$0")/bench.py" "$@"
