#!/bin/sh
# Usage: requirements/install.sh run|dev|peers
# Makes .venv with the pinned, hashed packages of requirements/<set>.txt and this checkout in editable form; for peers,
# makes .venv-peers with the packages alone (it takes uv from .venv, which has to be there).
# An interpreter is tested by running it: version managers leave names on PATH that only fail.
set -eu
cd "$(dirname "$0")/.."
set_name="$1"
requirements="requirements/$set_name.txt"
venv=.venv
options=""
if [ "$set_name" = peers ]; then
    venv=.venv-peers
    options=--no-deps  # the file is complete, and requirements/peers-override.in overrules what one package asks for
fi

find_python() {
    without_venv=""
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.13 python3.12 python3.11 python3 python
    fi
    for candidate in "$@"; do
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return 0
        fi
        without_venv="$candidate"
    done
    if [ -n "$without_venv" ]; then
        echo "partystate: $without_venv cannot make a virtual environment: its module 'venv' or 'ensurepip' is missing." >&2
        echo "            On Debian and Ubuntu: sudo apt install python3-venv. Then run make again." >&2
    else
        echo "partystate: needs Python 3.11, 3.12 or 3.13, and found none that runs${PYTHON:+ under the name $PYTHON}." >&2
        echo "            Install one, or name it: make PYTHON=/path/to/python3.12" >&2
    fi
    return 1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python="$(find_python)"
    echo "partystate: making $venv with $("$python" --version) ($python)"
    "$python" -m venv --clear "$venv"
fi
python="$venv/bin/python"

# $options is one word or nothing.
# shellcheck disable=SC2086
install_with_uv() {
    .venv/bin/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt &&
        .venv/bin/uv pip install --quiet --compile-bytecode --require-hashes $options --python "$python" \
            --requirement "$requirements"
}

# uv is much faster but does not read pip's configuration (a proxy, a mirror, a certificate), so pip stays the fallback.
echo "partystate: installing $requirements"
if ! install_with_uv >"$venv/uv.log" 2>&1; then
    echo "partystate: uv could not install them (see $venv/uv.log); trying pip, which takes longer"
    # shellcheck disable=SC2086
    "$python" -m pip install --quiet --require-hashes $options --requirement "$requirements"
fi
if [ "$set_name" != peers ]; then
    "$python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fi
