#!/usr/bin/env bash
# Sets up a checkout: scripts/setup.sh serve|dev|train
#
#   serve   what reading reports needs: system libraries, .venv, the models made from their wheels
#   dev     the same, with what the tests and the drawing of sample reports need
#   train   the same, with PyTorch
#
# Installs system packages only where they are missing and the user is root; else says in one line what to install.
# A second run compares one checksum and is done. Two runs at once wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'set-up: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

level=${1:-dev}
case $level in
    serve) extras='' covers='serve' ;;
    dev) extras='[dev]' covers='serve dev' ;;
    train) extras='[dev,train]' covers='serve dev train' ;;
    *) fail "unknown level '$level': serve, dev or train" ;;
esac

venv=.venv
log=build/setup.log
mkdir -p build
exec 9>build/setup.lock
command -v flock >/dev/null && flock 9

# Runs a command with its output kept in the log, and shows the end of the log when it fails.
logged() {
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        fail "failed: $* (all of it in $log)"
    fi
}

# Installs Debian packages, or says in one line what to install and fails.
install_packages() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing $*"
        export DEBIAN_FRONTEND=noninteractive
        logged apt-get -qq -o DPkg::Lock::Timeout=600 update
        logged apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"
    else
        say "please install: sudo apt-get install $*"
        return 1
    fi
}

system_libraries() {
    local libraries missing=()
    libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
    [[ $libraries == *libGL.so.1* ]] || missing+=(libgl1)
    [[ $libraries == *libgthread-2.0.so.0* ]] || missing+=(libglib2.0-0)
    [[ $libraries == *libgomp.so.1* ]] || missing+=(libgomp1)
    command -v pdftoppm >/dev/null || missing+=(poppler-utils)
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}" || exit 1
}

# The fonts that drawn reports use; without them the tests that draw are skipped, so it is no reason to stop.
fonts() {
    local folder=/usr/share/fonts missing=()
    [ -e $folder/opentype/noto/NotoSansCJK-Regular.ttc ] || missing+=(fonts-noto-cjk)
    [ -e $folder/truetype/arphic/uming.ttc ] || missing+=(fonts-arphic-uming)
    [ -e $folder/truetype/arphic/ukai.ttc ] || missing+=(fonts-arphic-ukai)
    [ -e $folder/truetype/wqy/wqy-zenhei.ttc ] || missing+=(fonts-wqy-zenhei)
    [ -e $folder/truetype/wqy/wqy-microhei.ttc ] || missing+=(fonts-wqy-microhei)
    if [ "$level" = train ]; then
        # More faces for training, and those that only held-out drawings use (training/synthesize/fonts.py).
        [ -e $folder/truetype/arphic-gbsn00lp/gbsn00lp.ttf ] || missing+=(fonts-arphic-gbsn00lp)
        [ -e $folder/truetype/arphic-gkai00mp/gkai00mp.ttf ] || missing+=(fonts-arphic-gkai00mp)
        [ -e $folder/truetype/babelstone/BabelStoneHan.ttf ] || missing+=(fonts-babelstone-han)
        [ -e $folder/truetype/cwtex/cwfs.ttf ] || missing+=(fonts-cwtex-fs)
        [ -e $folder/truetype/breip/Breip.ttf ] || missing+=(fonts-breip)
        [ -e $folder/opentype/bwht ] || missing+=(fonts-bwht)
        [ -e $folder/truetype/crosextra/Carlito-Regular.ttf ] || missing+=(fonts-crosextra-carlito)
        [ -e $folder/truetype/crosextra/Caladea-Regular.ttf ] || missing+=(fonts-crosextra-caladea)
        [ -e $folder/truetype/liberation/LiberationSerif-Regular.ttf ] || missing+=(fonts-liberation)
        [ -e $folder/truetype/cns11643/TW-Sung-98_1.ttf ] || missing+=(fonts-cns11643-sung)
        [ -e $folder/truetype/hanazono/HanaMinA.ttf ] || missing+=(fonts-hanazono)
        [ -e $folder/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf ] || missing+=(fonts-lxgw-wenkai)
        [ -e $folder/truetype/droid/DroidSansFallbackFull.ttf ] || missing+=(fonts-droid-fallback)
    fi
    [ ${#missing[@]} = 0 ] || (install_packages "${missing[@]}") || say "going on without these fonts"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

virtual_environment() {
    if [ -x $venv/bin/python ] && new_enough $venv/bin/python && $venv/bin/python -c 'import pip' 2>/dev/null; then
        return
    fi
    local python='' candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null && new_enough "$candidate"; then python=$candidate; break; fi
    done
    [ -n "$python" ] || fail "Python 3.11 or newer is needed: please install python3, or name one with PYTHON=..."
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        local version
        version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        install_packages "$version-venv" || exit 1
    fi
    say "making $venv with $("$python" --version)"
    rm -rf $venv
    logged "$python" -m venv $venv
}

system_libraries
[ "$level" = serve ] || fonts
virtual_environment

checksum=$(cat pyproject.toml requirements/constraints.txt scripts/setup.sh models/fetch.py models/vendor.toml | sha256sum)
stamp=$venv/.gouji-$level
if [ ! -e "$stamp" ] || [ "$(cat "$stamp")" != "$checksum" ] || [ ! -d "${GOUJI_MODELS:-models/vendor}" ]; then
    say "installing Python packages into $venv (some minutes the first time)"
    # -qq: a machine's list of package folders is noisy, and what fails is said all the same.
    logged $venv/bin/python -m pip install -qq --disable-pip-version-check --no-input \
        -c requirements/constraints.txt -e ".$extras"
    logged $venv/bin/python -m models.fetch
    for covered in $covers; do printf '%s\n' "$checksum" >"$venv/.gouji-$covered"; done
fi
