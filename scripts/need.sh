#!/bin/sh
# need.sh TOOL…: ends with an error that says how to get the first tool that is missing or too old.
set -eu

fail() {
    echo "gatehouse: $1" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

for tool in "$@"; do
    case "$tool" in
        cargo) has cargo || fail "cargo is missing: install Rust 1.95 or newer (rustup, or your system's packages)" ;;
        cc) has cc || fail "cc is missing: install a C compiler (Debian: apt-get install build-essential)" ;;
        node)
            has node || fail "node is missing: install Node.js 20.19 or newer"
            node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
                fail "node is $(node --version): install Node.js 20.19 or newer"
            ;;
        npm) has npm || fail "npm is missing: install it with Node.js 20.19 or newer" ;;
        python3)
            has python3 || fail "python3 is missing: install Python 3.11 or newer"
            python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
                fail "$(python3 --version) is too old: install Python 3.11 or newer"
            ;;
        *) has "$tool" || fail "$tool is missing: install it" ;;
    esac
done
