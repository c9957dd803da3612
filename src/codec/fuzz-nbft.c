/* SPDX-License-Identifier: Apache-2.0 */

/* A boot firmware table, unchanged and with a correct checksum; and the address of a discovery
 * controller, from the same bytes. */

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "codec/nbft.h"
#include "codec/test-nbft_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_table(const uint8_t *data, size_t size)
{
        NbftSummary s;
        const char *reason = NULL;
        int r = nbft_check(data, size, &s, &reason);

        assert(r == 0 ? s.size <= size && s.size <= NBFT_SIZE_MAX : r == -EBADMSG && reason);
        if (r < 0)
                return;
        NbftDiscoveryEntry d;
        unsigned position = 0, n = 0;
        for (; nbft_next_discovery(data, &position, &d); n++)
                assert(*d.uri && strlen(d.uri) + strlen(d.nqn) < 2 * s.size);
        assert(n == s.n_discoveries);
}

static void check_uri(const uint8_t *data, size_t size)
{
        char *uri = strndup((const char *) data, size);
        const char *transport, *address, *port;

        assert(uri);
        size_t n = strlen(uri);
        if (nbft_uri_split(uri, &transport, &address, &port) == 0) {
                assert(streq(transport, "tcp"));
                assert(address >= uri && *address && address + strlen(address) <= uri + n);
                assert(!*port || (port > address && port + strlen(port) <= uri + n));
        }
        free(uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        check_table(data, size);
        check_uri(data, size);
        if (size < NBFT_AT_HEAP)
                return 0;
        uint8_t *sealed = malloc(size);
        assert(sealed);
        memcpy(sealed, data, size);
        nbft_seal(sealed, size);
        check_table(sealed, size);
        free(sealed);
        return 0;
}
