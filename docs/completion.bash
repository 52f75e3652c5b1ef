# SPDX-License-Identifier: GPL-2.0-only
# Completion for krsi(1) in bash. What can follow is asked of krsi itself, so that it cannot lag.

_krsi_commands() {
	krsi --help 2>/dev/null | sed -n 's/^  krsi \([a-z]*\) .*/\1/p'
}

_krsi_options() {
	krsi "$1" --help 2>/dev/null | grep -oE '(^| )--[a-z-]+' | tr -d ' ' | sort -u
}

_krsi() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words=

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$(_krsi_commands) --help --version"
	else
		case $before in
		--kernel | -k)
			words=$(krsi kernels 2>/dev/null | awk '{ print $1 }')
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; compgen -f -- "$word")
			return
			;;
		--format | -f) words='html junit ktap text json kcidb table' ;;
		--accel) words='kvm tcg auto' ;;
		--bisect) words='broke fixed' ;;
		--impl) words='bpf-lsm krsi model null echo faulty: exec:' ;;
		--tests | -t) words=$(krsi list 2>/dev/null | awk '{ print $1 }') ;;
		*)
			case $word in
			-*) words=$(_krsi_options "${COMP_WORDS[1]}") ;;
			*)
				mapfile -t COMPREPLY < <(compgen -f -- "$word")
				return
				;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _krsi krsi
