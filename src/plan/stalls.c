/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/stalls.h"

static int stall_compare_tid(const Stall *a, const Stall *b)
{
        return tid_compare(a->tid, b->tid);
}

static int stall_compare_end(const Stall *a, const Stall *b)
{
        if (a->until != b->until)
                return a->until < b->until ? -1 : 1;
        return tid_compare(a->tid, b->tid);
}

RB_PROTOTYPE(StallTree, Stall, by_tid, stall_compare_tid);
RB_PROTOTYPE(StallEndTree, Stall, by_end, stall_compare_end);
RB_GENERATE(StallTree, Stall, by_tid, stall_compare_tid)
RB_GENERATE(StallEndTree, Stall, by_end, stall_compare_end)

void stalls_init(Stalls *s)
{
        *s = (Stalls) { 0 };
        RB_INIT(&s->by_tid);
        RB_INIT(&s->by_end);
}

void stalls_remove(Stalls *s, Stall *stall)
{
        RB_REMOVE(StallTree, &s->by_tid, stall);
        RB_REMOVE(StallEndTree, &s->by_end, stall);
        s->n--;
        (void) tid_free(stall->tid);
        free(stall);
}

void stalls_done(Stalls *s)
{
        Stall *stall;

        while ((stall = RB_MIN(StallTree, &s->by_tid)))
                stalls_remove(s, stall);
}

static int stall_new(Stalls *s, const Tid *tid, Stall **ret)
{
        Stall *stall = calloc(1, sizeof(*stall));

        if (!stall || tid_dup(tid, &stall->tid) < 0) {
                free(stall);
                return -ENOMEM;
        }
        RB_INSERT(StallTree, &s->by_tid, stall);
        s->n++;
        *ret = stall;
        return 0;
}

int stalls_add(Stalls *s, const Tid *tid, usec_t begun, usec_t took, usec_t until)
{
        Stall *stall = stalls_find(s, tid);

        if (stall) {
                RB_REMOVE(StallEndTree, &s->by_end, stall);
        } else {
                int r = stall_new(s, tid, &stall);
                if (r < 0)
                        return r;
        }
        stall->begun = begun;
        stall->took = took;
        stall->until = until;
        RB_INSERT(StallEndTree, &s->by_end, stall);
        return 0;
}

Stall *stalls_find(const Stalls *s, const Tid *tid)
{
        Stall probe = { .tid = (Tid *) tid };

        return RB_FIND(StallTree, (struct StallTree *) &s->by_tid, &probe);
}

Stall *stalls_first(const Stalls *s)
{
        return RB_MIN(StallEndTree, (struct StallEndTree *) &s->by_end);
}

Stall *stalls_next(const Stalls *s, const Stall *after)
{
        return after ? RB_NEXT(StallTree, (struct StallTree *) &s->by_tid, (Stall *) after)
                     : RB_MIN(StallTree, (struct StallTree *) &s->by_tid);
}

void stalls_end_waits(Stalls *s)
{
        Stall *stall;

        RB_INIT(&s->by_end);
        RB_FOREACH(stall, StallTree, &s->by_tid) {
                stall->until = 0;
                RB_INSERT(StallEndTree, &s->by_end, stall);
        }
}

/* Errors of the kernel's write if the target, or this host, has refused the connect
 * (drivers/nvme/host: fabrics.c, tcp.c, auth.c). EIO stands for any NVMe status (exec/fabrics.h
 * distinguishes it from a command that was given up). The remaining ones are ETIMEDOUT (no TCP
 * connection, no TLS handshake), EAGAIN (no ICResp), ETIME and EINTR (a command was not answered),
 * ENODEV (CSTS.RDY was not set), EHOSTUNREACH (no neighbour), and errors that no kernel returns
 * yet. */
static bool is_answer(int error)
{
        static const int answers[] = { -EIO,    -ECONNREFUSED, -ECONNRESET, -ENOKEY,
                                       -EACCES, -EKEYREJECTED, -EPROTO,     -EOPNOTSUPP,
                                       -EINVAL, -EALREADY,     -EBUSY,      -EXDEV };

        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                if (error == answers[i])
                        return true;
        return error >= 0;
}

bool stall_is(int error, usec_t took)
{
        return took >= STALL_USEC && !is_answer(error);
}

usec_t stall_end(usec_t begun, usec_t took)
{
        return usec_add(usec_add(begun, took), MIN(took * STALL_FACTOR, STALL_WAIT_MAX_USEC));
}
