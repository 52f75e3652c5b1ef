/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's side: one agent, one target. The agent waits for inputs and tells edges; the target
 * judges. It ends only with its guest.
 */
#ifndef FUZZ_GUEST_AGENT_H
#define FUZZ_GUEST_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "fuzz/guest/shared.h"

/**
 * struct agent_target - one target.
 * @name: as on the host.
 * @set_up: called once; what fails there ends the agent, by agent_die().
 * @run: judges the input in agent_shared.
 */
struct agent_target {
	const char *name;
	void (*set_up)(void);
	void (*run)(void);
};

extern const struct agent_target target_exec, target_faulty, target_mainline, target_sequence;

/** What the host put, and what it will read. */
extern struct shared *agent_shared;

/** agent_say - a finding. Of several the first counts. */
void agent_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** agent_die - the agent cannot do its work: says @what with errno on the console, and ends. */
void agent_die(const char *what) __attribute__((noreturn));

/** agent_kcov - from here on (or no more) the kernel notes where the calling task goes. A task that
 * vfork() made may turn it on for itself when its parent has turned it off. Returns 0 or -1. */
int agent_kcov(bool on);

/** agent_edge - a step that the kernel did not note. */
void agent_edge(uint32_t from, uint32_t to);

#endif
