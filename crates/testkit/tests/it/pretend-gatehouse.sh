#!/bin/sh
# Behaves like the binary as far as the harness looks: PRETEND_API is the API's address, PRETEND_FAIL the reason not to start.
if [ -n "$PRETEND_FAIL" ]; then
    echo "$PRETEND_FAIL" >&2
    exit 3
fi
trap 'echo bye >&2; kill $!; exit 7' TERM
echo "args $*"
echo "gateway http://127.0.0.1:1"
echo "api http://$PRETEND_API"
echo "extra $GATEHOUSE_EXTRA" >&2
tail --pid=$$ -s 0.2 -f /dev/null &
wait
