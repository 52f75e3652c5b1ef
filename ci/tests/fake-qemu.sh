#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Plays a QEMU with a guest in it, for tests of the host side: seconds become milliseconds, and a
# guest dies on command. It looks into the initramfs for /krsi/skip as the real guest would.
#
#   FAKE_IDS    the tests that this suite has
#   FAKE_DO     words, each "<how>:<test id>" or "<how>:<number of the boot>":
#     for a test: fail skip timeout broken; failonce (in the first boot); crash (panic), hang (silence), silent (just gone),
#                 lost (its end is not told), twice (its end is told twice), warn (splat, goes on),
#                 cut (panic within the line of its end), uncut (panic before the newline of that)
#     for a boot: noinit (panics before init), mute (no word at all), early (panics after init),
#                 fatal (no-bpf-lsm), noend (no suite-end), garbage, flood, wrongexit; chatter (the
#                 console is flooded), endless (the port for results is, for ever); of a boot
#                 that records: twin (an outcome twice), odd (a value that is no text), silent
#   FAKE_COST   bytes of machine code of the program on file_open (default 400)
#   FAKE_DIR    where boots are counted, and the process id of the last one is

count=$FAKE_DIR/boots
boot=$(($(cat "$count" 2>/dev/null || echo 0) + 1))
echo "$boot" >"$count"
echo $$ >"$FAKE_DIR/pid"

previous=
for a; do
	case $a in
	file,id=console,path=*) console=${a#*path=} ;;
	file,id=events,path=*) events=${a#*path=} ;;
	esac
	[ "$previous" = -initrd ] && initrd=$a
	[ "$previous" = -append ] && lsm=$(echo " $a" | sed -n 's/.* lsm=\([^ ]*\).*/\1/p')
	previous=$a
done
exec 3>"$events" 4>"$console"

does() { case " $FAKE_DO " in *" $1 "*) true ;; *) false ;; esac; }
kernel() { printf '[    1.%06d] %s\n' "$((seq + 1))" "$*" >&4; }
event() {
	printf '{"v":1,"seq":%d,"event":%s}\n' "$seq" "$1" >&3
	seq=$((seq + 1))
}
start() { event "\"test-start\",\"id\":\"$1\""; }
end() {
	event "\"test-end\",\"id\":\"$1\",\"result\":\"$2\",\"seconds\":0.01,\"requirements\":[],$3"
	eval "n_$2=\$((n_$2 + 1))"
}
panic() {
	kernel 'Kernel panic - not syncing: told to'
	kernel '---[ end Kernel panic - not syncing: told to ]---'
	exit 0
}

seq=0 n_pass=0 n_fail=0 n_skip=0 n_timeout=0 n_broken=0
does "mute:$boot" && exec sleep 1000
does "noinit:$boot" && panic
kernel 'krsi-init: up'
kernel "krsi-init: lsm $lsm"
kernel 'krsi-init: btf yes'
does "early:$boot" && panic

if does "fatal:$boot"; then
	event '"fatal","cause":"no-bpf-lsm","text":"BPF LSM is not built in: set CONFIG_BPF_LSM=y"'
	kernel 'krsi-init: exit 4'
	exit 0
fi

skip=$(tr '\0' '\n' <"$initrd" | sed -n '/^07070[0-9A-Fa-f]*krsi\/skip$/,/^07070[0-9A-Fa-f]*$/p')
args=$(tr '\0' '\n' <"$initrd" | sed -n '/^07070[0-9A-Fa-f]*krsi\/args$/,/^07070[0-9A-Fa-f]*$/p')
globs=$(echo "$args" | sed -n '/^--tests$/{n;p;}' | tr ',' ' ')
set -f
asked_for() {
	for glob in $globs; do
		case $1 in $glob) return 0 ;; esac
	done
	return 1
}
todo=
for id in $FAKE_IDS; do
	echo "$skip" | grep -qx "$id" || ! asked_for "$id" || todo="$todo $id"
done
set -- $todo
echo "$args" | grep -qx -e --record && records=1 || records=
[ "$records" ] && set --
tr '\0' '\n' <"$initrd" | grep -qx 'root:a/b -EPERM' && recording=1 || recording=
event "\"suite-start\",\"suite\":{\"version\":\"0.1.0\",\"commit\":\"c\",\"dirty\":false},\
\"implementation\":\"bpf-lsm\",\"impl_version\":\"1\",\"kernel\":{\"release\":\"6.1.0-fake\",\
\"version\":\"#1\",\"machine\":\"x86_64\",\"cmdline\":\"quiet\"},\"lsm\":\"$lsm\",\
\"capabilities\":[],\"planned\":$#,\"seed\":1"
event '"hook","name":"file_open","ret":"int","attachable":true,"sleepable":true,"covered":true'
event '"hook","name":"of_tomorrow","ret":"int","attachable":true,"sleepable":false,"covered":false'
event "\"program\",\"hook\":\"file_open\",\"verified\":100,\"xlated\":800,\"jited\":${FAKE_COST:-400}"
does "garbage:$boot" && echo '<script>alert(1)</script>' >&3
does "flood:$boot" && yes '{"v":1,"seq":0,"event":"note","text":"flood"}' | head -c 80000000 >&3

does "chatter:$boot" && yes 'console chatter' | head -c 100000000 >&4
if does "endless:$boot"; then exec yes '{"v":1,"seq":0,"event":"note","text":"flood"}' >&3; fi

outcome() { event "\"outcome\",\"name\":\"$1\",\"value\":\"$2\""; }
if [ "$records" ]; then
	does "silent:$boot" || outcome root:a/b -EPERM
	does "twin:$boot" && outcome root:a/b 0
	does "odd:$boot" && outcome root:a/c '\u00e9'
fi

for id; do
	start "$id"
	does "crash:$id" && panic
	does "hang:$id" && exec sleep 1000
	does "silent:$id" && exit 0
	does "warn:$id" && kernel 'WARNING: CPU: 0 PID: 7 at kernel/bpf/x.c:7 f+0x1/0x2'
	does "lost:$id" && continue
	does "cut:$id" && printf '{"v":1,"seq":%d,"event":"test-e' "$seq" >&3 && panic
	does "uncut:$id" && printf '%s' "$(end "$id" pass '"reason":""' 3>&1)" >&3 && panic
	result=pass
	case $id in neutral/*) [ "$recording" ] || result=fail ;; esac
	does "failonce:$id" && [ "$boot" -eq 1 ] && result=fail
	for r in fail skip timeout broken; do
		does "$r:$id" && result=$r
	done
	end "$id" "$result" '"reason":"<b>told</b> to\u001b[2J","expected":-1,"got":0'
	does "twice:$id" && end "$id" "$result" '"reason":"told to"'
done

does "noend:$boot" || event "\"suite-end\",\"seconds\":0.1,\"totals\":{\"pass\":$n_pass,\
\"fail\":$n_fail,\"skip\":$n_skip,\"timeout\":$n_timeout,\"broken\":$n_broken}"
code=0
[ $((n_fail + n_timeout + n_broken)) -gt 0 ] && code=1
does "wrongexit:$boot" && code=$((1 - code))
kernel "krsi-init: exit $code"
