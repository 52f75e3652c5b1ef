#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# How strong is the suite? Each entry of mutants.conf is a defect of one line; the reference kernel is
# built with it, and the tests named there must tell.
#
#   mutants.sh check BUILD                        the table is well-formed, and its tests exist
#   mutants.sh fits TREE [GLOB[,GLOB]]            each mutant changes one line of that kernel tree
#   mutants.sh list [GLOB[,GLOB]]                 ids, and why each is a defect
#   mutants.sh run BUILD CACHE TARBALL [GLOB[,GLOB]]  build and run; outcomes go to results.tsv
#
# CACHE is the directory in which `make reference` builds; mutants are built in CACHE/mutants. RUN and
# KBUILD, if set, are put before what starts guests and before what compiles.
#
# Outcomes: killed (and by which tests), no-boot, which is killed as well, survived, equivalent, where
# the table argues that nothing can tell; and what says nothing of the tests: no-build, no-change (the
# same bytes come out), untested (all tests were skipped).
#
# Exit codes: 0 every mutant was killed or is argued equivalent, 1 one was not, or the kernel without
# any is not green, 2 the table or the command line is wrong, 5 infrastructure.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
table=${MUTANTS_CONF:-$here/mutants.conf} results=${MUTANTS_TSV:-$here/results.tsv}
tab=$(printf '\t')
work=$(mktemp -d) || exit 5
trap 'restore; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

die() {
	rc=$1
	shift
	echo "mutants: $*" >&2
	exit "$rc"
}

# Nothing is changed until change() says so.
tree=
restore() {
	[ -n "$tree" ] && [ -e "$tree/.mutated" ] || return 0
	# written anew, so that what was compiled of the mutant counts as old
	cat "$tree/.original" >"$tree/$(cat "$tree/.mutated")"
	rm "$tree/.mutated"
}
# change FILE IN FROM TO: one line of the tree, until restore().
change() {
	changed "$tree/$1" "$2" "$3" "$4" >"$work/mutant" || return 1
	cp "$tree/$1" "$tree/.original" && echo "$1" >"$tree/.mutated" &&
		cat "$work/mutant" >"$tree/$1"
}

# chosen [GLOB,...]: the records of those mutants, or of all.
chosen() {
	records "$table" >"$work/all" || exit 2
	while IFS="$sep" read -r id rest; do
		(
			set -f
			IFS=,
			for glob in ${1:-*}; do
				case $id in $glob) exit 0 ;; esac
			done
			exit 1
		) && printf '%s%s%s\n' "$id" "$sep" "$rest"
	done <"$work/all" >"$work/chosen"
	[ -s "$work/chosen" ] || die 2 "no mutant is called ${1:-anything}"
}

check() {
	chosen
	"$1/krsi" list | cut -d ' ' -f 1 >"$work/ids" || die 5 "krsi list failed"
	cut -d "$sep" -f 1,7 "$work/all" | while IFS="$sep" read -r id tests; do
		for like in $(echo "$tests" | sed 's/\./\\./g; s/\*/.*/g; s/,/ /g'); do
			grep -qx -- "$like" "$work/ids" || die 2 "[$id]: no test is like $like"
		done
	done || exit 2
	[ ! -e "$results" ] || cut -f 1 "$results" | sed 1d | while read -r id; do
		grep -q "^$id$sep" "$work/all" || die 2 "${results##*/} tells of $id, which is not in the table"
	done || exit 2
	echo "$(wc -l <"$work/all") mutants"
}

fits() {
	chosen "${2:-}"
	bad=0
	while IFS="$sep" read -r id file in from to rest; do
		changed "$1/$file" "$in" "$from" "$to" >"$work/mutant" 2>/dev/null && continue
		echo "mutants: [$id] does not fit $file: $from" >&2
		bad=2
	done <"$work/chosen"
	[ $bad -eq 0 ] || return $bad
	echo "$(wc -l <"$work/chosen") mutants fit"
}

# kernel TARBALL: builds; with - the sources are taken as they are. Without ccache: what is judged is
# to be what was just compiled.
kernel() {
	CCACHE_DISABLE=1 ${KBUILD:-} sh "$here/../../reference/linux/build.sh" plain "$cache" "$1" >"$work/build" 2>&1 </dev/null
}

