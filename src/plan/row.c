/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/row.h"

#include "base/text.h"

bool row_is_wanted(const Row *row)
{
        return row->wanted.is_wanted;
}

const Claim *row_origin(const Row *row)
{
        return row->wanted.n_claims > 0 ? &row->wanted.claims[0] : NULL;
}

const Device *row_device(const Row *row)
{
        return row->node ? row->node->device : NULL;
}

int row_last_error(const Row *row)
{
        bool is_silent = !row->node && row->portal && row->portal->last_error != 0;

        return is_silent ? row->portal->last_error : row->attempts.last_error;
}

const DlpEntry *row_dlpe(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].entry->dlpe)
                        return row->wanted.claims[i].entry->dlpe;
        return NULL;
}

bool row_has_ncc(const Row *row)
{
        /* A claim without NCC information, or one DC with NCC cleared, is reason enough to try. */
        for (size_t i = 0; i < row->wanted.n_claims; i++) {
                const DlpEntry *dlpe = row->wanted.claims[i].entry->dlpe;
                if (!dlpe || !(dlpe->eflags & DLPE_EFLAGS_NCC))
                        return false;
        }
        return row->wanted.n_claims > 0;
}

uint64_t row_seed(const Row *row)
{
        return text_hash(text_hash(TEXT_HASH_BEGIN, row->tid->subsysnqn), row->tid->traddr);
}

const char *row_problem(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].entry->problem)
                        return row->wanted.claims[i].entry->problem;
        return NULL;
}

bool row_demands_tls(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].entry->demands_tls)
                        return true;
        return false;
}
