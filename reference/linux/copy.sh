#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# copy.sh CACHE FLAVOUR TO: the sources in CACHE and what was built of them, as if built in TO, so
# that defects can be tried there. Done once; what is built of another tree would be built anew.
set -eu
cache=$1 flavour=$2 to=$3
[ ! -e "$to/ready-$flavour" ] || exit 0
[ -e "$cache/linux/.krsi" ] && [ -e "$cache/$flavour/bzImage" ] || exit 0
echo "copying the sources and what is built of them ($flavour)"
mkdir -p "$to"
[ -e "$to/linux" ] || cp -a --reflink=auto "$cache/linux" "$to"
rm -rf "$to/build-$flavour"
cp -a --reflink=auto "$cache/build-$flavour" "$to"
# compiled files name their sources
find "$to/build-$flavour" -type f \( -name '*.cmd' -o -name '*.d' -o -name Makefile \) -exec \
	sed -i "s,$cache/linux,$to/linux,g; s,$cache/build-$flavour,$to/build-$flavour,g" {} +
ln -sfn "$to/linux" "$to/build-$flavour/source"
: >"$to/ready-$flavour"
