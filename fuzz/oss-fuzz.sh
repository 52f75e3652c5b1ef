#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0-only
# Build for ClusterFuzzLite and OSS-Fuzz: their compiler, flags and engine come in CC, CXX, CFLAGS,
# CXXFLAGS and LIB_FUZZING_ENGINE; the targets with seeds and dictionaries go to OUT. The image
# needs make, zip, libjansson-dev, libinih-dev, libssl-dev and the packages of `make deps`.
cd "$(dirname "$0")/.."
work=${WORK:-build}
targets=$(basename -s .c fuzz/targets/*.c)

make -j"$(nproc)" B="$work" fuzz-replay
make -j"$(nproc)" B="$work" fuzz-engine ENGINE_CC="$CC" ENGINE_FLAGS="$CFLAGS" \
	ENGINE_LINK="${CXX:-$CC} ${CXXFLAGS:-}" ENGINE="$LIB_FUZZING_ENGINE"
for t in $targets; do
	cp "$work/fuzz/engine/$t" "$OUT/$t"
	seeds=$(mktemp -d)
	"$work/fuzz/replay/$t" --seeds "$seeds"
	(cd "$seeds" && zip -q -r - .) >"$OUT/${t}_seed_corpus.zip"
	rm -r "$seeds"
	[ ! -e "fuzz/dict/$t.dict" ] || cp "fuzz/dict/$t.dict" "$OUT/$t.dict"
done
