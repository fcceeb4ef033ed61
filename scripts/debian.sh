#!/usr/bin/env bash
# debian.sh PACKAGE…: installs Debian packages, or says that they are needed where it can't.
set -euo pipefail

missing() {
    echo "gatehouse: $1: install these by your system's means (Debian's names): $packages" >&2
    exit 1
}

packages="$*"
command -v apt-get >/dev/null || missing "this is not a Debian system"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || missing "neither root nor sudo"
    as_root=(sudo)
fi

echo "gatehouse: installing $packages"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
if ! install "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    missing "apt-get failed"
fi