# judge IMPL TESTS [BOOT]: runs them, with BOOT on the kernel's command line, tells the outcome in $outcome and in $killers what told.
judge() {
	rm -rf "$work/out"
	${RUN:-} "$build/krsi" test --kernel "$cache/plain/bzImage" --impl "$1" --tests "$2" --jobs 1 \
		--reboots 2 ${3:+--append "$3"} --waivers "$here/../waivers.conf" --out "$work/out" >"$work/said" 2>&1 </dev/null
	rc=$?
	# what is waived fails on the sound kernel as well
	killers=$(sed -nE '/# XFAIL/d; s/^not ok [0-9]+ ([^ ]+).*/\1/p' "$work/out/results.ktap" 2>/dev/null |
		grep -v '^krsi/run$')
	case $rc in
	0) outcome=survived ;;
	1 | 3) outcome=killed killers=${killers:-krsi/run} ;;
	4) outcome=no-boot ;;
	*) tail -n 5 "$work/said" >&2 && die 5 "krsi test ended with $rc" ;;
	esac
	# green because all were skipped is not green
	grep -v ' krsi/run$' "$work/out/results.ktap" 2>/dev/null | grep -q '^ok [0-9]* [^#]*$' ||
		[ $outcome != survived ] || outcome=untested
}

# A kernel without defects has none to tell of.
sound() {
	for impl in bpf-lsm krsi; do
		globs=$(awk -F "$sep" -v impl="$impl" '$6 == impl { print $7 }' "$work/chosen" | tr ',' '\n' |
			sort -u | paste -sd,)
		[ -n "$globs" ] || continue
		judge "$impl" "$globs"
		echo "mutants: without any, $impl: $outcome$(echo "$killers" | sed 's/^./ &/' | paste -sd' ')"
		[ $outcome = survived ] || die 1 "the kernel is to be sound, or the tests say nothing"
	done
}

# note: this mutant's line of results.tsv; the table decides the order.
note() {
	first=$(echo "$killers" | head -n 3 | paste -sd' ')
	more=$(($(echo "$killers" | grep -c .) - 3))
	[ $more -gt 0 ] && first="$first and $more more"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$id" "$outcome" "$first" "$impl" "$release" "$(date -u +%F)" >"$work/line"
	echo "mutants: $id: $outcome${first:+ by $first}"
	{
		printf 'id\toutcome\tkillers\timplementation\tkernel\tdate\n'
		cut -d "$sep" -f 1 "$work/all" | while read -r one; do
			if [ "$one" = "$id" ]; then
				cat "$work/line"
			else
				grep "^$one$tab" "$results" 2>/dev/null
			fi
		done
	} >"$work/results"
	cp "$work/results" "$results.new" && mv "$results.new" "$results"
}

run() {
	build=$1 reference=$2 tarball=$3 cache=$2/mutants
	[ -x "$build/krsi" ] || die 2 "$build/krsi is not built"
	chosen "${4:-}"
	sh "$here/../../reference/linux/copy.sh" "$reference" plain "$cache" ||
		die 5 "no copy of what make reference built"
	tree=$cache/linux
	restore
	kernel "$tarball" || { tail -n 20 "$work/build" >&2; die 5 "the kernel without mutants does not build"; }
	: >"$cache/ready-plain"
	release=$(cat "$cache/build-plain/include/config/kernel.release")
	fits "$tree" "${4:-}" || exit 2
	sound
	whole=$(sha256sum <"$cache/plain/bzImage")
	alive=0
	while IFS="$sep" read -r id file in from to impl tests why equivalent boot; do
		killers= outcome=no-build
		change "$file" "$in" "$from" "$to" || die 5 "[$id]: the sources cannot be changed"
		if ! kernel -; then
			tail -n 5 "$work/build"
		elif [ "$(sha256sum <"$cache/plain/bzImage")" = "$whole" ]; then
			outcome=no-change
		else
			judge "$impl" "$tests" "$boot"
		fi
		restore
		[ $outcome = survived ] && [ -n "$equivalent" ] && outcome=equivalent
		case $outcome in killed | no-boot | equivalent) ;; *) alive=$((alive + 1)) ;; esac
		note
	done <"$work/chosen"
	echo "mutants: $(wc -l <"$work/chosen") tried, $alive not killed"
	[ $alive -eq 0 ]
}

case ${1:-} in
check) [ $# -eq 2 ] && check "$2" ;;
fits) [ $# -ge 2 ] && fits "$2" "${3:-}" ;;
list) chosen "${2:-}" && awk -F "$sep" '{ printf "%-36s %s\n", $1, $8 }' "$work/chosen" ;;
run) [ $# -ge 4 ] && run "$2" "$3" "$4" "${5:-}" ;;
*) die 2 "check BUILD, fits TREE, list, or run BUILD CACHE TARBALL" ;;
esac
