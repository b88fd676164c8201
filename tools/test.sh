#!/bin/sh
# Run every check, the tests last, and say at the end which of them failed. TEST_JOBS: how many tests run at once.
set -u
cd "$(dirname "$0")/.."

bin=.venv/bin
failed=''

step() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed="${failed:+$failed, }$name"
}

step 'ruff check' "$bin/ruff" check .
step 'ruff format' "$bin/ruff" format --check .
step 'mypy' "$bin/mypy"
step 'import-linter' "$bin/lint-imports"
step 'repository review' "$bin/sp-repo-review" --show err .
step 'API reference' "$bin/python" tools/api_reference.py --check
if [ "${1:-}" != '--lint-only' ]; then
    step 'pytest' "$bin/python" -m pytest -q -n "${TEST_JOBS:-2}" -m "${TEST_MARK:-not deep}"
fi

if [ -n "$failed" ]; then
    printf '\nFAILED: %s\n' "$failed" >&2
    exit 1
fi
