/* SPDX-License-Identifier: Apache-2.0 */

/* Arbitrary netlink data yields an event or one of the two errors, and nothing is written on
 * error. */

#include <assert.h>
#include <string.h>

#include "codec/uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Uevent u = { .instance = -7, .action = UEVENT_OTHER };
        int r = uevent_decode((const char *) data, size, &u);

        assert(r == 0 || r == -ENODATA || r == -EBADMSG);
        if (r < 0)
                assert(u.instance == -7);
        else
                assert(u.action == UEVENT_NAMESPACE_REMOVED ||
                       (u.instance >= 0 && u.action <= UEVENT_OTHER &&
                        u.event <= NVME_EVENT_OTHER));
        return 0;
}
