#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh FLAVOUR CACHE TARBALL: the reference kernel, as CACHE/FLAVOUR/bzImage with its config.
# With - for a tarball, of the sources in CACHE as they are.
# The same sources and tools give the same bytes: what a build would note of its surroundings is
# fixed here.
set -eu
flavour=$1 cache=$2 tarball=$3
here=$(cd "$(dirname "$0")" && pwd)
tree=$cache/linux out=$cache/build-$flavour
base=$here/configs/base.config extra=$here/configs/$flavour.config

[ "$flavour" = plain ] || [ -r "$extra" ] || {
	echo "no flavour \"$flavour\"; there are: plain full coverage sanitizers fuzz fuzz-kasan" >&2
	exit 2
}
# one that is called a-b has all that a has
case $flavour in *-*) extra="$here/configs/${flavour%%-*}.config $extra" ;; esac
[ "$tarball" = - ] || sh "$here/prepare.sh" "$tarball" "$tree"

export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026'
export KBUILD_BUILD_USER=krsi KBUILD_BUILD_HOST=reference KBUILD_BUILD_VERSION=1
export LC_ALL=C
# no second run of the preprocessor: a third of the time where nothing is cached yet
export CCACHE_DEPEND=1
# where the tree lies is neither in what is built nor in what tells two compilations apart
export CCACHE_BASEDIR="$cache" CCACHE_NOHASHDIR=1
unset MAKEFLAGS MAKELEVEL MFLAGS
cc=gcc
command -v ccache >/dev/null && cc='ccache gcc'
# where variables are held and statements begin is for a debugger; what BTF and line numbers need
# stays
map=-fdebug-prefix-map=$cache=.
flags="$map -fno-var-tracking -fno-var-tracking-assignments -gno-statement-frontiers"
kmake() {
	make -C "$tree" O="$out" CC="$cc" HOSTCC="$cc" KCFLAGS="$flags" KAFLAGS="$map" -s \
		-j"${JOBS:-$(nproc)}" "$@"
}

mkdir -p "$out"
[ "$flavour" != plain ] || extra=
# of two words on a symbol the flavour's counts
cat "$base" $extra | awk -F = '
	/^CONFIG_/ { if (!($1 in want)) name[n++] = $1; want[$1] = $0 }
	END { for (i = 0; i < n; i++) print want[name[i]] }' >"$out/wanted.new"
if [ -e "$out/.config" ] && cmp -s "$out/wanted.new" "$out/wanted"; then
	rm "$out/wanted.new"
	kmake olddefconfig
else
	# what is not named is off, and n is no value of a number
	grep -v '=n$' "$out/wanted.new" >"$out/wanted.all"
	KCONFIG_ALLCONFIG=$out/wanted.all kmake allnoconfig
	mv "$out/wanted.new" "$out/wanted"
fi
# a symbol that a point release renamed would silently be off
while IFS= read -r line; do
	case $line in
	*=n) ! grep -q "^${line%n}" "$out/.config" ;;
	*) grep -qxF "$line" "$out/.config" ;;
	esac || { echo "$line does not take effect in this kernel" >&2 && exit 1; }
done <"$out/wanted"
kmake bzImage

mkdir -p "$cache/$flavour"
cp "$out/.config" "$cache/$flavour/config"
# what is built in counts as a module that is there; others there are none
cp "$out/modules.builtin" "$out/modules.builtin.modinfo" "$cache/$flavour/"
: >"$cache/$flavour/modules.order"
cp "$out/arch/x86/boot/bzImage" "$cache/$flavour/bzImage.new"
mv "$cache/$flavour/bzImage.new" "$cache/$flavour/bzImage"
echo "  KERNEL  $cache/$flavour/bzImage $(sha256sum "$cache/$flavour/bzImage" | cut -c 1-12)"
