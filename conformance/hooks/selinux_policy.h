/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest policy with which SELinux labels things: it knows one label, and allows all. */
#ifndef KRSI_HOOKS_SELINUX_POLICY_H
#define KRSI_HOOKS_SELINUX_POLICY_H

/* The label. Without any policy too, SELinux translates it: to that of the kernel. */
#define SELINUX_LABEL "krsi_u:krsi_r:krsi_t"

/* Loads it by the selinuxfs that is mounted at `path`; 0 or -errno. It stays until the next boot.
 */
int selinux_load_policy(const char *path);
/* Mounts one there first, where nothing is yet; 0 or -errno. */
int selinux_set_up(const char *path);

#endif
