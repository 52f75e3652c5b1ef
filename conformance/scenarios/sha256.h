/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 (FIPS 180-4) in C that compiles for BPF too: a program hashes what the kernel is about to
 * use, so that nobody can change it in between.
 */
#ifndef KRSI_SCENARIOS_SHA256_H
#define KRSI_SCENARIOS_SHA256_H

#define SHA256_BYTES 32
#define SHA256_BLOCK 64

/* A message of `left` more bytes; the block is what is hashed next. */
struct sha256 {
	__u32 h[8];
	__u64 size, left; /* of the message, in bytes */
	__u32 marked;	  /* the bit behind the message is in */
	__u32 done;	  /* h is the result */
	__u8 block[SHA256_BLOCK];
	__u32 w[SHA256_BLOCK / 4]; /* the block, and what comes after it */
};

static inline __attribute__((always_inline)) void sha256_begin(struct sha256 *s, __u64 size)
{
	s->h[0] = 0x6a09e667, s->h[1] = 0xbb67ae85, s->h[2] = 0x3c6ef372, s->h[3] = 0xa54ff53a;
	s->h[4] = 0x510e527f, s->h[5] = 0x9b05688c, s->h[6] = 0x1f83d9ab, s->h[7] = 0x5be0cd19;
	s->size = s->left = size;
	s->marked = s->done = 0;
}

static const __u32 sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

#define SHA256_ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* The block into the state. */
static inline __attribute__((always_inline)) void sha256_compress(struct sha256 *s)
{
	__u32 a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3];
	__u32 e = s->h[4], f = s->h[5], g = s->h[6], h = s->h[7];
	volatile __u32 *w = s->w; /* registers are few */

#pragma GCC unroll 16
	for (int i = 0; i < SHA256_BLOCK / 4; i++)
		w[i] = __builtin_bswap32(*(__u32 *)(s->block + 4 * i));
#pragma GCC unroll 1
	for (int i = 0; i < 64; i++) {
		__u32 w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15], t1, t2;

		t1 = h + (SHA256_ROTATE(e, 6) ^ SHA256_ROTATE(e, 11) ^ SHA256_ROTATE(e, 25)) +
		     ((e & f) ^ (~e & g)) + sha256_k[i] + w[i & 15];
		t2 = (SHA256_ROTATE(a, 2) ^ SHA256_ROTATE(a, 13) ^ SHA256_ROTATE(a, 22)) +
		     ((a & b) ^ (a & c) ^ (b & c));
		w[i & 15] += (SHA256_ROTATE(w15, 7) ^ SHA256_ROTATE(w15, 18) ^ w15 >> 3) +
			     w[(i + 9) & 15] +
			     (SHA256_ROTATE(w2, 17) ^ SHA256_ROTATE(w2, 19) ^ w2 >> 10);
		h = g, g = f, f = e, e = d + t1;
		d = c, c = b, b = a, a = t1 + t2;
	}
	s->h[0] += a, s->h[1] += b, s->h[2] += c, s->h[3] += d;
	s->h[4] += e, s->h[5] += f, s->h[6] += g, s->h[7] += h;
}

/* The block has its next `bytes` bytes of the message, and zeroes behind: hashes it. */
static inline __attribute__((always_inline)) void sha256_block(struct sha256 *s, __u64 bytes)
{
	if (bytes < SHA256_BLOCK && !s->marked) {
		s->block[bytes] = 0x80;
		s->marked = 1;
	}
	if (bytes < SHA256_BLOCK - 8) {
		*(__u32 *)(s->block + 56) = __builtin_bswap32(s->size >> 29);
		*(__u32 *)(s->block + 60) = __builtin_bswap32(s->size << 3);
		s->done = 1;
	}
	sha256_compress(s);
	s->left -= bytes;
}

/* The result, as everybody prints it. */
static inline __attribute__((always_inline)) void sha256_digest(const struct sha256 *s,
								__u32 digest[SHA256_BYTES / 4])
{
#pragma GCC unroll 8
	for (int i = 0; i < SHA256_BYTES / 4; i++)
		digest[i] = __builtin_bswap32(s->h[i]);
}

#endif
