#!/usr/bin/env bash
# `apt-get download` checks what it fetches against the signed list, but not a file that is there already: one of the right
# size is taken as it is, and the command ends with 0. A shorter one is completed and checked. So a script that keeps
# downloads compares the checksum of `apt-cache show` itself, as Scripts/arm64-sdk.sh does.
# Seen with apt 2.6.1 (Debian 12). Ends with 1 where apt behaves otherwise. Needs Debian and a mirror; changes nothing but a
# temporary folder.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=hello
apt-get --version | head -n 1
download() { apt-get -qq -o APT::Sandbox::User=root download "$package"; }
expected=$(apt-cache show --no-all-versions "$package" | sed -n 's/^SHA256: //p')
is() { sha256sum --check --status <<<"$expected  $(echo "$package"_*.deb)"; }
fail() { echo "apt behaves otherwise now: $1"; exit 1; }

download
is || fail "a fresh download is not what the list says"
echo "fresh download: checksum as listed"
truncate -s 1000 "$package"_*.deb
download
is || fail "a shorter file is not completed"
echo "file of 1000 bytes: completed, checksum as listed"
printf X | dd of="$(echo "$package"_*.deb)" bs=1 seek=1000 conv=notrunc status=none
download
! is || fail "a file of the right size is checked"
echo "file with one wrong byte: exit status 0, and the byte is still wrong"
