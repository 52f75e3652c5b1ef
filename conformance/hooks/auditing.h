/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Auditing, for the hooks by which it asks for labels. It follows a process that was forked while
 * it is on (so act in a child), and asks while a rule for system calls exists. The rule here
 * matches nothing. All is put back; but once it was on, every new process carries an audit context
 * until the next boot, and some hooks are called that were not before.
 */
#ifndef KRSI_HOOKS_AUDITING_H
#define KRSI_HOOKS_AUDITING_H

#include "conformance/harness/subject.h"

/* As krsi_needs.probe: why auditing cannot be set up, or NULL. */
const char *auditing__unavailable(void);
/* Adds or deletes (AUDIT_ADD_RULE, AUDIT_DEL_RULE), by a socket of NETLINK_AUDIT, the rule never to
 * report one system call, which is not of interest, of this process; 0 or -errno. */
int auditing__rule(int fd, uint16_t type);
/* Turns auditing on and adds the rule; 0 or -errno. For one process at a time. */
int auditing__start(void);
/* Puts both back. */
void auditing__stop(struct subject *s);

#endif
