#!/usr/bin/env bash
# lld's documented `--pack-dyn-relocs=relr` links without a word, and the program does not start: glibc from 2.36 on wants the
# version GLIBC_ABI_DT_RELR beside it, which only `-z pack-relative-relocs` adds. lld 14 knows that one not, and leaves the
# relocations long with a warning; lld 21 of the Swift toolchain knows it, so Package.swift has it.
# Seen with lld 14.0.6 and glibc 2.36 (Debian 12). Ends with 1 where they behave otherwise. Needs apt, a mirror and gcc;
# changes nothing but a temporary folder.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fail() { echo "lld or glibc behaves otherwise now: $1"; exit 1; }

apt-get -qq -o APT::Sandbox::User=root download lld-14=1:14.0.6-12 libllvm14=1:14.0.6-12
for package in *.deb; do dpkg-deb -x "$package" .; done
libraries=$(find "$PWD/usr/lib" -name 'libLLVM-14*.so*' -printf '%h\n' | head -n 1)
mkdir linker
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s/usr/lib/llvm-14/bin/ld.lld "$@"\n' "$libraries" "$PWD" >linker/ld.lld
chmod +x linker/ld.lld
linker/ld.lld --version
# Pointers that are corrected when the program is loaded.
printf '#include <stdio.h>\nstatic const char *words[] = {"a", "b"};\nint main(void) { return puts(words[1]) < 0; }\n' >program.c
link() { gcc -pie -fPIE program.c -o "$1" -fuse-ld=lld -Blinker "-Wl,$2" 2>&1; }

said=$(link packed --pack-dyn-relocs=relr)
[ -z "$said" ] || fail "--pack-dyn-relocs=relr says: $said"
said=$(./packed 2>&1) && fail "the program starts"
echo "$said"
[[ $said == *"DT_RELR without GLIBC_ABI_DT_RELR dependency"* ]] || fail "another reason"

said=$(link long -z,pack-relative-relocs)
echo "$said"
[[ $said == *"unknown -z value: pack-relative-relocs"* ]] || fail "-z pack-relative-relocs is known"
./long >/dev/null || fail "the program with long relocations does not start"
