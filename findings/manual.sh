#!/usr/bin/env bash
# bash 5.2: three signs end a word for completion, but one of them does not act like the other two.
#
# COMP_WORDBREAKS has `=`, `:` and `@`. Behind `=` and `:` a completion function must reply with the rest of the word alone:
# `--key=fi` wants `file`. So one expects the same behind `@`. But readline also has `@` among its special prefixes: the
# sign stays with the word, and the reply `file` to `@fi` replaces the sign too. Seen with bash 5.2.15 of Debian 12 on a
# pseudo-terminal (pexpect 4.9.0): `name=one`, `name:one`, and `one` where `@one` was wanted. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install pexpect==4.9.0

cat >"$folder/rc" <<'END'
PS1='ready> '
bind 'set enable-bracketed-paste off'
try() { printf 'GOT<%s>\n' "$1"; }
reply() { COMPREPLY=(one); }
complete -F reply try
END

bash --version | head -1
"$folder/venv/bin/python" - "$folder/rc" <<'END'
import sys
import pexpect

shell = pexpect.spawn("bash", ["--noprofile", "--rcfile", sys.argv[1], "-i"], timeout=20, encoding="utf-8")
shell.expect_exact("ready> ")
wrong = False
for typed, expected in [("name=o", "name=one"), ("name:o", "name:one"), ("@o", "one")]:
    shell.send(f"try {typed}\t\n")
    shell.expect("GOT<(.*?)>")
    got = shell.match.group(1)
    print(f"{typed:8} and a Tab: {got}")
    wrong |= got != expected
    shell.expect_exact("ready> ")
sys.exit(wrong)
END
