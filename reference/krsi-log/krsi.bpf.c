// SPDX-License-Identifier: GPL-2.0-only
/* On the reference: one call tells the values, and the verdict comes before the new program. */
#include "log.bpf.h"
#include "reference/linux/uapi.h"

SEC("krsi.s")
int log_exec(void *ctx)
{
	struct krsi_file_id id = {};
	struct log_scratch *s;
	__u64 result;
	__u32 used;
	int verdict;

	result = krsi_get_env_var(ctx, (const char *)policy.name, policy.name_len, NULL, 0);
	if (!result && !policy.all)
		return 0;
	s = take_scratch();
	if (!s) {
		count_lost();
		return verdict_in_range(policy.deny && result ? -EPERM : 0);
	}
	result = krsi_get_env_var(ctx, (const char *)policy.name, policy.name_len, s->data,
				  LOG_VALUES);
	used = values_of(result);
	verdict = judge(s, result);
	fill_head(s, result, used, 0, verdict);
	krsi_get_file_id(ctx, &id, sizeof(id));
	s->frame.dev = id.dev;
	s->frame.ino = id.ino;
	emit(s, used, 0);
	return verdict_in_range(verdict);
}
