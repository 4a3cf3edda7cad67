#!/bin/sh
# Install the clients of others that the tests in this folder run: tests/clients/install.sh DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --requirement "$here/requirements.txt"
if command -v npm > /dev/null; then
  cp "$here/package.json" .
  npm install --silent --no-audit --no-fund
fi
