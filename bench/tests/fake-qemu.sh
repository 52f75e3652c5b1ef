#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Plays a QEMU in whose guest krsi-bench says what it is told to.
#
#   FAKE_LINES  what it says between its first line and its last, for each boot
#   FAKE_DO     words: noend (the last line is missing), panic, mute (no word at all)
[ "$1" = --version ] && { echo "QEMU emulator version ${FAKE_VERSION:-1.0}"; exit 0; }
previous=
for a; do
	case $a in
	file,id=console,path=*) console=${a#*path=} ;;
	file,id=events,path=*) events=${a#*path=} ;;
	esac
	[ "$previous" = -initrd ] && initrd=$a
	previous=$a
done
# before the descriptors of its own take the place of the one behind $initrd
after() { tr '\0' '\n' <"$initrd" | sed -n "/^$1\$/{n;p;q}"; }
boot=$(after --boot) engine=$(after --engine)
exec 3>"$events" 4>"$console"
does() { case " $FAKE_DO " in *" $1 "*) true ;; *) false ;; esac; }
kernel() { printf '[    1.000001] %s\n' "$*" >&4; }
does mute && exit 0
kernel 'krsi-init: up'
if does panic; then
	kernel 'Kernel panic - not syncing: told to'
	kernel '---[ end Kernel panic - not syncing: told to ]---'
	exit 0
fi
printf 'krsi-bench 1 %s %s\n%s\n' "$engine" "$boot" "$FAKE_LINES" >&3
does noend || echo end >&3
kernel 'krsi-init: exit 0'
