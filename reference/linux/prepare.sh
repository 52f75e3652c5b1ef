#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# prepare.sh TARBALL TREE: the kernel's sources with the LSM in them. A tree that was made of the
# same tarball and patches only gets those files of ours that changed, so that little is built anew.
set -eu
tarball=$1 tree=$2
here=$(cd "$(dirname "$0")" && pwd)

[ -r "$tarball" ] || {
	echo "$tarball: no such file; it comes with linux-source-6.12: make deps-reference" >&2
	exit 5
}

# One patch; a hunk that does not fit is shown, with the name of the patch.
apply() {
	if ! patch -d "$2" -p1 --batch --forward --fuzz=2 --no-backup-if-mismatch -r "$2/rejected" \
		<"$1" >"$2.log" 2>&1; then
		{
			echo "${1##*/} does not fit these sources:"
			cat "$2.log"
			cat "$2/rejected" 2>/dev/null || true
		} >&2
		exit 1
	fi
	grep -q fuzz "$2.log" && echo "${1##*/}: $(grep -c fuzz "$2.log") hunks fit with fuzz" >&2
	return 0
}

want=$(cat "$tarball" "$here"/patches/*.patch | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$tree/.krsi" 2>/dev/null || true)" != "$want" ]; then
	echo "  UNPACK  $tarball"
	rm -rf "$tree" "$tree.new"
	mkdir -p "$tree.new"
	# as new: what an earlier tree was built into must not count as built from this one
	tar -xmf "$tarball" -C "$tree.new" --strip-components=1
	for p in "$here"/patches/*.patch; do
		apply "$p" "$tree.new"
	done
	rm -f "$tree.new.log"
	echo "$want" >"$tree.new/.krsi"
	mv "$tree.new" "$tree"
fi

# put FILE TO: only if it differs
put() {
	cmp -s "$1" "$2" || install -D -m 644 "$1" "$2"
}

(cd "$here" && find security include -type f) | while read -r f; do
	put "$here/$f" "$tree/$f"
done
put "$here/uapi.h" "$tree/security/krsi/uapi.h"
for f in chain.c chain.h compat.h env.c env.h; do
	put "$here/../core/$f" "$tree/security/krsi/core/$f"
done
