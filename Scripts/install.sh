#!/usr/bin/env bash
# `make install` and `make uninstall`; the Debian package has the same files, with PREFIX=/usr.
#   Scripts/install.sh install|uninstall     DESTDIR= (a folder in front of all paths) PREFIX=/usr/local PROGRAM=…
set -euo pipefail
cd "$(dirname "$0")/.."
action=$1
prefix=${PREFIX:-/usr/local}
destination=${DESTDIR:-}
program=${PROGRAM:-.build/release/meterbridge}
share=$prefix/share
# Debian keeps this folder for packages, and lets others have their own.
zsh=$share/zsh/site-functions
[ "$prefix" != /usr ] || zsh=$share/zsh/vendor-completions

install_file() { # SOURCE, TARGET, mode
  echo "$destination$2"
  case $action in
    install) install -D -m "${3:-644}" "$1" "$destination$2" ;;
    uninstall) rm -f "$destination$2" ;;
  esac
}

install_all() { # TARGET FOLDER, FILE…
  local folder=$1 file
  shift
  for file in "$@"; do install_file "$file" "$folder/${file##*/}"; done
}

shopt -s nullglob
case $action in
  install) [ -x "$program" ] || { echo "$program is not there: run make build first" >&2; exit 66; } ;;
  uninstall) ;;
  *) echo "install or uninstall, not $action" >&2; exit 64 ;;
esac

unit=$(mktemp)
trap 'rm -f "$unit"' EXIT
sed "s|/usr/local/bin/|$prefix/bin/|g" deploy/meterbridge.service >"$unit"

install_file "$program" "$prefix/bin/meterbridge" 755
install_file "$unit" "$prefix/lib/systemd/system/meterbridge.service"
install_all "$prefix/lib/udev/rules.d" deploy/60-meterbridge.rules
install_all "$share/man/man1" deploy/man/*.1
install_all "$share/man/man5" deploy/man/*.5
for file in deploy/completions/*.bash; do
  install_file "$file" "$share/bash-completion/completions/meterbridge"
done
install_all "$zsh" deploy/completions/_*
install_all "$share/fish/vendor_completions.d" deploy/completions/*.fish
install_all "$share/doc/meterbridge" README.md CHANGELOG.md
# The pages for users. Pictures, and the pages for developers, are in the sources.
for file in docs/*.md; do
  case ${file##*/} in
    ADDING-A-METER.md | ARCHITECTURE.md | HACKING.md | STYLE.md) ;;
    *) install_file "$file" "$share/doc/meterbridge/docs/${file##*/}" ;;
  esac
done
install_file deploy/meterbridge.example.yaml "$share/doc/meterbridge/examples/meterbridge.yaml"
for folder in avahi grafana loxone mosquitto node-red prometheus telegraf; do
  install_all "$share/doc/meterbridge/examples/$folder" deploy/"$folder"/*
done

# The folder for secrets must be there, also when it is empty: the unit hands it to the service.
case $action in
  install)
    install -d -m 755 "$destination/etc/meterbridge"
    install -d -m 700 "$destination/etc/meterbridge/secrets"
    ;;
  uninstall)
    # Configuration and state stay; docs/OPERATION.md says how they go.
    rmdir --ignore-fail-on-non-empty "$destination/etc/meterbridge/secrets" "$destination/etc/meterbridge" 2>/dev/null || true
    [ ! -d "$destination$share/doc/meterbridge" ] || find "$destination$share/doc/meterbridge" -depth -type d -empty -delete
    ;;
esac
