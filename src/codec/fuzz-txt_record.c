/* SPDX-License-Identifier: Apache-2.0 */

/* A TXT record in wire format (RFC 1035, 3.3.14): strings preceded by their length in one byte. The
 * result is a known transport or none, and an NQN that fits into the kernel's options. */

#include <assert.h>
#include <string.h>

#include "codec/txt_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        TxtRecord t;

        txt_record_init(&t);
        for (size_t i = 0; i < size;) {
                size_t n = data[i++];
                n = MIN(n, size - i);
                TxtRecord before = t;
                txt_record_add(&t, data + i, n);
                assert(!before.has_p || t.transport == before.transport);
                assert(!before.has_nqn || strcmp(t.nqn, before.nqn) == 0);
                i += n;
        }
        assert(t.transport == _TRANSPORT_INVALID || t.has_p);
        assert(t.transport == _TRANSPORT_INVALID || t.transport == TRANSPORT_TCP ||
               t.transport == TRANSPORT_RDMA);
        assert(t.nqn[0] == '\0' || t.has_nqn);
        assert(t.nqn[0] == '\0' || strncmp(t.nqn, "nqn.", 4) == 0);
        assert(strlen(t.nqn) <= NQN_MAX && !strpbrk(t.nqn, ",\r\n\t \x1b"));
        return 0;
}
