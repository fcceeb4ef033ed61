#!/usr/bin/env bash
# Checks for the tools that the tests need and installs the Debian packages that are missing; the clients'
# tests fetch their own Python and Node packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./need.sh cargo cc node npm python3

packages=()
command -v curl >/dev/null || packages+=(curl ca-certificates)
command -v openssl >/dev/null || packages+=(openssl)
# Debian's python3 has `venv` but not what it needs to put pip in place.
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
# One test makes a network of its own.
command -v ip >/dev/null || packages+=(iproute2)
command -v unshare >/dev/null || packages+=(util-linux)
# The dashboard is tested in a browser.
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || packages+=(chromium)

if [ ${#packages[@]} -gt 0 ]; then
    ./debian.sh "${packages[@]}"
fi
