/* SPDX-License-Identifier: Apache-2.0 */

/* A stall belongs to a row, which waits ten times the duration of its connect, while other rows of
 * the portal continue. Since it is unknown how many of these would stall, too, each portal has a
 * ledger: from the second stall on, rows that have not stalled wait until the ledger permits
 * another stall, or until a controller of the portal is live, which proves that the portal works.
 * From the third stall on they wait in any case. Rows that have stalled are retried when the ledger
 * permits, and do not delay other rows. */

#include "plan/engine-internal.h"
#include "plan/match.h"

enum {
        STALLS_OPEN = 1,   /* this many stalls do not close a portal */
        STALLS_LENIENT = 2 /* up to this many, a live controller opens it again */
};

/* After this time without a stall, the ledger starts anew. */
#define LEDGER_END_USEC (2 * LEDGER_USEC)

/* Minimum time between the begins of two stalls, so that their share of any LEDGER_USEC is not
 * exceeded. */
static usec_t ledger_period(usec_t longest)
{
        usec_t n = MAX(LEDGER_USEC / STALL_FACTOR / longest, (usec_t) 1);

        return MAX(LEDGER_USEC / n, longest * STALL_FACTOR);
}

/* Restored stalls arrive in any order. */
static void enter(Ledger *l, usec_t begun, usec_t took, bool is_first)
{
        usec_t ended = usec_add(begun, took);

        if (l->begun > usec_add(ended, LEDGER_END_USEC))
                return;
        if (begun > usec_add(l->ended, LEDGER_END_USEC))
                *l = (Ledger) { 0 };
        l->begun = MAX(l->begun, begun);
        l->ended = MAX(l->ended, ended);
        l->longest = MAX(l->longest, took);
        l->n_stalls += is_first;
        l->n_since_live += is_first;
        usec_t at = MIN(usec_add(l->begun, ledger_period(l->longest)),
                        usec_add(l->ended, STALL_WAIT_MAX_USEC));
        l->spent_until = MAX(l->spent_until, at);
        if (is_first && (l->n_since_live > STALLS_OPEN || l->n_stalls > STALLS_LENIENT))
                l->closed_until = l->spent_until;
}

/* Marks all rows of the portal. */
static void mark_rows_dirty(Engine *e, const Portal *p)
{
        Tid first = engine_first_of_nqn(p->tid, "");
        Row probe = { .tid = &first };

        for (Row *row = RB_NFIND(RowTree, &e->controllers, &probe);
             row && tid_compare_portal(row->tid, p->tid) == 0;
             row = RB_NEXT(RowTree, &e->controllers, row))
                if (row->portal == p)
                        engine_mark_dirty(e, row);
}

static void forget_stall(Engine *e, Stall *s)
{
        Row *row = (Row *) engine_find_row(e, s->tid);

        if (row)
                engine_mark_dirty(e, row);
        stalls_remove(&e->stalls, s);
}

static int remember_stall(Engine *e, const Tid *tid, usec_t begun, usec_t took, usec_t until)
{
        if (e->stalls.n == STALLS_MAX && !stalls_find(&e->stalls, tid))
                forget_stall(e, stalls_first(&e->stalls));
        return stalls_add(&e->stalls, tid, begun, took, until);
}

void engine_learn_stall(Engine *e, Row *row, usec_t begun, usec_t now)
{
        usec_t took = now - begun;
        bool is_first = !stalls_find(&e->stalls, row->tid);

        /* Without memory, the row waits as after any other failure. */
        (void) remember_stall(e, row->tid, begun, took, stall_end(begun, took));
        engine_note(e, NOTE_STALLED, row, 0);
        if (!row->portal)
                return;
        enter(&row->portal->ledger, begun, took, is_first);
        mark_rows_dirty(e, row->portal);
}

/* A stall whose wait was ended does not delay other rows either. */
static void enter_restored(Ledger *l, const Stall *s)
{
        if (s->until > 0)
                enter(l, s->begun, s->took, true);
}

void engine_open_ledger(const Engine *e, Portal *p)
{
        for (const Stall *s = stalls_next(&e->stalls, NULL); s; s = stalls_next(&e->stalls, s))
                if (tid_compare_path(s->tid, p->tid) == 0)
                        enter_restored(&p->ledger, s);
}

int engine_restore_stall(Engine *e, const Stall *stall, usec_t now)
{
        usec_t begun = stall->begun, took = stall->took;

        engine_begin(e);
        if (took == 0 || took > now || begun > now - took)
                return -EINVAL; /* not a time of this boot */
        int r = remember_stall(e, stall->tid, begun, took,
                               MIN(stall->until, stall_end(begun, took)));
        Portal *p = r < 0 ? NULL : engine_find_portal(e, stall->tid);
        if (p) {
                enter_restored(&p->ledger, stall);
                mark_rows_dirty(e, p);
        }
        return r;
}

const Stalls *engine_stalls(const Engine *e)
{
        return &e->stalls;
}

static Stall *find_stall(const Engine *e, const Row *row)
{
        return e->stalls.n > 0 ? stalls_find(&e->stalls, row->tid) : NULL;
}

bool engine_has_stalled(const Engine *e, const Row *row)
{
        return find_stall(e, row);
}

usec_t engine_stalled_until(const Engine *e, const Row *row)
{
        const Stall *s = find_stall(e, row);

        if (!s)
                return 0;
        return row->portal ? MAX(s->until, row->portal->ledger.spent_until) : s->until;
}

usec_t engine_closed_until(const Engine *e, const Row *row)
{
        return row->portal && !find_stall(e, row) ? row->portal->ledger.closed_until : 0;
}

static void open_portal(Engine *e, Portal *p)
{
        Ledger *l = &p->ledger;

        l->n_since_live = 0;
        if (l->closed_until == 0 || l->n_stalls > STALLS_LENIENT)
                return;
        l->closed_until = 0;
        mark_rows_dirty(e, p);
}

/* Would a connection through this portal, with the device's NQN, match the device? */
static bool goes_by(const Engine *e, const DeviceNode *n, const Portal *p)
{
        Tid like = *p->tid;

        like.subsysnqn = n->device->tid->subsysnqn;
        like.host_nqn = "";
        return match_device(&like, n->device->kind, n->device, &e->network);
}

void engine_forgive_live(Engine *e, DeviceNode *n)
{
        Row *row;

        if (e->stalls.n == 0 && e->portals.n_silent == 0)
                return;
        LIST_FOREACH(row, &n->users, user_entry) {
                Stall *s = find_stall(e, row);
                if (s)
                        forget_stall(e, s);
        }
        for (Portal *p = engine_next_portal(e, n->device->tid, NULL); p;
             p = engine_next_portal(e, n->device->tid, p))
                if (goes_by(e, n, p)) {
                        engine_retry_portal(e, p);
                        open_portal(e, p);
                }
}

void engine_forgive_network(Engine *e, const Reachability *reachability)
{
        Stall *next;

        if (!*reachability->interface && reachability->prefix.family == ADDRESS_NONE)
                return; /* events were missed, which says nothing about a particular network */
        for (Stall *s = stalls_next(&e->stalls, NULL); s; s = next) {
                next = stalls_next(&e->stalls, s);
                if (!reachability_concerns(reachability, s->tid, &e->network))
                        continue;
                Portal *p = engine_find_portal(e, s->tid);
                if (p) {
                        p->ledger = (Ledger) { 0 };
                        mark_rows_dirty(e, p);
                }
                forget_stall(e, s);
        }
        if (e->connecting && reachability_concerns(reachability, e->connecting->tid, &e->network))
                e->connecting_excused = true;
}
