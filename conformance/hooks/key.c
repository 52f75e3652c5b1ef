// SPDX-License-Identifier: GPL-2.0-only
/* Keys and keyrings. */
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* Of enum key_need_perm in the kernel's <linux/key.h>. */
#define NEED_VIEW 1

/* Indices in s->val. */
enum { RING, KEY };

/* The bytes "krsi", and no NUL: what lies behind them is nobody's. */
#define WANT_PAYLOAD                                                                               \
	{                                                                                          \
		.param = "payload", .field = KRSI_A, .from = SOURCE_NUMBER, .number = 0x6973726b,  \
		.mask = 0xffffffff                                                                 \
	}

/* What the route that ran should have left behind. */
static bool (*left)(struct subject *s);

static bool as_left(struct subject *s)
{
	return left(s);
}

static long keyctl(int operation, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, operation, a, b, c, d);
}

static long add_key(const char *description, const char *payload, long ring)
{
	return syscall(SYS_add_key, "user", description, payload, strlen(payload), ring);
}

static bool is_in_ring(struct subject *s, const char *description)
{
	return keyctl(KEYCTL_SEARCH, s->val[RING], (long)"user", (long)description, 0) >= 0;
}

/* The subject's own keyring, which goes with it, and the key "old" in it. */
static int ring_with_key(struct subject *s)
{
	s->val[RING] = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1, 0, 0);
	TRY(s->val[RING]);
	s->val[KEY] = add_key("old", "before", s->val[RING]);
	TRY(s->val[KEY]);
	return 0;
}

static bool has_new(struct subject *s)
{
	return is_in_ring(s, "new");
}

static int add_new(struct subject *s)
{
	left = has_new;
	return SYS(add_key("new", "krsi", s->val[RING]));
}

static bool joined(struct subject *s)
{
	char text[128] = "";

	keyctl(KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, (long)text, sizeof(text) - 1, 0);
	return strstr(text, ";krsi-session");
}

static int join_session(struct subject *s)
{
	left = joined;
	return SYS(keyctl(KEYCTL_JOIN_SESSION_KEYRING, (long)"krsi-session", 0, 0, 0));
}

static bool has_thread_ring(struct subject *s)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0, 0, 0) >= 0;
}

static int make_thread_ring(struct subject *s)
{
	left = has_thread_ring;
	return SYS(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1, 0, 0));
}

HOOK(key_alloc, FAMILY_KEY, .setup = ring_with_key,
     .route = { { "add_key", add_new },
		{ "keyctl_join_session_keyring", join_session },
		{ "keyctl_get_keyring_id", make_thread_ring } },
     .effect = as_left, .args = { WANT_TEXT("key", "new") });

/* key_gc_unused_keys() calls the hook, in a worker. */
static bool old_is_gone(struct subject *s)
{
	return !is_in_ring(s, "old");
}

static int unlink_old(struct subject *s)
{
	left = old_is_gone;
	return SYS(keyctl(KEYCTL_UNLINK, s->val[KEY], s->val[RING], 0, 0));
}

static int clear_ring(struct subject *s)
{
	left = old_is_gone;
	return SYS(keyctl(KEYCTL_CLEAR, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0));
}

VOID_HOOK(key_free, FAMILY_KEY, .setup = ring_with_key,
	  .route = { { "keyctl_unlink", unlink_old }, { "keyctl_clear", clear_ring } },
	  .effect = as_left, .anyone = true, .async = true, .only = WANT_VAL("key", KRSI_A, KEY),
	  .args = { WANT_TEXT("key", "old") });

/* Each route asks for one permission, on the process keyring itself. KEYCTL_CLEAR is left out: root
 * is asked again, for another right (keyctl_keyring_clear). */
static bool wrote_description(struct subject *s)
{
	return !strncmp(s->text, "keyring;", 8);
}

static int describe(struct subject *s)
{
	left = wrote_description;
	return SYS(keyctl(KEYCTL_DESCRIBE, KEY_SPEC_PROCESS_KEYRING, (long)s->text, sizeof(s->text),
			  0));
}

/* Does the description "type;uid;gid;perm;name" of the process keyring have this part? */
static bool described_as(const char *part)
{
	char text[128] = "";

	keyctl(KEYCTL_DESCRIBE, KEY_SPEC_PROCESS_KEYRING, (long)text, sizeof(text) - 1, 0);
	return strstr(text, part);
}

static bool perm_changed(struct subject *s)
{
	return described_as(";3f1f0000;");
}

static int set_perm(struct subject *s)
{
	left = perm_changed;
	return SYS(keyctl(KEYCTL_SETPERM, KEY_SPEC_PROCESS_KEYRING, 0x3f1f0000, 0, 0));
}

static bool group_changed(struct subject *s)
{
	return described_as(";0;1234;");
}

static int set_group(struct subject *s)
{
	left = group_changed;
	return SYS(keyctl(KEYCTL_CHOWN, KEY_SPEC_PROCESS_KEYRING, -1, 1234, 0));
}

static bool revoked(struct subject *s)
{
	char text[128];

	return keyctl(KEYCTL_DESCRIBE, s->val[RING], (long)text, sizeof(text), 0) < 0 &&
	       errno == EKEYREVOKED;
}

static int revoke_ring(struct subject *s)
{
	left = revoked;
	return SYS(keyctl(KEYCTL_REVOKE, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0));
}

HOOK(key_permission, FAMILY_KEY, .setup = ring_with_key,
     .route = { { "keyctl_describe", describe },
		{ "keyctl_setperm", set_perm },
		{ "keyctl_chown", set_group },
		{ "keyctl_revoke", revoke_ring } },
     .effect = as_left,
     .args = { WANT_VAL("key_ref", KRSI_A, RING), WANT_NUM("need_perm", NEED_VIEW) });

/* The kernel writes an empty string where no security module has a label for the key. */
static bool wrote_label(struct subject *s)
{
	return s->text[0] == '\0';
}

static int poisoned(struct subject *s)
{
	memset(s->text, 0x55, sizeof(s->text));
	return ring_with_key(s);
}

static int get_security(struct subject *s)
{
	return SYS(keyctl(KEYCTL_GET_SECURITY, s->val[KEY], (long)s->text, sizeof(s->text), 0));
}

HOOK(key_getsecurity, FAMILY_KEY, .setup = poisoned,
     .route = { { "keyctl_get_security", get_security } }, .effect = wrote_label,
     .args = { WANT_VAL("key", KRSI_A, KEY), WANT_TEXT("key", "old") });

static bool old_has_payload(struct subject *s)
{
	char payload[16] = "";

	keyctl(KEYCTL_READ, s->val[KEY], (long)payload, sizeof(payload) - 1, 0);
	return !strcmp(payload, "krsi");
}

static int add_old_again(struct subject *s)
{
	left = old_has_payload;
	return SYS(add_key("old", "krsi", s->val[RING]));
}

VOID_HOOK(key_post_create_or_update, FAMILY_KEY, .setup = ring_with_key,
	  .route = { { "add_key", add_new }, { "update", add_old_again } }, .effect = as_left,
	  .args = { WANT_VAL("keyring", KRSI_A, RING), WANT_TEXT("key", "new"), WANT_PAYLOAD,
		    WANT_NUM("payload_len", 4), WANT_NUM("create", 1) });
