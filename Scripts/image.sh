#!/usr/bin/env bash
# `make image`: container images of the program for amd64 and arm64, made without a daemon. In .build/image:
#   meterbridge_VERSION_oci.tar            both, behind one index: for registries, skopeo, podman and the newer Docker
#   meterbridge_VERSION_docker_ARCH.tar    one alone: for every `docker load`
# They hold the program and the libraries of Debian 12 that it uses, no shell and no other program. Two layers: the system's
# stays the same until Debian corrects something. The same program, packages and commit give the same bytes.
#   ARCHS=amd64      makes that one alone; on arm64, where nothing builds for amd64, it is arm64 alone anyway
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/install-dependencies.sh mmdebstrap openssl

version=$(Scripts/version.sh)
machine=$(dpkg --print-architecture)
created=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)
archs=${ARCHS:-$([ "$machine" = arm64 ] || echo "$machine") arm64}
out=.build/image
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-${mirror%/debian}/debian-security}
# The last two libraries are loaded when a configuration needs them.
packages=libmosquitto1,libyaml-0-2,libssl3,libsqlite3-0,libstdc++6,tzdata,ca-certificates,base-files,libcurl4,libmicrohttpd12
limit=25000000  # bytes of an image, compressed
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')

fail() { echo "image: $*" >&2; exit 1; }
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
pack() { tar --create --sort=name --mtime=@0 --numeric-owner --format=gnu --owner="$1" --group="$2" "${@:3}"; }

# Unpacks the packages into a folder, and does what their scripts would have done. None of them runs: `extract` needs no
# processor of that architecture.
unpack_system() {
  local arch=$1 root=$2
  mkdir -p "$root"
  mmdebstrap --quiet --variant=extract --architectures="$arch" --include="$packages" bookworm - <<SOURCES |
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $security bookworm-security main
SOURCES
    tar --extract --directory "$root" --no-same-owner --exclude './dev/*' || fail "no packages for $arch from $mirror"
  (
    cd "$root"
    # The authorities, by their hashes for libmosquitto, and as one file for libcurl.
    for certificate in usr/share/ca-certificates/mozilla/*.crt; do
      cp "$certificate" "etc/ssl/certs/$(basename "$certificate" .crt).pem"
    done
    openssl rehash etc/ssl/certs
    cat usr/share/ca-certificates/mozilla/*.crt >etc/ssl/certs/ca-certificates.crt
    echo 'hosts: files dns' >etc/nsswitch.conf
    printf 'root:x:0:0::/:/\nmeterbridge:x:65532:20::/var/lib/meterbridge:/\n' >etc/passwd
    printf 'root:x:0:\ndialout:x:20:\n' >etc/group
    # What mmdebstrap has of this machine, then programs and what they need. Licences stay.
    rm -rf etc/{hostname,resolv.conf,fstab} bin sbin usr/{bin,sbin,games} home boot media mnt opt srv root var tmp \
      usr/share/{man,info,locale,lintian,bug,perl5,base-files,debconf,pixmaps,menu,ca-certificates} etc/ca-certificates \
      usr/lib/systemd lib/systemd etc/{systemd,cron*,init.d,default,update-motd.d,profile*,dpkg,apt,debconf.conf,skel} \
      usr/lib/*/{gconv,perl*,krb5,sasl2,gio}
    find usr/share/doc -type f ! -name copyright -delete
    find usr/share/doc -type d -empty -delete
    # With each folder above it: Docker makes those that no layer has for root alone.
    install -d etc/meterbridge var/lib
  )
}

# Writes a layer of the image: what comes on standard input. Its two digests are in `diff` and `layer`.
add_layer() {
  cat >"$out/layer.tar"
  diff=$(digest "$out/layer.tar")
  gzip --no-name --best "$out/layer.tar"
  layer=$(digest "$out/layer.tar.gz")
  mv "$out/layer.tar.gz" "$blobs/$layer"
}

# Writes standard input as a document of the image; prints its digest.
add_document() {
  cat >"$out/document"
  local digest
  digest=$(digest "$out/document")
  mv "$out/document" "$blobs/$digest"
  echo "$digest"
}

# `"mediaType", "digest", "size"` of a blob.
descriptor() { echo "\"mediaType\":\"$1\",\"digest\":\"sha256:$2\",\"size\":$(stat -c %s "$blobs/$2")"; }

