#!/usr/bin/env bash
# A layer of an image may have a file without entries for the folders above it. tar makes such folders with mode 755, and so does
# umoci. Docker makes them with mode 600. Then no user but root gets at the file, which is seen only when
# the container runs as another user. So every layer of ours, or one below it, has each folder (Scripts/image.sh).
# Seen with docker.io 20.10.24 (Debian 12). Ends with 1 where Docker behaves otherwise. Needs root, Debian 12 and a mirror;
# runs a daemon of its own in a temporary folder, without networks.
set -euo pipefail
folder=$(mktemp -d)
daemon=
trap 'if [ -n "$daemon" ]; then kill "$daemon" || true; wait "$daemon" || true; fi; rm -rf --one-file-system "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download docker.io=20.10.24* containerd runc libsystemd0 libdevmapper1.02.1
for package in *.deb; do dpkg-deb -x "$package" tools; done
export PATH=$folder/tools/usr/bin:$folder/tools/usr/sbin:$PATH DOCKER_HOST=unix://$folder/socket
export LD_LIBRARY_PATH=$folder/tools/usr/lib/x86_64-linux-gnu:$folder/tools/lib/x86_64-linux-gnu
dockerd --version
dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" --host "$DOCKER_HOST" \
  --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs >daemon.log 2>&1 &
daemon=$!
for _ in $(seq 100); do docker version >/dev/null 2>&1 && break; sleep 0.2; done

mkdir -p image/in/var/lib/state
tar -C image/in --owner=65532 --group=65532 -cf image/layer.tar --no-recursion var/lib/state
sum=$(sha256sum image/layer.tar | cut -d ' ' -f 1)
printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["/none"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$sum" >image/config.json
printf '[{"Config":"config.json","RepoTags":["finding:1"],"Layers":["layer.tar"]}]' >image/manifest.json
tar -C image -cf image.tar config.json manifest.json layer.tar
docker load -q -i image.tar
docker export "$(docker create finding:1)" | tar -tvf - --numeric-owner | grep ' var/' | tee folders
mkdir plain && tar -C plain -xf image/layer.tar
echo "tar makes var with mode $(stat -c %a plain/var)"
grep -q '^drw------- 0/0 .* var/$' folders && grep -q '^drw------- 0/0 .* var/lib/$' folders ||
  { echo "Docker behaves otherwise now"; exit 1; }
