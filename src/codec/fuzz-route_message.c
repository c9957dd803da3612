/* SPDX-License-Identifier: Apache-2.0 */

/* Arbitrary netlink data is read to its end or rejected, and decoded messages are complete. */

#include <assert.h>
#include <string.h>

#include "codec/route_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        while (size > 0) {
                RouteMessage m = { .index = -7 };
                size_t length = 0;
                int r = route_message_decode(data, size, &m, &length);
                if (r < 0) {
                        assert(r == -EBADMSG && m.index == -7);
                        return 0;
                }
                assert(length > 0 && length <= size);
                assert(r == 1 || m.index == -7);
                if (r == 1 && (m.kind == ROUTE_LINK || m.kind == ROUTE_LINK_GONE))
                        assert(*m.name && memchr(m.name, '\0', sizeof(m.name)));
                else if (r == 1)
                        assert(address_is_ip(&m.address));
                data += length;
                size -= length;
        }
        return 0;
}