oci=application/vnd.oci.image
rm -rf "$out"
blobs=$out/oci/blobs/sha256
mkdir -p "$blobs"
manifests=
for arch in $archs; do
  echo "the image for $arch"
  program=.build/release/meterbridge
  [ "$arch" = "$machine" ] || program=.build/$arch/meterbridge
  [ -x "$program" ] || fail "$program is not there: make build ARCH=$arch"
  work=$out/$arch
  unpack_system "$arch" "$work/system"
  install -D "$program" "$work/program/usr/bin/meterbridge"
  "${resources%/lib/swift}/bin/llvm-objcopy" --strip-all "$work/program/usr/bin/meterbridge"
  mkdir -p "$work/state/var/lib/meterbridge" && chmod 700 "$work/state/var/lib/meterbridge"
  add_layer < <(pack 0 0 --directory "$work/system" --mode=go-w .)
  layers=($layer) diffs=($diff)
  # The state belongs to the user of the image: a volume that is mounted there takes over its owner.
  pack 0 0 --directory "$work/program" --file "$out/program.tar" usr
  pack 65532 20 --directory "$work/state" --file "$out/state.tar" var/lib/meterbridge
  tar --concatenate --file "$out/program.tar" "$out/state.tar"
  add_layer <"$out/program.tar"
  layers+=($layer) diffs+=($diff)
  rm "$out"/{program,state}.tar

  platform="\"architecture\":\"$arch\",\"os\":\"linux\"$([ "$arch" != arm64 ] || echo ',"variant":"v8"')"
  # `Healthcheck` is Docker's; OCI leaves room for it.
  config=$(add_document <<JSON
{"created":"$created",$platform,
"config":{"User":"65532:20","Entrypoint":["/usr/bin/meterbridge"],"Cmd":["run"],"WorkingDir":"/",
"Env":["PATH=/usr/bin","STATE_DIRECTORY=/var/lib/meterbridge"],"Volumes":{"/var/lib/meterbridge":{}},
"Healthcheck":{"Test":["CMD","/usr/bin/meterbridge","status"],
"Interval":60000000000,"Timeout":15000000000,"StartPeriod":120000000000,"Retries":3},
"Labels":{"org.opencontainers.image.title":"MeterBridge",
"org.opencontainers.image.description":"Electricity, gas, heat and water meters on MQTT",
"org.opencontainers.image.version":"$version","org.opencontainers.image.created":"$created",
"org.opencontainers.image.revision":"$(git rev-parse HEAD)","org.opencontainers.image.licenses":"Apache-2.0"}},
"rootfs":{"type":"layers","diff_ids":["sha256:${diffs[0]}","sha256:${diffs[1]}"]},
"history":[{"created":"$created","created_by":"Scripts/image.sh: Debian 12"},
{"created":"$created","created_by":"Scripts/image.sh: MeterBridge $version"}]}
JSON
  )
  manifest=$(add_document <<JSON
{"schemaVersion":2,"mediaType":"$oci.manifest.v1+json","config":{$(descriptor $oci.config.v1+json "$config")},
"layers":[{$(descriptor $oci.layer.v1.tar+gzip "${layers[0]}")},{$(descriptor $oci.layer.v1.tar+gzip "${layers[1]}")}]}
JSON
  )
  manifests+="${manifests:+,}{$(descriptor $oci.manifest.v1+json "$manifest"),\"platform\":{$platform}}"

  # What `docker save` writes: names of the files, and a list of them.
  mkdir "$work/docker"
  cp "$blobs/$config" "$work/docker/$config.json"
  for layer in "${layers[@]}"; do cp "$blobs/$layer" "$work/docker/$layer.tar.gz"; done
  echo "[{\"Config\":\"$config.json\",\"RepoTags\":[\"meterbridge:$version\"]," \
    "\"Layers\":[\"${layers[0]}.tar.gz\",\"${layers[1]}.tar.gz\"]}]" >"$work/docker/manifest.json"
  archive=$out/meterbridge_${version}_docker_$arch.tar
  (cd "$work/docker" && pack 0 0 -- *) >"$archive"
  [ "$(stat -c %s "$archive")" -le $limit ] || fail "$archive is larger than $limit bytes"
  rm -rf "$work"
done

index=$(add_document <<JSON
{"schemaVersion":2,"mediaType":"$oci.index.v1+json","manifests":[$manifests]}
JSON
)
echo '{"imageLayoutVersion":"1.0.0"}' >"$out/oci/oci-layout"
cat >"$out/oci/index.json" <<JSON
{"schemaVersion":2,"manifests":[{$(descriptor $oci.index.v1+json "$index"),
"annotations":{"org.opencontainers.image.ref.name":"meterbridge:$version"}}]}
JSON
(cd "$out/oci" && pack 0 0 -- *) >"$out/meterbridge_${version}_oci.tar"
rm -rf "$out/oci"
ls -l "$out"
