/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104) based on it: libsystemd only computes HMACs with the
 * machine ID as the key, but host NQNs need it as the message. */

#include "base/macro.h"

enum {
        SHA256_SIZE = 32,
        SHA256_BLOCK_SIZE = 64,
};

typedef struct Sha256 {
        uint32_t state[8];
        uint64_t n_bytes;
        uint8_t block[SHA256_BLOCK_SIZE];
} Sha256;

void sha256_init(Sha256 *s);
void sha256_update(Sha256 *s, const void *data, size_t n);
void sha256_finish(Sha256 *s, uint8_t ret[static SHA256_SIZE]);

void hmac_sha256(const void *key, size_t n_key, const void *data, size_t n_data,
                 uint8_t ret[static SHA256_SIZE]);
