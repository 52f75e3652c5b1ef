/* SPDX-License-Identifier: GPL-2.0-only */
/* A signature (PKCS#7, detached), what it is of, and the certificate (X.509) of the key. */
#ifndef KRSI_HARNESS_SIGNED_H
#define KRSI_HARNESS_SIGNED_H

/* What fs-verity makes of a file of this content, with SHA-256 over blocks of this size. */
#define SIGNED_CONTENT "krsi"
#define SIGNED_BLOCK   1024

extern const unsigned char signed_digest[44], signed_signature[398], signed_certificate[773];

#endif
