/* SPDX-License-Identifier: Apache-2.0 */

/* Passes a boot firmware table, with its checksum corrected, through the check and libnvme. */

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

#include "codec/nbft.h"
#include "codec/test-nbft_tables.h"
#include "source/nbft_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* For a subsystem that refers to no interface of the table libnvme leaks the list of its interfaces
 * (1.16.2, nbft.c, read_ssns()): a few bytes each time it is read. */
const char *__lsan_default_suppressions(void)
{
        return "leak:libnvme";
}

static void check(const NbftTable *t)
{
        assert(!t->host_nqn || strncmp(t->host_nqn, "nqn.", 4) == 0);
        assert(!*t->host_id || host_id_is_valid(t->host_id));
        assert(t->n_paths + t->n_left_out <= 2 * 255);
        for (size_t i = 0; i < t->n_paths; i++) {
                const NbftPath *p = &t->paths[i];
                assert(*p->traddr && p->trsvcid && p->subsysnqn);
                assert(p->kind == CONTROLLER_DISCOVERY || (*p->trsvcid && *p->subsysnqn));
                assert(p->has_interface || !p->host_traddr);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static void *fuzz_library; /* kept loaded: otherwise a leak cannot be attributed */
        NbftTable t;
        const char *reason = NULL;
        uint8_t *sealed;

        if (!fuzz_library)
                fuzz_library = dlopen(LIBNVME_SONAME, RTLD_NOW | RTLD_LOCAL);
        if (size <= NBFT_AT_CHECKSUM)
                return 0;
        sealed = malloc(size);
        assert(sealed);
        memcpy(sealed, data, size);
        nbft_seal(sealed, size);
        int r = nbft_table_read(sealed, size, &t, &reason);
        assert(r == 0 || (r == -EBADMSG && reason) || r == -EPROTONOSUPPORT);
        if (r == 0) {
                check(&t);
                nbft_table_done(&t);
        }
        free(sealed);
        return 0;
}
