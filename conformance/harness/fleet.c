// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/clock.h"
#include "conformance/harness/fleet.h"

/* A command to the holder, and its report: the same words back. */
struct order {
	size_t i;
	enum fleet_state state;
};

static void carry_out(struct fleet *fleet, struct krsi_link **link, const struct order *order)
{
	struct fleet_hook *hook = &fleet->hook[order->i];
	double start = clock__seconds();

	if (!hook->error && order->state == FLEET_ATTACHED)
		hook->error = fleet->adapter->attach(fleet->prog[order->i], KRSI_ATTACH_DEFAULT,
						     &link[order->i]);
	else if (!hook->error)
		hook->error = fleet->adapter->detach(link[order->i]);
	hook->seconds[order->state == FLEET_DETACHED] += clock__seconds() - start;
	__atomic_store_n(&hook->state, order->state, __ATOMIC_SEQ_CST);
}

/* Ends when the runner closes its side; the links go with the process. */
static void hold(void *arg, int command, int report)
{
	struct fleet *fleet = arg;
	struct krsi_link **link = calloc(fleet->n + 1, sizeof(*link));
	struct order order;

	while (link && read(command, &order, sizeof(order)) == sizeof(order)) {
		carry_out(fleet, link, &order);
		if (write(report, &order, sizeof(order)) != sizeof(order))
			break;
	}
	free(link);
}

int fleet__start(struct fleet *fleet, const struct krsi_adapter *adapter,
		 struct krsi_instance *inst, const struct krsi_hook *hooks, const bool *wanted,
		 size_t n)
{
	memset(fleet, 0, sizeof(*fleet));
	fleet->adapter = adapter;
	fleet->n = n;
	fleet->holder.command = -1;
	fleet->prog = calloc(n + 1, sizeof(*fleet->prog));
	fleet->hook = mmap(NULL, (n + 1) * sizeof(*fleet->hook), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!fleet->prog || fleet->hook == MAP_FAILED)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = hooks[i].name };

		if (wanted[i])
			fleet->hook[i].error = adapter->load(inst, &spec, &fleet->prog[i]);
	}
	return holder__start(&fleet->holder, hold, fleet);
}

void fleet__ask(struct fleet *fleet, size_t i, enum fleet_state state)
{
	const struct order order = { .i = i, .state = state };

	if (write(fleet->holder.command, &order, sizeof(order)) == sizeof(order))
		fleet->asked++;
}

bool fleet__listen(struct fleet *fleet, bool wait)
{
	struct pollfd pipe = { .fd = fleet->holder.report, .events = POLLIN };
	struct order order;

	while (fleet->answered < fleet->asked && poll(&pipe, 1, wait ? -1 : 0) > 0) {
		if (read(fleet->holder.report, &order, sizeof(order)) != sizeof(order))
			return false;
		fleet->answered++;
		wait = false;
	}
	return fleet->answered < fleet->asked;
}

void fleet__await(struct fleet *fleet, size_t i, enum fleet_state state)
{
	while (!fleet->hook[i].error &&
	       __atomic_load_n(&fleet->hook[i].state, __ATOMIC_SEQ_CST) != state &&
	       fleet__listen(fleet, true))
		;
}

void fleet__stop(struct fleet *fleet)
{
	if (fleet->holder.command >= 0) {
		close(fleet->holder.command);
		close(fleet->holder.report);
		if (fleet->holder.pid > 0)
			waitpid(fleet->holder.pid, NULL, 0);
	}
	for (size_t i = 0; fleet->prog && i < fleet->n; i++)
		fleet->adapter->unload(fleet->prog[i]);
	free(fleet->prog);
	memset(fleet, 0, sizeof(*fleet));
}
