#!/bin/sh
# Make .venv ready: the locked versions, and this checkout installed in place.
# Does nothing (and needs no network) when it is ready already. PYTHON names the interpreter to use.
set -eu
cd "$(dirname "$0")/.."

here=$(pwd -P)
wanted=${PYTHON:-}
python=${wanted:-python3}
env_python=.venv/bin/python
# What the set-up was made from is kept inside .venv; it is complete only while all of it still agrees.
made=.venv/lemmata-setup

fail() {
    printf 'set-up: %s\n' "$1" >&2
    exit 1
}

version_of() { "$1" -E -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# Sound: the interpreter runs, it is the one the environment was made with, and the folder has not been moved.
sound() {
    [ -f "$made/location" ] && [ "$(cat "$made/location")" = "$here" ] || return 1
    [ "$(version_of "$env_python")" = "$(cat "$made/python" 2>/dev/null)" ] || return 1
    [ -z "$wanted" ] || [ "$(version_of "$wanted")" = "$(cat "$made/python")" ]
}

# Somebody made .venv here by hand, with python -m venv: it is taken over as it is, with whatever else is in it.
made_by_hand() {
    [ ! -e "$made" ] && [ -x "$env_python" ] || return 1
    "$env_python" -I -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || return 1
    grep -F "command = " .venv/pyvenv.cfg | grep -qF -- "-m venv $here/.venv"
}

# Before Python 3.13 a .pth is read in the encoding of the locale, and where that cannot say the name of this folder
# (LC_ALL=C, and a letter with an accent) Python does not even start: the name is written so that every locale reads it.
readable_anywhere() {
    for pth in .venv/lib/python3*/site-packages/_editable_impl_lemmata.pth; do
        if [ -f "$pth" ] && LC_ALL=C grep -q '[^ -~]' "$pth"; then
            "$env_python" -I -S -c '
import sys
with open(sys.argv[1], "rb") as file:
    folders = file.read().splitlines()
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.writelines(f"import os, sys; sys.path.append(os.fsdecode({folder!r}))\n" for folder in folders)
' "$pth" || fail "$pth could not be rewritten (see above)"
        fi
    done
}

remember() {
    mkdir -p "$made"
    : >"$made/unfinished"
    printf '%s\n' "$here" >"$made/location"
}

if made_by_hand; then
    echo 'set-up: taking over the .venv that is here'
    remember
    version_of "$env_python" >"$made/python"
    rm "$made/unfinished"
fi

readable_anywhere

# An environment is rebuilt from nothing when it is not sound or when its set-up was interrupted.
if ! sound || [ -e "$made/unfinished" ]; then
    version=$(version_of "$python") || fail "no Python was found as '$python'; install Python 3.11 or newer, or name one: make PYTHON=python3.12"
    "$python" -E -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "lemmata needs Python 3.11 or newer, but '$python' is Python $version; name a newer one: make PYTHON=python3.12"
    "$python" -I -c 'import venv, ensurepip' 2>/dev/null ||
        fail "'$python' has no venv module; install it (on Debian and Ubuntu: apt-get install python3-venv) and run make again"
    echo "set-up: making .venv with Python $version"
    rm -rf .venv
    remember
    "$python" -I -m venv .venv || fail "the virtual environment .venv could not be made"
    version_of "$env_python" >"$made/python"
fi

# One pip for all of this: nothing asked, nothing checked for updates, never the user's own site-packages.
pip() { PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$env_python" -I -m pip --disable-pip-version-check --no-input "$@"; }

if ! cmp -s requirements.lock "$made/requirements.lock"; then
    echo "set-up: installing the versions in requirements.lock (one to three minutes the first time)"
    : >"$made/unfinished"
    pip install --quiet --require-hashes -r requirements.lock ||
        fail "the versions in requirements.lock could not be installed (see above); run make again once this is mended"
    cp requirements.lock "$made/requirements.lock"
fi

if ! cmp -s pyproject.toml "$made/pyproject.toml"; then
    : >"$made/unfinished"
    pip install --quiet --no-deps --no-build-isolation --no-index -e . || fail "lemmata itself could not be installed (see above)"
    readable_anywhere
    cp pyproject.toml "$made/pyproject.toml"
fi

rm -f "$made/unfinished"
