#!/usr/bin/env bash
# Unpacks deploy/target/preceptor-image.tar and runs a command in it as a container runtime would: as user 10001, the root read-only,
# /tmp in memory, one volume for the data.
#   sudo deploy/check-image.sh [preceptor arguments]       (default: doctor)
# Needs root, unshare and setpriv (util-linux). MODELS, a folder, is mounted at /models.
set -euo pipefail
image=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/target/preceptor-image.tar
[ -r "$image" ] || { echo "check-image: $image is missing; make it with: mvn package -Pimage -DskipTests" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/layers" "$work/root" "$work/data"
tar -C "$work/layers" -xf "$image"
for layer in $(tr ',' '\n' < "$work/layers/manifest.json" | grep -o '[0-9a-f]\{64\}\.tar\.gz'); do
    tar --warning=no-unknown-keyword -C "$work/root" -xzf "$work/layers/$layer"
done
rm -rf "$work/layers"
mkdir -p "$work/root/models" "$work/root/proc" "$work/root/dev"
chown 10001:10001 "$work/data"
[ $# -gt 0 ] || set -- doctor
# The network stays the host's, so that a service can be asked from outside.
WORK=$work MODELS=${MODELS:-} unshare --mount --pid --fork --kill-child bash -euc '
    mount --make-rprivate /
    mount --bind "$WORK/root" "$WORK/root"
    mount --bind "$WORK/data" "$WORK/root/var/lib/preceptor"
    [ -z "$MODELS" ] || mount --bind "$MODELS" "$WORK/root/models"
    mount -t tmpfs -o mode=1777 tmpfs "$WORK/root/tmp"
    mount -t proc proc "$WORK/root/proc"
    mount -t tmpfs tmpfs "$WORK/root/dev"
    mknod -m 666 "$WORK/root/dev/null" c 1 3
    mknod -m 666 "$WORK/root/dev/urandom" c 1 9
    mknod -m 666 "$WORK/root/dev/random" c 1 8
    ln -s /proc/self/fd "$WORK/root/dev/fd"
    mount -o remount,ro,bind "$WORK/root"
    exec chroot "$WORK/root" /usr/bin/setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs \
        /usr/bin/env -i JAVA_HOME=/opt/java HOME=/var/lib/preceptor PATH=/usr/bin:/bin /opt/preceptor/preceptor "$@"
' check-image "$@"
