/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/host_uuid.h"

#include <stdio.h>

#include "base/text.h"
#include "codec/sha256.h"

/* The key that nvme-cli and nvme-stas have always used. */
#define APPLICATION_KEY "$nvmexpress.org$"

void uuid_to_text(const uint8_t u[static UUID_SIZE], UuidText ret)
{
        snprintf(ret, UUID_TEXT_SIZE,
                 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
                 u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
                 u[15]);
}

/* Parses 16 bytes of hexadecimal digits, with the dashes of a UUID or with none, followed by white
 * space only. */
static int uuid_from_text(const char *s, bool dashes, uint8_t ret[static UUID_SIZE])
{
        uint8_t u[UUID_SIZE];

        for (size_t i = 0; i < UUID_SIZE; i++) {
                if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && *s++ != '-')
                        return -EINVAL;
                int byte = text_hex_byte(s);
                if (byte < 0)
                        return byte;
                u[i] = (uint8_t) byte;
                s += 2;
        }
        if (s[strspn(s, " \t\r\n")] != '\0')
                return -EINVAL;
        memcpy(ret, u, sizeof(u));
        return 0;
}

static bool uuid_is_filler(const uint8_t u[static UUID_SIZE])
{
        return (u[0] == 0x00 || u[0] == 0xff) && memcmp(u, u + 1, UUID_SIZE - 1) == 0;
}

int host_uuid_from_machine_id(const char *text, UuidText ret)
{
        uint8_t id[UUID_SIZE], hmac[SHA256_SIZE];

        if (uuid_from_text(text, false, id) < 0 || uuid_is_filler(id))
                return -EINVAL;
        hmac_sha256(APPLICATION_KEY, strlen(APPLICATION_KEY), id, sizeof(id), hmac);
        hmac[6] = (hmac[6] & 0x0f) | 0x40; /* version 4 */
        hmac[8] = (hmac[8] & 0x3f) | 0x80; /* variant of RFC 4122 */
        uuid_to_text(hmac, ret);
        return 0;
}

int host_uuid_from_dmi(const char *text, UuidText ret)
{
        static const uint8_t order[UUID_SIZE] = { 3, 2, 1,  0,  5,  4,  7,  6,
                                                  8, 9, 10, 11, 12, 13, 14, 15 };
        uint8_t raw[UUID_SIZE], u[UUID_SIZE];

        if (uuid_from_text(text, true, raw) < 0 || uuid_is_filler(raw))
                return -EINVAL;
        for (size_t i = 0; i < UUID_SIZE; i++)
                u[i] = raw[order[i]];
        uuid_to_text(u, ret);
        return 0;
}

int host_uuid_from_device_tree(const char *text, UuidText ret)
{
        uint8_t u[UUID_SIZE];

        if (uuid_from_text(text, true, u) < 0)
                return -EINVAL;
        uuid_to_text(u, ret);
        return 0;
}

const HostUuidSource host_uuid_sources[N_HOST_UUID_SOURCES] = {
        { "etc/machine-id", host_uuid_from_machine_id },
        { "sys/class/dmi/id/product_uuid", host_uuid_from_dmi },
        { "proc/device-tree/ibm,partition-uuid", host_uuid_from_device_tree },
};
