#!/usr/bin/env bash
# The Swift SDK for Linux on arm64, made of Debian's packages: `make build ARCH=arm64` compiles with it. Prints its folder.
#   sysroot   C headers and libraries of Debian 12
#   runtime   Swift's own library, static, from Debian's package `swiftlang` in sid
# It is kept in ~/.cache/meterbridge, for all checkouts; what is there already is not fetched again. Once: a download of
# 600 MB, of which 400 MB are kept.
#   DEBIAN_MIRROR=http://…   another mirror;   METERBRIDGE_CACHE=FOLDER   another place
set -euo pipefail
cd "$(dirname "$0")/.."

# The package that tests were run with. Another version is taken too: `make soak` decodes all samples with what comes of it.
proven=6.2.3-1+b1
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
cache=${METERBRIDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/meterbridge}
bundles=$cache/arm64
sdk=$bundles/meterbridge.artifactbundle/arm64
headers=libc6-dev,libgcc-12-dev,libstdc++-12-dev,linux-libc-dev,libmosquitto-dev,libyaml-dev,libssl-dev,libcurl4-openssl-dev,libsqlite3-dev,libmicrohttpd-dev

say() { echo "$*" >&2; }
fail() { say "arm64-sdk: $*"; exit 69; }

[ "$(dpkg --print-architecture)" != arm64 ] || fail "this machine is arm64: build without ARCH"
Scripts/install-dependencies.sh mmdebstrap >&2
mkdir -p "$sdk"
exec 9>"$cache/arm64.lock"
flock 9  # one at a time: other checkouts use the same folder

info=$(swiftc -print-target-info)
resources=$(sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p' <<<"$info")
toolchain=${resources%/lib/swift}
compiler=$(sed -n 's/.*"compilerVersion": "Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$info")

# Every step makes its folder beside and moves it into place when it is whole, so that one that was interrupted is done again.

# `extract`: no script of a package runs, so none needs an arm64 processor. Its /dev would hide this machine's from qemu -L.
make_sysroot() {
  local new=$sdk/sysroot.new
  say "unpacking the headers and libraries of Debian 12 for arm64"
  rm -rf "$new" && mkdir "$new"
  mmdebstrap --quiet --variant=extract --architectures=arm64 --include="$headers" bookworm - "$mirror" |
    tar --extract --directory "$new" --no-same-owner --exclude './dev/*' ||
    fail "packages for arm64 cannot be had from $mirror (DEBIAN_MIRROR names another one)"
  # Links from the root of another system would lead into this one.
  find "$new/usr/lib" -type l -lname '/*' -print | while read -r link; do
    ln -sfnr "$new$(readlink "$link")" "$link"
  done
  echo "$headers" >"$new/packages"
  rm -rf "$sdk/sysroot" && mv "$new" "$sdk/sysroot"
}

# apt checks the signature of the archive, whose list has the checksum of the package.
make_runtime() {
  local apt=$cache/apt new=$sdk/runtime.new
  mkdir -p "$apt"/{lists/partial,archives/partial,sources}
  : >"$apt/status"
  printf '%s\n' 'Types: deb' "URIs: $mirror" 'Suites: sid' 'Components: main' 'Architectures: arm64' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$apt/sources/sid.sources"
  printf '%s\n' "Dir::State \"$apt\";" "Dir::State::status \"$apt/status\";" "Dir::Cache \"$apt\";" \
    'Dir::Etc::SourceList "/dev/null";' "Dir::Etc::SourceParts \"$apt/sources\";" \
    'APT::Architecture "arm64";' 'APT::Architectures { "arm64"; };' 'APT::Sandbox::User "root";' \
    'Acquire::Languages "none";' 'Acquire::Check-Valid-Until "false";' >"$apt/apt.conf"
  export APT_CONFIG=$apt/apt.conf
  apt-get update -qq >&2 || fail "the list of Debian sid cannot be had from $mirror (DEBIAN_MIRROR names another one)"
  local entry version checksum package
  entry=$(apt-cache show --no-all-versions swiftlang)
  version=$(sed -n 's/^Version: //p' <<<"$entry")
  checksum=$(sed -n 's/^SHA256: //p' <<<"$entry")
  package=$apt/archives/swiftlang_${version}_arm64.deb
  [ -n "$version" ] || fail "$mirror has no package swiftlang for arm64"
  [ "$(printf '%s\n' "${version%%-*}" "$compiler.999" | sort -V | tail -1)" = "$compiler.999" ] ||
    fail "the Swift library of Debian sid is $version, newer than this compiler ($compiler): install that toolchain"
  [ "$version" = "$proven" ] || say "swiftlang $version was not tried before ($proven was): run make soak"
  say "downloading swiftlang $version for arm64, 508 MB"
  (cd "$apt/archives" && apt-get download -qq swiftlang >&2) || fail "swiftlang cannot be had from $mirror"
  # apt goes on with a file that an interrupted download left, but does not look into one of the right size.
  if ! sha256sum --check --quiet <<<"$checksum  $package" >&2; then
    rm "$package"
    fail "the downloaded swiftlang is damaged, and was removed: start again"
  fi
  rm -rf "$new" && mkdir -p "$new"
  say "unpacking its static library"
  dpkg-deb --fsys-tarfile "$package" |
    tar --extract --directory "$new" --no-same-owner --strip-components 4 ./usr/libexec/swift/lib/swift_static
  # Another compiler's modules are refused, but it makes them again from the textual interfaces beside them.
  find "$new" -name '*.swiftmodule' -type f -delete
  echo "$version" >"$new/version"
  rm -rf "$sdk/runtime" "$apt" && mv "$new" "$sdk/runtime"
}

[ "$(cat "$sdk/sysroot/packages" 2>/dev/null)" = "$headers" ] || make_sysroot
[ -s "$sdk/runtime/version" ] || make_runtime

# What belongs to this toolchain and this place.
ln -sfn "$toolchain/lib/clang" "$sdk/runtime/lib/clang"
ln -sfn "../clang/$(ls "$toolchain/lib/clang")" "$sdk/runtime/lib/swift_static/clang"
ln -sfn ../../../runtime/lib/swift_static "$sdk/sysroot/usr/lib/swift_static"
# The library was built against the C library of sid, whose headers give these functions other names since 2.38.
cat >"$sdk/c23.c" <<'C'
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
int __isoc23_sscanf(const char *text, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int count = vsscanf(text, format, values);
  va_end(values);
  return count;
}
C
"$toolchain/bin/clang" --target=aarch64-unknown-linux-gnu --sysroot="$sdk/sysroot" -O2 -fPIC -c "$sdk/c23.c" -o "$sdk/c23.o"
cat >"$bundles/meterbridge.artifactbundle/info.json" <<JSON
{"schemaVersion": "1.0",
 "artifacts": {"arm64": {"type": "swiftSDK", "version": "1.0.0", "variants": [{"path": "arm64"}]}}}
JSON
cat >"$sdk/swift-sdk.json" <<JSON
{"schemaVersion": "4.0",
 "targetTriples": {"aarch64-unknown-linux-gnu": {
   "sdkRootPath": "sysroot", "swiftResourcesPath": "runtime/lib/swift_static",
   "swiftStaticResourcesPath": "runtime/lib/swift_static", "toolsetPaths": ["toolset.json"]}}}
JSON
cat >"$sdk/toolset.json" <<JSON
{"schemaVersion": "1.0",
 "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld"]},
 "linker": {"extraCLIOptions": ["$sdk/c23.o"]}}
JSON
echo "$sdk"
