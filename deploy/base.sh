#!/usr/bin/env bash
# Makes a base for the image from Debian's packages, where no registry can be reached:
#   sudo deploy/base.sh base.tar && mvn package -Pimage -DskipTests -Dimage.base=tar://$PWD/base.tar
# Needs root, debootstrap and a Debian mirror (MIRROR, default http://deb.debian.org/debian).
set -euo pipefail
out=$(realpath -m "${1:?usage: deploy/base.sh OUT.tar}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase --include=libstdc++6,libgcc-s1 bookworm "$work/root" "${MIRROR:-http://deb.debian.org/debian}" >&2
rm -rf "$work/root/var/cache/apt" "$work/root/var/lib/apt/lists" "$work/root/usr/share/doc" "$work/root/usr/share/man"
mkdir "$work/image"
tar --sort=name --mtime=@0 --numeric-owner --exclude=./dev/* -C "$work/root" -cf "$work/image/layer.tar" .
layer=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
cat > "$work/image/config.json" << JSON
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]}}
JSON
echo '[{"Config":"config.json","RepoTags":["debian:bookworm-minbase"],"Layers":["layer.tar"]}]' > "$work/image/manifest.json"
tar -C "$work/image" -cf "$out.part" manifest.json config.json layer.tar
mv "$out.part" "$out"
