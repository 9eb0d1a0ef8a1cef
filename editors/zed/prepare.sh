#!/bin/sh
# Writes the extension for Zed into a folder, for `zed: install dev extension`. Zed takes the grammar from a
# commit of a git repository, so the manifest names this checkout and its last commit.
# Usage: sh editors/zed/prepare.sh FOLDER
set -eu
[ $# -eq 1 ] || { echo "usage: sh $0 FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(git -C "$here" rev-parse --show-toplevel)
commit=$(git -C "$here" rev-parse HEAD)
mkdir -p "$1"
cp -R "$here/Cargo.toml" "$here/src" "$here/languages" "$1/"
sed -e "s|@REPOSITORY@|file://$checkout|" -e "s|@COMMIT@|$commit|" "$here/extension.toml.in" > "$1/extension.toml"
echo "In Zed: command palette, \`zed: install dev extension\`, $1"
