/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Little-endian numbers as used by NVMe and ACPI, at any alignment. */

#include "base/macro.h"

static inline uint16_t get_le16(const uint8_t *p)
{
        return (uint16_t) (p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *p)
{
        return (uint32_t) get_le16(p) | (uint32_t) get_le16(p + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *p)
{
        return (uint64_t) get_le32(p) | (uint64_t) get_le32(p + 4) << 32;
}

static inline void put_le16(uint8_t *p, size_t value)
{
        p[0] = (uint8_t) value;
        p[1] = (uint8_t) (value >> 8);
}

static inline void put_le32(uint8_t *p, size_t value)
{
        put_le16(p, value);
        put_le16(p + 2, value >> 16);
}
