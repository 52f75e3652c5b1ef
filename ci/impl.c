// SPDX-License-Identifier: GPL-2.0-only
#include "ci/impl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm-images/mem.h"

#define PREFIX "exec:"

char *impl_program(const char *impl)
{
	if (strncmp(impl, PREFIX, strlen(PREFIX)))
		return NULL;
	impl += strlen(PREFIX);
	return xstrndup(impl, strcspn(impl, ","));
}

char *impl_in_guest(const char *impl)
{
	const char *option = strchr(impl, ',');

	if (strncmp(impl, PREFIX, strlen(PREFIX)))
		return xstrdup(impl);
	return xasprintf("%s/%s%s", PREFIX, IMPL_PROGRAM, option ? option : "");
}

int impl_file(struct guest_file *file, const char *impl, struct krsi_err *err)
{
	char *program = impl_program(impl);

	if (!program)
		return 0;
	*file = (struct guest_file){ .guest = IMPL_PROGRAM, .host = program, .mode = 0755 };
	if (!access(program, X_OK))
		return 1;
	krsi_err_set(err, KRSI_EXIT_USAGE, "--impl: %s is no program that can be run", program);
	free(program);
	*file = (struct guest_file){ 0 };
	return -1;
}
