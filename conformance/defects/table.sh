#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Writes the table `defects` of run.c for the reproducers whose names are given.
set -eu
for name; do
	printf 'int defect_%s(void);\n' "$(printf %s "$name" | tr - _)"
done
printf "struct defect {\n\tconst char *name;\n\tint (*main)(void);\n};\nextern const struct defect defects[];\n"
printf "const struct defect defects[] = {\n"
for name; do
	printf '\t{ "%s", defect_%s },\n' "$name" "$(printf %s "$name" | tr - _)"
done
printf '\t{ 0, 0 },\n};\n'
