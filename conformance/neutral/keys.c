// SPDX-License-Identifier: GPL-2.0-only
/* Keys and keyrings. */
#include <linux/keyctl.h>

#include "conformance/neutral/workload.h"

#define PROCESS KEY_SPEC_PROCESS_KEYRING
#define SESSION KEY_SPEC_SESSION_KEYRING

static const struct call key_calls[] = {
	OK("join", keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0),
	KEEP(0, "add", add_key, "user", "krsi:one", "payload", 7, SESSION),
	KEEP(1, "add-ring", add_key, "keyring", "krsi:ring", 0, 0, SESSION),
	OK("add-logon", add_key, "logon", "krsi:logon", "payload", 7, SESSION),
	OK("add-logon-wrong", add_key, "logon", "nocolon", "payload", 7, SESSION),
	OK("add-no-type", add_key, "nosuchtype", "krsi:x", "payload", 7, SESSION),
	OK("add-dot-type", add_key, ".user", "krsi:x", "payload", 7, SESSION),
	OK("add-dot-ring", add_key, "keyring", ".krsi", 0, 0, SESSION),
	OK("add-long", add_key, "user", "krsi:long", out, 40000, SESSION),
	OK("add-empty", add_key, "user", "krsi:empty", 0, 0, SESSION),
	OK("add-process", add_key, "user", "krsi:p", "x", 1, PROCESS),
	OK("add-no-ring", add_key, "user", "krsi:x", "x", 1, 0x7ffffff0),
	BYTES("read", keyctl, KEYCTL_READ, SLOT(0), out, 64, 0),
	NUM("read-size", keyctl, KEYCTL_READ, SLOT(0), 0, 0, 0),
	NUM("read-ring", keyctl, KEYCTL_READ, SLOT(1), out, 64, 0),
	NUM("update", keyctl, KEYCTL_UPDATE, SLOT(0), "other", 5, 0),
	BYTES("describe", keyctl, KEYCTL_DESCRIBE, SLOT(0), out, 128, 0),
	BYTES("security", keyctl, KEYCTL_GET_SECURITY, SLOT(0), out, 64, 0),
	NUM("security-size", keyctl, KEYCTL_GET_SECURITY, SLOT(0), 0, 0, 0),
	NUM("link", keyctl, KEYCTL_LINK, SLOT(0), SLOT(1), 0, 0),
	NUM("link-into-itself", keyctl, KEYCTL_LINK, SLOT(1), SLOT(1), 0, 0),
	NUM("unlink", keyctl, KEYCTL_UNLINK, SLOT(0), SLOT(1), 0, 0),
	NUM("unlink-again", keyctl, KEYCTL_UNLINK, SLOT(0), SLOT(1), 0, 0),
	OK("search", keyctl, KEYCTL_SEARCH, SESSION, "user", "krsi:one", 0),
	OK("search-none", keyctl, KEYCTL_SEARCH, SESSION, "user", "krsi:none", 0),
	NUM("chown-root", keyctl, KEYCTL_CHOWN, SLOT(0), 0, -1, 0),
	NUM("chown-other", keyctl, KEYCTL_CHOWN, SLOT(0), 1000, -1, 0),
	NUM("timeout", keyctl, KEYCTL_SET_TIMEOUT, SLOT(0), 1000, 0, 0),
	NUM("perm-none", keyctl, KEYCTL_SETPERM, SLOT(0), 0x3f010000, 0, 0),
	NUM("perm-wrong", keyctl, KEYCTL_SETPERM, SLOT(0), -1, 0, 0),
	NUM("clear", keyctl, KEYCTL_CLEAR, SLOT(1), 0, 0, 0),
	NUM("clear-key", keyctl, KEYCTL_CLEAR, SLOT(0), 0, 0, 0),
	NUM("revoke", keyctl, KEYCTL_REVOKE, SLOT(0), 0, 0, 0),
	NUM("read-revoked", keyctl, KEYCTL_READ, SLOT(0), out, 64, 0),
	NUM("invalidate", keyctl, KEYCTL_INVALIDATE, SLOT(1), 0, 0, 0),
	OK("ring-id", keyctl, KEYCTL_GET_KEYRING_ID, PROCESS, 0, 0, 0),
	OK("ring-id-thread", keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0, 0, 0),
	OK("persistent-root", keyctl, KEYCTL_GET_PERSISTENT, 0, SESSION, 0, 0),
	NUM("instantiate-none", keyctl, KEYCTL_INSTANTIATE, SLOT(0), "x", 1, 0),
	NUM("to-parent", keyctl, KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0),
	NUM("watch-none", keyctl, KEYCTL_WATCH_KEY, SLOT(1), -1, 0, 0),
	NUM("capabilities", keyctl, KEYCTL_CAPABILITIES, out, 64, 0, 0),
	NUM("unknown", keyctl, 7777, 0, 0, 0, 0),
	OK("request-none", request_key, "user", "krsi:none", 0, SESSION),
};
WORKLOAD(key, key_calls, .name = "key", .as = AS_ANYONE);
