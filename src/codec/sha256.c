/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sha256.h"

#include <string.h>

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64
 * primes. */
static const uint32_t round_constants[64] = {
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

static uint32_t rotate_right(uint32_t x, unsigned n)
{
        return x >> n | x << (32 - n);
}

static uint32_t load_be32(const uint8_t *p)
{
        return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static void store_be32(uint8_t *p, uint32_t x)
{
        p[0] = (uint8_t) (x >> 24);
        p[1] = (uint8_t) (x >> 16);
        p[2] = (uint8_t) (x >> 8);
        p[3] = (uint8_t) x;
}

/* FIPS 180-4, 6.2.2 step 1 */
static void expand(const uint8_t *block, uint32_t w[static 64])
{
        for (size_t i = 0; i < 16; i++)
                w[i] = load_be32(block + 4 * i);
        for (size_t i = 16; i < 64; i++) {
                uint32_t a = w[i - 15], b = w[i - 2];

                w[i] = w[i - 16] + w[i - 7] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) +
                       (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
        }
}

/* FIPS 180-4, 6.2.2 steps 2 to 4 */
static void compress(uint32_t state[static 8], const uint8_t *block)
{
        uint32_t w[64], v[8];

        expand(block, w);
        memcpy(v, state, sizeof(v));
        for (size_t i = 0; i < 64; i++) {
                uint32_t a = v[0], e = v[4];
                uint32_t t1 = v[7] +
                              (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                              ((e & v[5]) ^ (~e & v[6])) + round_constants[i] + w[i];
                uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                              ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

                memmove(v + 1, v, 7 * sizeof(v[0]));
                v[4] += t1;
                v[0] = t1 + t2;
        }
        for (size_t i = 0; i < 8; i++)
                state[i] += v[i];
}

void sha256_init(Sha256 *s)
{
        *s = (Sha256) {
                .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                           0x1f83d9ab, 0x5be0cd19 },
        };
}

void sha256_update(Sha256 *s, const void *data, size_t n)
{
        const uint8_t *p = data;

        for (size_t i = 0; i < n; i++) {
                s->block[s->n_bytes++ % SHA256_BLOCK_SIZE] = p[i];
                if (s->n_bytes % SHA256_BLOCK_SIZE == 0)
                        compress(s->state, s->block);
        }
}

void sha256_finish(Sha256 *s, uint8_t ret[static SHA256_SIZE])
{
        const uint64_t n_bits = s->n_bytes * 8;
        uint8_t length[8];

        store_be32(length, (uint32_t) (n_bits >> 32));
        store_be32(length + 4, (uint32_t) n_bits);
        sha256_update(s, "\x80", 1);
        while (s->n_bytes % SHA256_BLOCK_SIZE != SHA256_BLOCK_SIZE - sizeof(length))
                sha256_update(s, "", 1);
        sha256_update(s, length, sizeof(length));
        for (size_t i = 0; i < 8; i++)
                store_be32(ret + 4 * i, s->state[i]);
}

void hmac_sha256(const void *key, size_t n_key, const void *data, size_t n_data,
                 uint8_t ret[static SHA256_SIZE])
{
        uint8_t pad[SHA256_BLOCK_SIZE] = { 0 }, inner[SHA256_SIZE];
        Sha256 s;

        sha256_init(&s);
        if (n_key > sizeof(pad)) {
                sha256_update(&s, key, n_key);
                sha256_finish(&s, pad);
                sha256_init(&s);
        } else {
                memcpy(pad, key, n_key);
        }
        for (size_t i = 0; i < sizeof(pad); i++)
                pad[i] ^= 0x36;
        sha256_update(&s, pad, sizeof(pad));
        sha256_update(&s, data, n_data);
        sha256_finish(&s, inner);

        for (size_t i = 0; i < sizeof(pad); i++)
                pad[i] ^= 0x36 ^ 0x5c;
        sha256_init(&s);
        sha256_update(&s, pad, sizeof(pad));
        sha256_update(&s, inner, sizeof(inner));
        sha256_finish(&s, ret);
}
