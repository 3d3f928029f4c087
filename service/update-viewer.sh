#!/bin/sh
# Replaces NiiVue by another version from npm: ./update-viewer.sh 0.69.0
# Afterwards look at the page, and change version and checksum in THIRD_PARTY.md and PageFilesTest.
set -eu
version=${1:?which version of @niivue/niivue?}
target=$(cd "$(dirname "$0")/src/main/resources/dev/preceptor/viewer/page/niivue" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --omit=dev --omit=optional --ignore-scripts "@niivue/niivue@$version"
# The smallest of its builds, and the one without imports of data: addresses, which the Content-Security-Policy refuses.
cp node_modules/@niivue/niivue/dist/niivue.umd.js "$target/niivue.js"
sum=$(sha256sum "$target/niivue.js" | cut -d' ' -f1)
sed -i "1s/NiiVue [0-9.]*/NiiVue $version/; 2s/: .*/: $sum/" "$target/LICENSE.txt"
# What is bundled in it.
for folder in node_modules/* node_modules/@*/*; do
  licence=$(find "$folder" -maxdepth 1 -iname 'licen[cs]e*' | head -n 1)
  [ -n "$licence" ] || continue
  printf '%s %s\n\n' "${folder#node_modules/}" "$(sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$folder/package.json" | head -n 1)"
  cat "$licence"
  printf '\n\n--------\n\n'
done > "$target/BUNDLED.txt"
