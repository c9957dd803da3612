/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/initialize_connection.h"

#include <string.h>

enum { /* PDU types */
        TYPE_ICREQ = 0x00,
        TYPE_ICRESP = 0x01,
};

enum { /* offsets */
        OFFSET_TYPE = 0,
        OFFSET_HLEN = 2,
        OFFSET_PLEN = 4, /* little endian, 4 bytes */
        OFFSET_PFV = 8,  /* little endian, 2 bytes; 0 is format 1.0 */
};

void icreq_encode(uint8_t ret[static ICREQ_SIZE])
{
        memset(ret, 0, ICREQ_SIZE);
        ret[OFFSET_TYPE] = TYPE_ICREQ;
        ret[OFFSET_HLEN] = ICREQ_SIZE;
        ret[OFFSET_PLEN] = ICREQ_SIZE;
}

int icresp_decode(const uint8_t *data, size_t n)
{
        static const struct {
                size_t offset;
                uint8_t value;
        } fixed[] = {
                { OFFSET_TYPE, TYPE_ICRESP },
                { OFFSET_HLEN, ICRESP_SIZE },
                { OFFSET_PLEN, ICRESP_SIZE },
                { OFFSET_PLEN + 1, 0 },
                { OFFSET_PLEN + 2, 0 },
                { OFFSET_PLEN + 3, 0 },
                { OFFSET_PFV, 0 },
                { OFFSET_PFV + 1, 0 },
        };

        /* Check each byte received, so that the caller does not wait for a peer that has already
         * failed. */
        for (size_t i = 0; i < ELEMENTSOF(fixed); i++)
                if (n > fixed[i].offset && data[fixed[i].offset] != fixed[i].value)
                        return -EPROTO;
        return n >= ICRESP_SIZE;
}
