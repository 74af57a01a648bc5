#!/bin/bash
# make install-test: a Debian with Python and make alone, without Java, Maven and Docker, in which
# `make demo`, `make status` and `make stop` do all that they promise. Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo "make install-test needs root, for chroot" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }

root=$PWD/.newsman/engine/install-test
if [ ! -e "$root/complete" ]; then
    echo "making a Debian with Python and make in $root"
    rm -rf "$root"
    debootstrap --variant=minbase --include=python3,python3-venv,make,ca-certificates \
        bookworm "$root" > /dev/null
    rm -rf "$root/var/cache/apt" "$root/var/lib/apt"
    touch "$root/complete"
fi

# The tree as it is here, without what is made in it.
rm -rf "$root/newsman"
mkdir "$root/newsman"
git ls-files -z | tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "$root/newsman"

# The network as this machine has it: names, certificates, mirrors of packages.
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
[ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
passed=()
while IFS= read -r -d '' setting; do
    case "$setting" in
        PIP_*|UV_*|NEWSMAN_MAVEN_URL=*|[Hh][Tt][Tt][Pp]*_[Pp]*=*|[Nn][Oo]_[Pp][Rr]*=*) passed+=("$setting") ;;
    esac
done < <(env -0)

script='
set -euo pipefail
cd /newsman
for absent in java mvn docker git; do
    if command -v "$absent" > /dev/null; then echo "$absent is here, which it must not be" >&2; exit 1; fi
done
make demo | tee /tmp/demo
grep -q "12 articles are published" /tmp/demo
grep -q "Most Popular, last 24 hours" /tmp/demo
make status
make stop
make stop
make status | grep -q "does not run"
make clean
echo "installed, run and stopped"
'
export root script
unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i "$@" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        UV_SYSTEM_CERTS=1 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
        NEWSMAN_PORT_OFFSET="${INSTALL_PORT_OFFSET:-12000}" bash -c "$script"
' install-test "${passed[@]}"
