#!/bin/sh
# Install the clients of others that the tests in this folder run: tests/clients/install.sh DIR
# If DIR already has these versions, this does nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
wanted=$(cat "$here/requirements.txt" "$here/package.json")
if [ "$(cat installed 2> /dev/null)" = "$wanted" ]; then exit; fi
rm -rf installed node_modules package-lock.json python

python3 -m venv python
if command -v uv > /dev/null && uv --version > /dev/null 2>&1; then
  uv pip install --quiet --python python/bin/python --requirements "$here/requirements.txt"
else
  python/bin/pip install --quiet --no-compile --requirement "$here/requirements.txt"
fi
if command -v npm > /dev/null; then
  cp "$here/package.json" .
  npm install --silent --no-audit --no-fund
fi
printf '%s\n' "$wanted" > installed
