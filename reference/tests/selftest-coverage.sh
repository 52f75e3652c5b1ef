#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a guest says on its console is written where coverage.sh works, and nowhere else.
#
#   reference/tests/selftest-coverage.sh [BUILD-DIRECTORY]
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../ci/tests/said.sh"
cd "$work" || exit 2

mkdir cache res
echo mine >victim.gcda
cat >res/console.log <<'END'
krsi-gcov /$(touch${IFS}ran)/x.gcda QUJD
krsi-gcov /`touch${IFS}ran`/x.gcda QUJD
krsi-gcov /a";touch${IFS}ran;"/x.gcda QUJD
krsi-gcov /../../../victim.gcda QUJD
krsi-gcov /../../../victim.gcda =3
krsi-gcov /a/./../../../../victim.gcda QUJD
krsi-gcov ../../../victim.gcda QUJD
krsi-gcov /other QUJD
END
expect 1 'no console holds counters' sh "$here/../linux/coverage.sh" cache out res
gone ran
holds victim.gcda '^mine$'
counted
