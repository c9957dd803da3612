/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/supported_logs.h"

enum {
        LID_DISCOVERY = 0x70,
        LSUPP = 1 << 0,
        LIDSP = 2, /* offset in the dword of a log page */
};

int supported_logs_decode(const uint8_t *data, size_t n, unsigned *ret_discovery)
{
        if (n < SUPPORTED_LOGS_SIZE)
                return -EBADMSG;
        const uint8_t *p = data + LID_DISCOVERY * sizeof(uint32_t);
        *ret_discovery = p[0] & LSUPP ? (unsigned) (p[LIDSP] | p[LIDSP + 1] << 8) : 0;
        return 0;
}
