// SPDX-License-Identifier: GPL-2.0-only
/* The same by the name that the kfunc had first (6.18): an object loads with names that fit alone.
 */
#define FIRST_NAME
#include "task_work.bpf.c"
