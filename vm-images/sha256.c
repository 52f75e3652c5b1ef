// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/sha256.h"

static void to_hex(const unsigned char *md, unsigned int n, char *hex)
{
	for (unsigned int i = 0; i < n && i < SHA256_HEX_LEN / 2; i++)
		sprintf(hex + 2 * i, "%02x", md[i]);
}

int sha256_mem(const void *data, size_t len, char hex[SHA256_HEX_LEN + 1], struct krsi_err *err)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (!EVP_Digest(data, len, md, &n, EVP_sha256(), NULL))
		return krsi_err_set(err, KRSI_EXIT_INFRA, "SHA-256 is not available in OpenSSL");
	to_hex(md, n, hex);
	return 0;
}

static int digest_fd(int fd, const char *path, EVP_MD_CTX *ctx, char *hex, struct krsi_err *err)
{
	static __thread unsigned char buf[1 << 16];
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	ssize_t got;

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		return krsi_err_set(err, KRSI_EXIT_INFRA, "SHA-256 is not available in OpenSSL");
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		EVP_DigestUpdate(ctx, buf, (size_t)got);
	if (got < 0)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
				    strerror(errno));
	EVP_DigestFinal_ex(ctx, md, &n);
	to_hex(md, n, hex);
	return 0;
}

int sha256_file(const char *path, char hex[SHA256_HEX_LEN + 1], struct krsi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	EVP_MD_CTX *ctx;

	if (fd < 0)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
				    strerror(errno));
	ctx = EVP_MD_CTX_new();
	rc = digest_fd(fd, path, ctx, hex, err);
	EVP_MD_CTX_free(ctx);
	close(fd);
	return rc;
}
