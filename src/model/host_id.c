/* SPDX-License-Identifier: Apache-2.0 */

#include "model/host_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

bool host_id_is_valid(const char *s)
{
        bool all_zero = true;

        if (strlen(s) != HOST_ID_SIZE - 1)
                return false;
        for (size_t i = 0; s[i]; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;

                if (dash ? s[i] != '-' : text_hex_value(s[i]) < 0)
                        return false;
                all_zero = all_zero && (dash || s[i] == '0');
        }
        return !all_zero;
}

const char *host_id_in_nqn(const char *host_nqn)
{
        const char *uuid = text_after(host_nqn, HOST_NQN_UUID_PREFIX);

        return uuid && host_id_is_valid(uuid) ? uuid : NULL;
}

/* RFC 9562, version 8: custom contents. Nothing can be gained from a collision, since the kernel
 * rejects the connection. */
static void compute(const char *host_nqn, const char *own_id, char ret[static HOST_ID_SIZE])
{
        uint64_t high = text_hash(text_hash(TEXT_HASH_BEGIN, own_id), host_nqn);
        uint64_t low = text_hash(text_hash(high, host_nqn), own_id);

        (void) snprintf(ret, HOST_ID_SIZE, "%08x-%04x-8%03x-%04x-%012" PRIx64,
                        (unsigned) (high >> 32), (unsigned) (high >> 16 & 0xffff),
                        (unsigned) (high & 0xfff), (unsigned) (low >> 48 & 0x3fff) | 0x8000,
                        low & UINT64_C(0xffffffffffff));
}

void host_id_for_nqn(const char *host_nqn, const char *own_nqn, const char *own_id,
                     char ret[static HOST_ID_SIZE])
{
        if (!*host_nqn || streq(host_nqn, own_nqn)) {
                memcpy(ret, own_id, HOST_ID_SIZE);
                return;
        }
        const char *uuid = host_id_in_nqn(host_nqn);
        if (uuid && strcasecmp(uuid, own_id) != 0)
                memcpy(ret, uuid, HOST_ID_SIZE);
        else
                compute(host_nqn, own_id, ret);
}
