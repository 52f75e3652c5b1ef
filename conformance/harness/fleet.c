// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/harness/clock.h"
#include "conformance/harness/fleet.h"

/* Detaching waits for grace periods, which several waiters share. */
#define DETACHERS 16

struct detacher {
	struct fleet *fleet;
	const struct krsi_adapter *adapter;
	size_t next; /* atomic */
};

static void *detach_some(void *data)
{
	struct detacher *d = data;
	size_t i;

	while ((i = __atomic_fetch_add(&d->next, 1, __ATOMIC_RELAXED)) < d->fleet->n) {
		if (d->fleet->link[i])
			d->adapter->detach(d->fleet->link[i]);
		d->fleet->link[i] = NULL;
	}
	return NULL;
}

void fleet__detach(struct fleet *fleet, const struct krsi_adapter *adapter)
{
	struct detacher d = { .fleet = fleet, .adapter = adapter };
	double start = clock__seconds();
	pthread_t thread[DETACHERS];
	int n = 0;

	while (n < DETACHERS && !pthread_create(&thread[n], NULL, detach_some, &d))
		n++;
	if (!n)
		detach_some(&d);
	while (n)
		pthread_join(thread[--n], NULL);
	fleet->detach_seconds += clock__seconds() - start;
}

static int attach_one(struct fleet *fleet, const struct krsi_adapter *adapter,
		      struct krsi_instance *inst, const char *hook, size_t i)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = hook };
	int err = adapter->load(inst, &spec, &fleet->prog[i]);

	if (err)
		return err;
	err = adapter->attach(fleet->prog[i], KRSI_ATTACH_DEFAULT, &fleet->link[i]);
	if (err) {
		adapter->unload(fleet->prog[i]);
		fleet->prog[i] = NULL;
	}
	return err;
}

int fleet__attach(struct fleet *fleet, const struct krsi_adapter *adapter,
		  struct krsi_instance *inst, const struct krsi_hook *hooks, const bool *wanted,
		  size_t n)
{
	double start = clock__seconds();

	memset(fleet, 0, sizeof(*fleet));
	fleet->prog = calloc(n + 1, sizeof(*fleet->prog));
	fleet->link = calloc(n + 1, sizeof(*fleet->link));
	fleet->error = calloc(n + 1, sizeof(*fleet->error));
	if (!fleet->prog || !fleet->link || !fleet->error) {
		fleet__free(fleet, adapter);
		return -ENOMEM;
	}
	fleet->n = n;
	for (size_t i = 0; i < n; i++)
		if (wanted[i])
			fleet->error[i] = attach_one(fleet, adapter, inst, hooks[i].name, i);
	fleet->attach_seconds = clock__seconds() - start;
	return 0;
}

void fleet__free(struct fleet *fleet, const struct krsi_adapter *adapter)
{
	if (fleet->n)
		fleet__detach(fleet, adapter);
	for (size_t i = 0; i < fleet->n; i++)
		adapter->unload(fleet->prog[i]);
	free(fleet->prog);
	free(fleet->link);
	free(fleet->error);
	memset(fleet, 0, sizeof(*fleet));
}
