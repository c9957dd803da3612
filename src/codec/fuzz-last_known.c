/* SPDX-License-Identifier: Apache-2.0 */

/* A state file that is read, written and read again yields the same; all its sources are restored
 * and unknown. */

#include <assert.h>

#include "base/text.h"
#include "codec/last_known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sets(const LastKnown *l)
{
        for (size_t i = 0; i < l->n_sets; i++) {
                const SourceSet *set = l->sets[i];

                assert(set->restored && set->state == SOURCE_UNKNOWN);
                assert(set->kind != SOURCE_CONFIGURED);
                for (size_t j = 0; j < set->n_entries; j++) {
                        assert(!set->entries[j].dhchap_secret);
                        assert(source_set_find(set, set->entries[j].tid) == &set->entries[j]);
                }
        }
        for (size_t i = 0; i < l->n_devices; i++)
                assert(l->devices[i].instance >= 0 && l->devices[i].tid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_last_known_ LastKnown l = { 0 }, again = { 0 };

        int r = last_known_decode((const char *) data, size, &l);
        assert(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT);
        if (r < 0) {
                assert(l.n_devices == 0 && l.n_sets == 0);
                return 0;
        }
        check_sets(&l);

        _cleanup_free_ char *text = last_known_encode(&l);
        assert(last_known_decode(text, strlen(text), &again) == 0);
        check_sets(&again);
        _cleanup_free_ char *text_again = last_known_encode(&again);
        assert(streq(text, text_again));
        return 0;
}
