#!/bin/sh
# Write requirements.lock anew: the newest versions that pyproject.toml allows, for every platform and Python from
# 3.11 on, with the hash of every file. Runs in an environment of its own, which is thrown away.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

"${PYTHON:-python3}" -I -m venv "$scratch/env"
"$scratch/env/bin/python" -I -m pip --disable-pip-version-check install --quiet uv
# Without a header and index addresses, so that the file names no host and no path.
"$scratch/env/bin/uv" pip compile pyproject.toml --group dev --group build --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file "$scratch/requirements.lock" >/dev/null

if grep -nE '://|^ *(-i|-f|--index-url|--extra-index-url|--find-links)| @ ' "$scratch/requirements.lock"; then
    echo "lock: the lines above name a host or a path; requirements.lock is left as it was" >&2
    exit 1
fi
cp "$scratch/requirements.lock" requirements.lock
echo "lock: requirements.lock holds $(grep -c '^[a-z0-9]' requirements.lock) pinned versions"
