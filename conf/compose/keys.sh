#!/bin/sh
# Makes the passwords of the scaled Loki once, at random, and keeps them in the
# volume "keys": nothing has a default password.
set -eu
keys=${KEYS:-/run/keys}
[ -s "$keys/gateway.htpasswd" ] && exit 0
word() { head -c 30 /dev/urandom | base64 | tr -d '+/=\n'; }
umask 022
cd "$keys"
word > s3
printf '[default]\naws_access_key_id=loki\naws_secret_access_key=%s\n' "$(cat s3)" > aws
for user in zimbra planr grafana; do
	word > "$user"
	printf '%s:{PLAIN}%s\n' "$user" "$(cat "$user")"
done > users
mv users gateway.htpasswd
