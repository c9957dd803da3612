/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/controller.h"

bool controller_is_wanted(const Controller *c)
{
        return c->wanted.is_wanted;
}

const Claim *controller_origin(const Controller *c)
{
        return c->wanted.n_claims > 0 ? &c->wanted.claims[0] : NULL;
}

const Device *controller_device(const Controller *c)
{
        return c->node ? c->node->device : NULL;
}

int controller_last_error(const Controller *c)
{
        bool is_silent = !c->node && c->portal && c->portal->last_error != 0;

        return is_silent ? c->portal->last_error : c->attempts.last_error;
}

const DlpEntry *controller_dlpe(const Controller *c)
{
        for (size_t i = 0; i < c->wanted.n_claims; i++)
                if (c->wanted.claims[i].entry->dlpe)
                        return c->wanted.claims[i].entry->dlpe;
        return NULL;
}

bool controller_has_ncc(const Controller *c)
{
        /* A claim that knows nothing of NCC, or one DC that has it clear, is reason enough to try.
         */
        for (size_t i = 0; i < c->wanted.n_claims; i++) {
                const DlpEntry *dlpe = c->wanted.claims[i].entry->dlpe;
                if (!dlpe || !(dlpe->eflags & DLPE_EFLAGS_NCC))
                        return false;
        }
        return c->wanted.n_claims > 0;
}

const char *controller_problem(const Controller *c)
{
        for (size_t i = 0; i < c->wanted.n_claims; i++)
                if (c->wanted.claims[i].entry->problem)
                        return c->wanted.claims[i].entry->problem;
        return NULL;
}
