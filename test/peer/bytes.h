/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Growing byte buffer, and little-endian integers. */

#include "base/macro.h"

/* {0} is empty. After an allocation failure `failed` remains set and nothing is added. */
typedef struct Bytes {
        uint8_t *data;
        size_t length, n_allocated;
        bool failed;
} Bytes;

/* Appends n zeroed bytes, to be filled in before the buffer changes; NULL: out of memory. */
uint8_t *bytes_extend(Bytes *b, size_t n);
void bytes_append(Bytes *b, const void *data, size_t n);
/* Removes n bytes from the front; n <= length. */
void bytes_consume(Bytes *b, size_t n);
void bytes_done(Bytes *b);

#define _cleanup_bytes_ _cleanup_(bytes_done)

static inline uint16_t get_le16(const uint8_t *p)
{
        return (uint16_t) (p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *p)
{
        return get_le16(p) | (uint32_t) get_le16(p + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *p)
{
        return get_le32(p) | (uint64_t) get_le32(p + 4) << 32;
}

static inline void put_le16(uint8_t *p, uint16_t value)
{
        p[0] = (uint8_t) value;
        p[1] = (uint8_t) (value >> 8);
}

static inline void put_le32(uint8_t *p, uint32_t value)
{
        put_le16(p, (uint16_t) value);
        put_le16(p + 2, (uint16_t) (value >> 16));
}

static inline void put_le64(uint8_t *p, uint64_t value)
{
        put_le32(p, (uint32_t) value);
        put_le32(p + 4, (uint32_t) (value >> 32));
}
