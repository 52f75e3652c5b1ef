/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors that a user sees: one line that says what, where and what to do, with the exit code
 * that `krsi` ends with. Every function of this room that can fail takes a `struct krsi_err *`,
 * fills it and returns -1; a caller passes it upwards untouched.
 */
#ifndef KRSI_ERR_H
#define KRSI_ERR_H

/** enum krsi_exit - exit codes of `krsi` (contract 6). */
enum krsi_exit {
	KRSI_EXIT_OK = 0,     /* all as expected */
	KRSI_EXIT_FAIL = 1,   /* a test failed */
	KRSI_EXIT_USAGE = 2,  /* usage or bad input */
	KRSI_EXIT_CRASH = 3,  /* the guest crashed or hung */
	KRSI_EXIT_NOBOOT = 4, /* the kernel did not boot, or cannot run the suite */
	KRSI_EXIT_INFRA = 5,  /* no QEMU, no disk, fetch failed */
	KRSI_EXIT_GATE = 6,   /* worse than the baseline */
};

/**
 * struct krsi_err - one error.
 * @code: enum krsi_exit; 0 while nothing failed.
 * @text: one printable line without newline; always terminated. Control characters in what is
 *        formatted (file content, output of other programs) come out as '?'.
 */
struct krsi_err {
	int code;
	char text[1024];
};

/**
 * krsi_err_set - format an error.
 * Arguments may point into @err->text (to put a prefix before an error from below).
 * Return: always -1, so that a caller can `return krsi_err_set(...)`.
 */
int krsi_err_set(struct krsi_err *err, enum krsi_exit code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * krsi_err_sys - the same for a failed system call: appends ": <strerror(errno)>" and, where
 * errno says that the disk or the quota is full, what to do about it; the code is
 * KRSI_EXIT_INFRA.
 * Return: always -1.
 */
int krsi_err_sys(struct krsi_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
