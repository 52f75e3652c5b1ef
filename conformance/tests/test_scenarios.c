// SPDX-License-Identifier: GPL-2.0-only
/* The hash of the scenarios, which the policies and their drivers share: held against FIPS 180. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "conformance/scenarios/sha256_file.h"

/* The messages of FIPS 180-2 and NIST's examples, and lengths around the padding. */
static const struct {
	const char *message;
	unsigned int times;
	const char *digest;
} vectors[] = {
	{ "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
	{ "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
	{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static char message[1000001];

Test(scenarios, sha256_is_sha256)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned char digest[SHA256_BYTES];
		char text[2 * SHA256_BYTES + 1];
		size_t len = strlen(vectors[i].message);

		for (unsigned int n = 0; n < vectors[i].times; n++)
			memcpy(message + n * len, vectors[i].message, len);
		sha256_bytes(message, len * vectors[i].times, digest);
		for (int b = 0; b < SHA256_BYTES; b++)
			sprintf(text + 2 * b, "%02x", digest[b]);
		cr_expect_str_eq(text, vectors[i].digest, "%u times '%s'", vectors[i].times,
				 vectors[i].message);
	}
}
