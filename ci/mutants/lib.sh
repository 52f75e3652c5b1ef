# SPDX-License-Identifier: GPL-2.0-only
# What mutants.sh does with the table and with sources, to be sourced: reads one, changes a line of
# the other.

# between the fields of a record: nothing that a line of C can hold
sep=$(printf '\037')

# records TABLE: one line a mutant: id file in from to impl tests why equivalent boot.
records() {
	awk -v S="$sep" '
	function bad(what) { print FILENAME ":" FNR ": " what >"/dev/stderr"; rc = 2 }
	function out(i) {
		if (id == "") return
		for (i = 1; i <= n; i++) {
			if (!(name[i] in v) && i != 2 && i < 8) bad("[" id "] has no " name[i])
			line = line S v[name[i]]
		}
		if (v["from"] == v["to"]) bad("[" id "] changes nothing")
		if (v["impl"] != "bpf-lsm" && v["impl"] != "krsi") bad("[" id "] has a strange impl")
		print id line
	}
	BEGIN {
		n = split("file in from to impl tests why equivalent boot", name, " ")
		for (i = 1; i <= n; i++) known[name[i]] = 1
	}
	/^#/ || /^$/ { next }
	/^\[[a-z-]+\/[a-z0-9-]+\]$/ {
		out()
		id = substr($0, 2, length($0) - 2)
		if (seen[id]++) bad("a second [" id "]")
		split("", v)
		line = ""
		next
	}
	{
		i = index($0, " =")
		key = substr($0, 1, i - 1)
		if (!i || !(key in known)) bad("neither a mutant nor a key: " $0)
		else if (key in v) bad("a second " key)
		else v[key] = substr($0, i + 3)
	}
	END { out(); exit rc }' "$1"
}

# changed FILE IN FROM TO: FILE with FROM, which must be there exactly once, replaced. IN, if not
# empty, must be there exactly once, and FROM after it, before the next line that begins with }.
changed() {
	IN=$2 FROM=$3 TO=$4 awk '
	BEGIN { head = ENVIRON["IN"]; from = ENVIRON["FROM"]; to = ENVIRON["TO"]; open = head == "" }
	head != "" && index($0, head) { heads++; open = 1 }
	open && (at = index($0, from)) {
		found++
		rest = substr($0, at + length(from))
		if (index(rest, from)) found++
		$0 = substr($0, 1, at - 1) to rest
	}
	{ print }
	head != "" && /^}/ { open = 0 }
	END { exit found != 1 || (head != "" && heads != 1) }' "$1"
}
