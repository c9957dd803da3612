/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a peer sends, and in whatever pieces, a verdict never changes. */

#include <assert.h>

#include "codec/initialize_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int verdict = 0;

        for (size_t n = 0; n <= size; n++) {
                int r = icresp_decode(data, n);
                assert(r == 0 || r == 1 || r == -EPROTO);
                assert(verdict == 0 || r == verdict);
                assert(r != 1 || n >= ICRESP_SIZE);
                verdict = r;
        }
        assert(verdict != 0 || size < ICRESP_SIZE);
        return 0;
}
