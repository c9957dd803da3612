/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/peer.h"

#include <assert.h>

#include "peer/session.h"

void peer_init(Peer *p)
{
        *p = (Peer) { 0 };
        model_init(&p->model);
}

void peer_done(Peer *p)
{
        assert(p->n_sessions == 0);
        free(p->sessions);
        journal_done(&p->journal);
        registrations_done(&p->registrations);
        model_done(&p->model);
}

bool peer_has_cntlid(const Peer *p, uint16_t cntlid)
{
        for (size_t i = 0; i < p->n_sessions; i++)
                if (session_cntlid(p->sessions[i]) == cntlid)
                        return true;
        return false;
}

uint16_t peer_new_cntlid(Peer *p)
{
        for (unsigned i = 0; i < CNTLID_MAX; i++) {
                p->last_cntlid = p->last_cntlid == CNTLID_MAX ? 1 : (uint16_t) (p->last_cntlid + 1);
                if (!peer_has_cntlid(p, p->last_cntlid))
                        return p->last_cntlid;
        }
        return 0;
}

size_t peer_notify(Peer *p, bool is_forced)
{
        size_t n = 0;
        for (size_t i = 0; i < p->n_sessions; i++)
                n += session_notify(p->sessions[i], is_forced);
        return n;
}

void peer_set_fault(Peer *p, Step s, Fault fault, usec_t now)
{
        p->faults.steps[s] = fault;
        for (size_t i = 0; i < p->n_sessions; i++)
                session_resume(p->sessions[i], s, now);
}

size_t peer_disconnect(Peer *p, uint64_t id)
{
        size_t n = 0;
        for (size_t i = 0; i < p->n_sessions; i++)
                if (id == 0 || session_id(p->sessions[i]) == id) {
                        session_end(p->sessions[i]);
                        n++;
                }
        return n;
}
