#!/bin/sh
# Prints the performance tables; `make bench` builds the release binary first. Arguments are numbers of made-up calls.
set -eu
here=$(dirname "$0")
python3 "$here/bench.py"
exec python3 "$here/bench_queries.py" ${1:+--rows "$@"}
