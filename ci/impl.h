/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The implementation as the user names it and as the guest is told: `exec:PROGRAM[,OPTION]` names a
 * program of the host, which the guest gets as a file of its own.
 */
#ifndef CI_IMPL_H
#define CI_IMPL_H

#include "vm-images/err.h"
#include "vm-images/guest.h"

/** Where the guest finds the program. */
#define IMPL_PROGRAM "krsi/adapter"

/** The host's path of the program; NULL: the implementation is none. Free with free(). */
char *impl_program(const char *impl);

/** What krsi-test is given in the guest. Free with free(). */
char *impl_in_guest(const char *impl);

/** Fills @file for the program of @impl. Returns 1, 0 if there is none, or -1 with @err (code 2):
 * it is not there, or cannot run in a guest without libraries. @file->host is to be freed. */
int impl_file(struct guest_file *file, const char *impl, struct krsi_err *err);

#endif
