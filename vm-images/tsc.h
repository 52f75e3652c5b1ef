/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How fast an emulated guest's time stamp counter runs: as the host's. A guest that has to find it
 * out compares two counters, and one whose emulator stands still between the two reads gets it
 * wrong for good: its clock then runs many times too fast, and tests run out of time.
 */
#ifndef KRSI_TSC_H
#define KRSI_TSC_H

/**
 * tsc_khz - the rate of this host's time stamp counter in kHz, in whole MHz; 0 where it has none.
 * Equal in all processes until the machine boots again (known.h), so that command lines are.
 */
unsigned int tsc_khz(void);

#endif
