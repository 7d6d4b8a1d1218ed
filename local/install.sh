#!/bin/sh
# Makes .venv hold exactly what the first lock file lists, unless it holds one of the given lock files already.
# install.sh LOCK [ALSO_GOOD …]
set -eu

UV=uv==0.13.9
python=.venv/bin/python
lock=$1

find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

say_what_to_install() {
    found=none
    for candidate in python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1; then
            found=$candidate
            break
        fi
    done
    echo "BN-Aura needs Python 3.11 or newer with its venv module, and found $([ "$found" = none ] && echo no such Python || echo "$found without it")." >&2
    if [ "$(uname)" = Darwin ]; then
        echo "Install it:  brew install python@3.13" >&2
    elif [ "$found" = none ]; then
        echo "Install it, on Debian or Ubuntu:  sudo apt install python3 python3-venv" >&2
    else
        echo "Install it, on Debian or Ubuntu:  sudo apt install $found-venv" >&2
    fi
}

# A virtual environment whose Python was removed or upgraded away is of no use.
if ! "$python" -c '' 2>/dev/null; then
    if [ -e .venv ] && [ ! -O .venv ]; then
        echo "$PWD/.venv was made by another account, with a Python that this one cannot use. Remove it, then try again." >&2
        exit 1
    fi
    base=$(find_python)
    if [ -z "$base" ]; then
        say_what_to_install
        exit 1
    fi
    echo "Making .venv with $base."
    rm -rf .venv
    "$base" -m venv .venv
fi

for good in "$@"; do
    if cmp -s "$good" .venv/installed.lock; then
        exit 0
    fi
done

echo "Installing the pinned packages of $lock; this takes about ten seconds, a minute where uv is missing."
rm -f .venv/installed.lock
export PIP_DISABLE_PIP_VERSION_CHECK=1
if { [ -x .venv/bin/uv ] || "$python" -m pip install --quiet "$UV"; } &&
    .venv/bin/uv pip sync --quiet --python "$python" --require-hashes "$lock"; then
    :
else
    echo "uv could not do it; installing with pip."
    "$python" -m pip install --quiet --require-hashes -r "$lock"
fi
cp "$lock" .venv/installed.lock
