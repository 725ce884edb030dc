#!/usr/bin/env bash
# Home Assistant 2025.11.3 from PyPI, freshly installed, does not start. It pins aiodns 3.5.0, which asks for pycares 4.9 or
# later without an upper bound; pip takes pycares 5.2.1, in which the result types that aiodns names are gone. The first
# import ends with an AttributeError, and aiohttp imports aiodns. `pycares<5` beside it helps: Scripts/home-assistant-root.sh.
#   seen: AttributeError: module 'pycares' has no attribute 'ares_query_a_result'      (Python 3.11 and 3.13)
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
python="$folder/bin/python"

"$python" -m pip install --quiet --disable-pip-version-check aiodns==3.5.0 pycares==5.2.1
said=$("$python" -c 'import aiodns' 2>&1 | tail -1) || true
echo "aiodns 3.5.0 with pycares 5.2.1: $said"
[ "$said" = "AttributeError: module 'pycares' has no attribute 'ares_query_a_result'" ]

"$python" -m pip install --quiet --disable-pip-version-check 'pycares<5'
"$python" -c 'import aiodns'
echo "aiodns 3.5.0 with pycares $("$python" -c 'import pycares; print(pycares.__version__)'): imports"
