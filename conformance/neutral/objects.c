// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

int make_objects(void)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {
		{ "public", 0644 },	   { "secret", 0600 },	    { "open", 0666 },
		{ "closed/file", 0644 },   { "public.d/file", 0644 }, { "sticky/theirs", 0644 },
	}, dirs[] = { { "closed", 0700 }, { "public.d", 0755 }, { "sticky", 01777 } };
	int err;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		TRY(mkdir(dirs[i].name, 0700));
		TRY(chmod(dirs[i].name, dirs[i].mode));
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		err = put_file(files[i].name, "content\n");
		if (err)
			return err;
		TRY(chmod(files[i].name, files[i].mode));
	}
	TRY(symlink("public", "to-public"));
	err = put_noop("tool");
	if (err)
		return err;
	TRY(chmod("tool", 0755));
	return 0;
}

int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	return err;
}

int read_into_out(const char *path, unsigned int size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(read(fd, out, size));
	close(fd);
	return ret;
}

int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(write(fd, text, strlen(text)));
	close(fd);
	return ret;
}
