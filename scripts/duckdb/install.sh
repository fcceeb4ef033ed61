#!/bin/sh
# Puts the prebuilt libduckdb that crates/store-log links into `.duckdb/lib`. Says nothing when it is there already.
#
# The library comes from DuckDB's npm packages. Linux on x86-64 is pinned by hash in package-lock.json; the
# other platforms are pinned by version, and npm checks the hash that the registry states.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
home="$root/.duckdb"

fail() {
    echo "duckdb: $1" >&2
    exit 1
}

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 library=libduckdb.so ;;
    Linux-aarch64) platform=linux-arm64 library=libduckdb.so ;;
    Darwin-arm64) platform=darwin-arm64 library=libduckdb.dylib ;;
    Darwin-x86_64) platform=darwin-x64 library=libduckdb.dylib ;;
    *) fail "no prebuilt library for $(uname -sm): build with the cargo feature \`bundled\` instead" ;;
esac

version=$(sed -n 's/.*"@duckdb\/node-bindings-linux-x64": "\(.*\)".*/\1/p' "$here/package.json")
stamp="$platform $version"
if [ -f "$home/lib/$library" ] && [ "$(cat "$home/stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi
command -v npm >/dev/null || fail "npm is needed to fetch libduckdb $version (install Node.js), or build with the cargo feature \`bundled\`"

mkdir -p "$home"
work=$(mktemp -d "$home/install.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$work/"
package="@duckdb/node-bindings-$platform"
options="--no-audit --no-fund --ignore-scripts --loglevel=error"
if [ "$platform" = linux-x64 ]; then
    # shellcheck disable=SC2086 # a list of words
    (cd "$work" && npm ci $options >npm.log 2>&1) || fail "npm could not fetch $package@$version: $(tail -n 5 "$work/npm.log")"
else
    rm "$work/package.json" "$work/package-lock.json"
    # shellcheck disable=SC2086 # a list of words
    (cd "$work" && npm install $options --prefix . "$package@$version" >npm.log 2>&1) ||
        fail "npm could not fetch $package@$version: $(tail -n 5 "$work/npm.log")"
fi

found="$work/node_modules/$package/$library"
[ -f "$found" ] || fail "$package@$version holds no $library"
mkdir -p "$home/lib"
# A rename, so that a program that runs with the old library keeps it.
mv "$found" "$home/lib/$library"
echo "$stamp" >"$home/stamp"
echo "duckdb: installed $stamp"
