#!/bin/sh
# bare.sh, called by `tools/check bare`: the two README commands on a machine that has nothing.
#
# Makes a Debian 12 root with debootstrap (kept as a tar file in TROUPE_CACHE, default ~/.cache/troupe, so that the next
# time is quick), puts a clone of HEAD into it and runs tools/demo and tools/test there. Takes apt's sources, keys,
# settings, name servers and proxy variables from this machine. Needs root. Exit 0 only if both commands do.
set -eu
tools_dir=$(dirname "$0")/..
. "$tools_dir/lib.sh"

[ "$(id -u)" -eq 0 ] || die "bare needs root (chroot and mount)"
need debootstrap:debootstrap git:git

cache=${TROUPE_CACHE:-${HOME:-/root}/.cache/troupe}
base=$cache/bare-bookworm.tar
mkdir -p "$cache"
bare=$(mktemp -d "${TMPDIR:-/tmp}/troupe-bare.XXXXXX")
mounted=''

clean_up() {
    for place in $mounted; do umount "$place" 2>/dev/null || umount -l "$place" || true; done
    mounted=''
    # Never descend into a mount that would not go away.
    if grep -q " $bare/" /proc/mounts; then say "still mounted below $bare; left in place"; else rm -rf "$bare"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

attach() { # TYPE-OR-BIND SOURCE PLACE
    mkdir -p "$bare/$3"
    if [ "$1" = bind ]; then mount --bind "$2" "$bare/$3"; else mount -t "$1" "$2" "$bare/$3"; fi
    mounted="$bare/$3 $mounted" # undone in reverse
}

# The first mirror of this machine's own sources (deb822 or one-line form).
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
        $1 == "URIs:" { print $2; exit }
        $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\/\//) { print $i; exit } }'
}

if [ ! -f "$base" ]; then
    say "making the bare root with debootstrap; log: build/bare-root.log"
    uri=$(mirror)
    if ! debootstrap --variant=minbase bookworm "$bare/root" ${uri:+"$uri"} >build/bare-root.log 2>&1; then
        tail -n 15 build/bare-root.log
        die "debootstrap failed"
    fi
    rm -rf "$bare"/root/var/cache/apt/archives/*.deb
    tar -C "$bare/root" -cf "$base.$$" . && mv "$base.$$" "$base"
    rm -rf "$bare/root"
else
    say "using the bare root in $base"
fi
tar -C "$bare" -xf "$base"

# How this machine reaches its packages, taken along at run time.
for item in sources.list sources.list.d trusted.gpg trusted.gpg.d keyrings apt.conf apt.conf.d auth.conf auth.conf.d; do
    [ ! -e "/etc/apt/$item" ] || { rm -rf "$bare/etc/apt/$item"; cp -rL "/etc/apt/$item" "$bare/etc/apt/$item"; }
done
[ ! -d /usr/share/keyrings ] || cp -rL /usr/share/keyrings/. "$bare/usr/share/keyrings/"
[ ! -d /usr/local/share/ca-certificates ] || cp -rL /usr/local/share/ca-certificates/. "$bare/usr/local/share/ca-certificates/"
[ ! -d /etc/ssl/certs ] || { mkdir -p "$bare/etc/ssl/certs"; cp -rL /etc/ssl/certs/. "$bare/etc/ssl/certs/" 2>/dev/null || true; }
cp -L /etc/resolv.conf "$bare/etc/resolv.conf"
cp -L /etc/hosts "$bare/etc/hosts"
printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d" # packages start no service in here
chmod +x "$bare/usr/sbin/policy-rc.d"

attach proc proc proc
attach bind /dev dev
attach sysfs sys sys

mkdir -p "$bare/troupe"
git archive HEAD | tar -C "$bare/troupe" -xf -
[ -z "$(git status --porcelain --untracked-files=no)" ] || say "note: this runs the last commit; there are changes since"

inside() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} ${no_proxy:+"no_proxy=$no_proxy"} \
        ${HTTP_PROXY:+"HTTP_PROXY=$HTTP_PROXY"} ${HTTPS_PROXY:+"HTTPS_PROXY=$HTTPS_PROXY"} ${NO_PROXY:+"NO_PROXY=$NO_PROXY"} \
        ${CMAKE_BUILD_PARALLEL_LEVEL:+"CMAKE_BUILD_PARALLEL_LEVEL=$CMAKE_BUILD_PARALLEL_LEVEL"} \
        chroot "$bare" "$@" </dev/null
}
for program in g++ cmake ninja python3; do
    if inside sh -c "command -v $program" >/dev/null; then die "the bare root is not bare: it has $program"; fi
done
say "the root has no compiler, CMake, ninja or python3: starting"

status=0
for command in tools/demo tools/test; do
    begun=$(date +%s)
    say "---- sh $command, in the bare root"
    if inside sh -c "cd /troupe && sh $command"; then
        say "---- $command: exit code 0 after $(($(date +%s) - begun)) s"
    else
        say "---- $command: FAILED with exit code $? after $(($(date +%s) - begun)) s"
        status=1
    fi
done
exit $status
