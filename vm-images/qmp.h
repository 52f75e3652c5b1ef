/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's machine protocol, as far as it takes to keep a guest's state (docs/interop/qmp-spec). */
#ifndef KRSI_QMP_H
#define KRSI_QMP_H

/**
 * qmp_hello - the greeting, on a connected socket. @seconds: how long an answer may take from now
 * on. Return: 0, or -1 if QEMU does not answer.
 */
int qmp_hello(int fd, int seconds);

/**
 * qmp_command - run a command without arguments, or with one argument that is a string.
 * @name, @value: the argument; NULL: none.
 * Return: 0, or -1 if it was refused or QEMU does not answer.
 */
int qmp_command(int fd, const char *command, const char *name, const char *value);

/**
 * qmp_await - ask for the `status` that @query returns until it is @good.
 * @bad: a status that ends the wait at once; may be NULL.
 * Return: 0, or -1 if it became @bad, QEMU does not answer, or @seconds passed.
 */
int qmp_await(int fd, const char *query, const char *good, const char *bad, double seconds);

#endif
