// SPDX-License-Identifier: GPL-2.0-only
/* The model's chain, through the adapter ABI. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "conformance/adapters/builtin.h"

static const struct krsi_adapter *const model = &model_adapter;
static struct krsi_instance *inst;
static char *const argv[] = { "x", NULL }, *const envp[] = { "A=1", NULL };

static void open_model(const char *option)
{
	const char *why;

	cr_assert_eq(model->open(option, &inst, &why), 0, "%s", why);
}

static struct krsi_prog *fixed(const char *name, int ret)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = "bprm_check_security",
		.fixed = true,
		.fixed_ret = ret,
		.name = name,
	};
	struct krsi_prog *prog = NULL;

	cr_assert_eq(model->load(inst, &spec, &prog), 0);
	return prog;
}

static struct krsi_link *attach(struct krsi_prog *prog)
{
	struct krsi_link *link = NULL;

	cr_assert_eq(model->attach(prog, KRSI_ATTACH_DEFAULT, &link), 0);
	return link;
}

static struct krsi_prog *steered(int verdict)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = "bprm_check_security" };
	const struct krsi_rule rule = { .size = sizeof(rule),
					.who = KRSI_SUBJECT,
					.session = getsid(0),
					.verdict = verdict,
					.record = true,
					.filter_arg = -1 };
	struct krsi_prog *prog = NULL;

	cr_assert_eq(model->load(inst, &spec, &prog), 0);
	cr_assert_eq(model->steer(prog, &rule), 0);
	return prog;
}

static int exec_it(void)
{
	return model->exec(inst, "x", argv, envp);
}

static void take(const struct krsi_event *event, void *data)
{
	const void ***at = data;

	*(*at)++ = event->prog;
}

Test(model, oldest_first_and_the_first_denial_stops)
{
	struct krsi_prog *p[3] = { NULL };
	const void *ran[4] = { NULL }, **at = ran;

	open_model(NULL);
	for (int i = 0; i < 3; i++) {
		p[i] = steered(i == 1 ? -EUCLEAN : 0);
		attach(p[i]);
	}
	cr_expect_eq(exec_it(), -EUCLEAN);
	cr_expect_eq(model->read_events(inst, 0, take, &at), 2);
	cr_expect(ran[0] == p[0] && ran[1] == p[1]);
	cr_expect_eq(model->calls(p[2], NULL), 0);
}

Test(model, audit_stops_the_chain_and_denies_nothing)
{
	struct krsi_prog *second;

	open_model("audit");
	attach(fixed("deny", -EPERM));
	second = steered(0);
	attach(second);
	cr_expect_eq(exec_it(), 0);
	cr_expect_eq(model->calls(second, NULL), 0);
}

Test(model, a_program_of_equal_name_replaces_and_goes_last)
{
	struct krsi_prog *old, *other, *new;
	struct krsi_link *link = NULL, *old_link;
	uint32_t ids[4] = { 0 };

	open_model(NULL);
	old = fixed("log__v1", 0);
	other = fixed("other", 0);
	new = fixed("log__v2", -EPERM);
	old_link = attach(old);
	attach(other);
	cr_expect_eq(model->attach(new, KRSI_ATTACH_DEFAULT, &link), -EEXIST);
	cr_expect_eq(exec_it(), 0);
	cr_expect_eq(model->attach(new, KRSI_ATTACH_REPLACE, &link), 0);
	cr_expect_eq(exec_it(), -EPERM);
	cr_expect_eq(model->query(inst, "bprm_check_security", ids, 4), 2);
	cr_expect(ids[0] == model->prog_id(other) && ids[1] == model->prog_id(new));
	cr_expect_eq(model->detach(old_link), -ENOENT);
}

Test(model, a_chain_is_full_at_its_limit)
{
	struct krsi_link *link = NULL;

	open_model(NULL);
	for (int i = 0; i < 64; i++)
		attach(fixed(NULL, 0));
	cr_expect_eq(model->attach(fixed(NULL, 0), KRSI_ATTACH_DEFAULT, &link), -E2BIG);
	cr_expect_eq(exec_it(), 0);
}

Test(model, what_dead_processes_left_is_reaped)
{
	open_model(NULL);
	if (!fork()) {
		attach(fixed("deny", -EPERM));
		_exit(0);
	}
	cr_assert(wait(NULL) > 0);
	cr_expect_eq(exec_it(), -EPERM);
	model->reap(inst);
	cr_expect_eq(exec_it(), 0);
}

Test(model, loads_what_the_verifier_would)
{
	struct krsi_prog_spec spec = {
		.size = sizeof(spec), .hook = "bprm_check_security", .fixed = true, .fixed_ret = 1
	};
	struct krsi_prog *prog;

	open_model(NULL);
	cr_expect_eq(model->load(inst, &spec, &prog), -EINVAL);
	spec.fixed_ret = -4096;
	cr_expect_eq(model->load(inst, &spec, &prog), -EINVAL);
	spec.fixed_ret = 0;
	spec.license = "Proprietary";
	cr_expect_eq(model->load(inst, &spec, &prog), -EINVAL);
	spec.license = NULL;
	spec.hook = "file_open";
	cr_expect_eq(model->load(inst, &spec, &prog), -ENOENT);
	spec = (struct krsi_prog_spec){ .size = sizeof(spec), .named = "sleep:copy_plain" };
	cr_expect_eq(model->load(inst, &spec, &prog), -ENOENT);
}
