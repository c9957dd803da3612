/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/remembered.h"

#include "base/array.h"
#include "plan/match.h"

int remembered_add(Remembered *r, const Tid *tid)
{
        int q = ARRAY_RESERVE(r->tids, r->n_allocated, r->n_tids + 1);
        if (q >= 0)
                q = tid_dup(tid, &r->tids[r->n_tids]);
        if (q >= 0)
                r->n_tids++;
        return q;
}

bool remembered_match(const Remembered *r, ControllerKind kind, const Device *device,
                      const Network *network)
{
        for (size_t i = 0; i < r->n_tids; i++)
                if (match_device(r->tids[i], kind, device, network) &&
                    !match_must_wait(r->tids[i], device))
                        return true;
        return false;
}

void remembered_done(Remembered *r)
{
        for (size_t i = 0; i < r->n_tids; i++)
                (void) tid_free(r->tids[i]);
        free(r->tids);
        *r = (Remembered) { 0 };
}
