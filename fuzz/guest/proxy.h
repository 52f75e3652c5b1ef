/* SPDX-License-Identifier: GPL-2.0-only */
/* The program between the fuzzer and the guest; it is described at the head of proxy.c. */
#ifndef FUZZ_GUEST_PROXY_H
#define FUZZ_GUEST_PROXY_H

/** proxy_die - says @what, and ends the program with 2. */
void proxy_die(const char *what) __attribute__((noreturn));

#endif
