/* SPDX-License-Identifier: Apache-2.0 */

/* Arbitrary names: the encoded data has the length it claims, and its parts are in their places.
 * The first byte is the length of the NQN; the rest of the input is the symbolic name. */

#include <assert.h>
#include <string.h>

#include "codec/dim.h"
#include "codec/supported_logs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const DimHost *h, const uint8_t *p, size_t n)
{
        size_t n_symname = MIN(strlen(h->symname), (size_t) DIM_SYMNAME_MAX);
        const uint8_t *die = p + DIM_HEADER_SIZE;
        assert(n >= DIM_HEADER_SIZE + DIM_ENTRY_SIZE + 20 && n % 4 == 0);
        assert((p[0] | (size_t) p[1] << 8) == n && p[2] == 0 && p[3] == 0);
        assert((die[1024] | (size_t) die[1025] << 8) == n - DIM_HEADER_SIZE);
        assert(strcmp((const char *) p + 24, h->nqn) == 0);
        assert(memcmp(p + 24, die + 256, 256) == 0);
        assert(die[1028] == (n_symname > 0 ? 2 : 1));
        if (n_symname > 0)
                assert(memcmp(die + DIM_ENTRY_SIZE + 24, h->symname, n_symname) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned discovery = 0;
        assert(supported_logs_decode(data, size, &discovery) ==
               (size < SUPPORTED_LOGS_SIZE ? -EBADMSG : 0));
        assert(discovery <= UINT16_MAX);
        if (size == 0)
                return 0;
        size_t n_nqn = MIN((size_t) data[0], size - 1), n = 0;
        _cleanup_free_ char *nqn = strndup((const char *) data + 1, n_nqn);
        _cleanup_free_ char *symname = strndup((const char *) data + 1 + n_nqn, size - 1 - n_nqn);
        assert(nqn && symname);
        DimHost h = {
                .nqn = nqn,
                .id = "01234567-89ab-cdef-0123-456789abcdef",
                .symname = symname,
                .name = symname,
                .version = symname,
                .ip_family = data[0] & 1 ? ADDRESS_IPV6 : ADDRESS_IPV4,
        };
        _cleanup_free_ uint8_t *out = NULL;
        int r = dim_encode_host(&h, &out, &n);
        assert(r == 0 ? out != NULL : r == -EINVAL && !out);
        if (r == 0)
                check(&h, out, n);
        return 0;
}
