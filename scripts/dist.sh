#!/usr/bin/env bash
# dist.sh BINARY: packs the binary and what it needs to run into dist/NAME.tar.gz, with a checksum beside it.
# The same inputs give the same archive: names, order, times and owners are fixed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary="${1:?usage: dist.sh BINARY}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
system=$(uname -s | tr '[:upper:]' '[:lower:]')
name="gatehouse-$version-$system-$(uname -m)"
epoch="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"

tar=tar
"$tar" --version | grep -q GNU || tar=gtar
scripts/need.sh "$tar" gzip sha256sum

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name" dist
install -m 755 "$binary" "$work/$name/gatehouse"
# Found by the run path: beside the program.
install -m 644 .duckdb/lib/libduckdb.* "$work/$name/"
install -m 644 README.md LICENSE NOTICE CHANGELOG.md gatehouse.example.toml "$work/$name/"
install -D -m 644 -t "$work/$name/docs" docs/*.md
install -m 644 crates/catalog/prices/NOTICE "$work/$name/NOTICE.prices"

"$tar" --directory "$work" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --mode='u+rw,go=u,go-w' -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256" && cat "$name.tar.gz.sha256")
