#!/usr/bin/env bash
# Makes the secrets that compose.yaml reads, in deploy/secrets/, for this user only. Existing ones stay as they are.
#   deploy/secrets.sh        prints where the token for the browser is
set -euo pipefail
umask 077
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/secrets
[ ! -e "$folder/tokens" ] || { echo "secrets: $folder/tokens exists and is kept" >&2; exit 0; }
mkdir -p "$folder"
secret() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
orthanc=$(secret)
password=$(secret)
printf 'orthanc %s\nbrowser %s\n' "$orthanc" "$(secret)" > "$folder/tokens"
printf '%s\n' "$password" > "$folder/orthanc-password"
printf 'PRECEPTOR_TOKEN=%s\nORTHANC_PASSWORD=%s\n' "$orthanc" "$password" > "$folder/orthanc.env"
# Compose mounts secrets as they are, and the service is user 10001.
chmod 644 "$folder/tokens" "$folder/orthanc-password"
echo "the token to log in with a browser: the line \"browser\" of $folder/tokens" >&2
