#!/bin/sh
# Replaces NiiVue by another version from npm: ./update-viewer.sh 0.69.0
# Afterwards look at the page, and change version and checksum in THIRD_PARTY.md and PageFilesTest.
set -eu
version=${1:?which version of @niivue/niivue?}
target=$(cd "$(dirname "$0")/src/main/resources/dev/preceptor/viewer/page/niivue" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "@niivue/niivue@$version" > /dev/null
tar xzf niivue-niivue-*.tgz
# The smallest of its builds, and the one without data: imports, which the Content-Security-Policy refuses.
cp package/dist/niivue.umd.js "$target/niivue.js"
sum=$(sha256sum "$target/niivue.js" | cut -d' ' -f1)
sed -i "1s/NiiVue [0-9.]*/NiiVue $version/; 2s/: .*/: $sum/" "$target/LICENSE.txt"
grep '"license"' package/package.json
