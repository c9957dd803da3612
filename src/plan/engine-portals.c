/* SPDX-License-Identifier: Apache-2.0 */

/* Portals: the ones to probe before a connect, and the effects of a failed probe. */

#include "base/text.h"
#include "plan/backoff.h"
#include "plan/engine-internal.h"

static int portal_compare_path(const Portal *a, const Portal *b)
{
        return tid_compare_path(a->tid, b->tid);
}

static int portal_compare_op(const Portal *a, const Portal *b)
{
        return a->op_id < b->op_id ? -1 : a->op_id > b->op_id;
}

/* Portals that were never probed do not wait behind many dead ones. */
static int portal_compare_turn(const Portal *a, const Portal *b)
{
        if (a->n_failures != b->n_failures)
                return a->n_failures < b->n_failures ? -1 : 1;
        return a->turn < b->turn ? -1 : a->turn > b->turn;
}

RB_GENERATE(PortalTree, Portal, by_path, portal_compare_path)
RB_GENERATE(PortalOpTree, Portal, by_op, portal_compare_op)
RB_GENERATE(PortalTurnTree, Portal, by_turn, portal_compare_turn)

void engine_init_portals(Engine *e)
{
        Portals *all = &e->portals;

        RB_INIT(&all->by_path);
        RB_INIT(&all->ops);
        RB_INIT(&all->turns);
        TAILQ_INIT(&all->unwatched);
}

static bool needs_probe(const Tid *t)
{
        return t->transport == TRANSPORT_TCP && address_is_ip(&t->address);
}

static int portal_new(Engine *e, const Tid *tid, Portal **ret)
{
        Portal *p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        if (tid_dup(tid, &p->tid) < 0) {
                free(p);
                return -ENOMEM;
        }
        LIST_INIT(&p->waiting);
        engine_open_ledger(e, p);
        RB_INSERT(PortalTree, &e->portals.by_path, p);
        *ret = p;
        return 0;
}

Portal *engine_find_portal(const Engine *e, const Tid *tid)
{
        Portal probe = { .tid = (Tid *) tid };

        return RB_FIND(PortalTree, (struct PortalTree *) &e->portals.by_path, &probe);
}

Portal *engine_next_portal(const Engine *e, const Tid *tid, const Portal *after)
{
        Tid first = engine_first_of_nqn(tid, "");
        Portal probe = { .tid = &first };
        struct PortalTree *tree = (struct PortalTree *) &e->portals.by_path;

        Portal *p = after ? RB_NEXT(PortalTree, tree, (Portal *) after)
                          : RB_NFIND(PortalTree, tree, &probe);
        return p && tid_compare_portal(p->tid, tid) == 0 ? p : NULL;
}

int engine_join_portal(Engine *e, Row *row)
{
        if (!needs_probe(row->tid))
                return 0;
        Portal *p = engine_find_portal(e, row->tid);
        int r = p ? 0 : portal_new(e, row->tid, &p);
        if (r < 0)
                return r;
        p->n_rows++;
        row->portal = p;
        return 0;
}

static void portals_leave_turns(Engine *e, Portal *p)
{
        if (p->in_turns)
                RB_REMOVE(PortalTurnTree, &e->portals.turns, p);
        p->in_turns = false;
}

static void end_probe(Engine *e, Portal *p)
{
        RB_REMOVE(PortalOpTree, &e->portals.ops, p);
        p->op_id = 0;
        e->portals.n_probes--;
}

static int cancel_probe(Engine *e, Portal *p)
{
        Action *a;

        if (p->op_id == 0)
                return 0;
        int r = engine_act(e, OPERATION_CANCEL_PROBE, &a);
        if (r < 0)
                return r;
        a->cancels = p->op_id;
        end_probe(e, p);
        return 0;
}

static void set_retry(Engine *e, Portal *p, usec_t at)
{
        e->portals.n_silent += (at != 0);
        e->portals.n_silent -= (p->retry_at != 0);
        p->retry_at = at;
}

static void forget_unwatched(Engine *e, Portal *p)
{
        if (p->unwatched)
                TAILQ_REMOVE(&e->portals.unwatched, p, unwatched_entry);
        p->unwatched = false;
}

static void portal_free(Engine *e, Portal *p)
{
        portals_leave_turns(e, p);
        if (p->op_id != 0)
                end_probe(e, p); /* its completion will be ignored */
        forget_unwatched(e, p);
        set_retry(e, p, 0);
        RB_REMOVE(PortalTree, &e->portals.by_path, p);
        (void) tid_free(p->tid);
        free(p);
}

void engine_leave_portal(Engine *e, Row *row)
{
        Portal *p = row->portal;

        if (!p)
                return;
        engine_stop_waiting(e, row);
        row->portal = NULL;
        if (--p->n_rows == 0)
                portal_free(e, p);
}

void engine_wait_for_portal(Row *row)
{
        row->is_waiting = true;
        row->portal->n_waiting++;
        LIST_INSERT_HEAD(&row->portal->waiting, row, waiting_entry);
}

/* The row may wait again within the same plan: the probe is cancelled at the end of the plan. */
void engine_stop_waiting(Engine *e, Row *row)
{
        Portal *p = row->portal;

        if (!row->is_waiting)
                return;
        LIST_REMOVE(row, waiting_entry);
        row->is_waiting = false;
        p->n_waiting--;
        if (!LIST_EMPTY(&p->waiting) || p->unwatched)
                return;
        p->unwatched = true;
        TAILQ_INSERT_TAIL(&e->portals.unwatched, p, unwatched_entry);
}

/* For the rows that wait, an unanswered probe is a failed attempt. */
static void count_attempts(Portal *p)
{
        Row *row;

        LIST_FOREACH(row, &p->waiting, waiting_entry)
                attempts_miss(&row->attempts);
}

static void mark_waiting_dirty(Engine *e, Portal *p)
{
        Row *row;

        while ((row = LIST_FIRST(&p->waiting)))
                engine_mark_dirty(e, row);
}

void engine_want_probe(Engine *e, Portal *p)
{
        if (p->in_turns || p->op_id != 0)
                return;
        p->turn = ++e->last_turn;
        p->in_turns = true;
        RB_INSERT(PortalTurnTree, &e->portals.turns, p);
}

static uint64_t portal_seed(const Portal *p)
{
        return text_hash(text_hash(TEXT_HASH_BEGIN, p->tid->traddr), p->tid->trsvcid);
}

static void portal_answered(Engine *e, Portal *p, usec_t now)
{
        bool is_news = p->answered_until <= now;

        portals_leave_turns(e, p);
        p->answered_until = usec_add(now, PORTAL_ANSWER_USEC);
        set_retry(e, p, 0);
        p->last_error = 0;
        if (is_news)
                mark_waiting_dirty(e, p);
}

static void portal_failed(Engine *e, Portal *p, int error, usec_t now)
{
        /* n_failures determines the order of the tree. */
        portals_leave_turns(e, p);
        p->n_failures++;
        p->answered_until = 0;
        set_retry(e, p, usec_add(now, backoff_delay(p->n_failures, BACKOFF_MAX, portal_seed(p))));
        p->last_error = error;
        mark_waiting_dirty(e, p);
}

bool probe_is_shortage(int error)
{
        return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS ||
               error == -ENOSPC;
}

bool connect_is_shortage(int error)
{
        return error == -EMFILE || error == -ENFILE;
}

bool probe_is_ours(int error)
{
        return probe_is_shortage(error) || error == -EACCES || error == -EPERM ||
               error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

bool engine_shortage_is_told(Engine *e, int error, usec_t now)
{
        Portals *all = &e->portals;

        if (error == all->shortage && now < all->shortage_told_until)
                return true;
        all->shortage = error;
        all->shortage_told_until = usec_add(now, PORTAL_SHORTAGE_TOLD_USEC);
        return false;
}

static bool is_told(Engine *e, const Portal *p, int error, usec_t now)
{
        return probe_is_shortage(error) ? engine_shortage_is_told(e, error, now)
                                        : error == p->last_error;
}

static void portal_unasked(Engine *e, Portal *p, int error, usec_t now)
{
        usec_t wait = probe_is_shortage(error) ? PORTAL_SHORTAGE_USEC : PORTAL_FORBIDDEN_USEC;

        if (!LIST_EMPTY(&p->waiting) && !is_told(e, p, error, now))
                engine_note(e, NOTE_UNASKED, LIST_FIRST(&p->waiting), error);
        set_retry(e, p, usec_add(now, wait));
        p->last_error = error;
        mark_waiting_dirty(e, p);
}

static void portal_silent(Engine *e, Portal *p, int error, usec_t now)
{
        if (error != p->last_error && !LIST_EMPTY(&p->waiting))
                engine_note(e, NOTE_NO_ANSWER, LIST_FIRST(&p->waiting), error);
        count_attempts(p);
        portal_failed(e, p, error, now);
}

int engine_probe_ended(Engine *e, Completion *end, usec_t now)
{
        Portal key = { .op_id = end->op_id };
        Portal *p = RB_FIND(PortalOpTree, &e->portals.ops, &key);

        if (!p)
                return 0;
        end_probe(e, p);
        if (end->error >= 0)
                portal_answered(e, p, now);
        else if (probe_is_ours(end->error))
                portal_unasked(e, p, end->error, now);
        else
                portal_silent(e, p, end->error, now);
        return 0;
}

void engine_learn_answer(Engine *e, Portal *p, int error, usec_t now)
{
        /* The target has answered, even if with a refusal. The answer to a probe proves less:
         * targets whose connects stall answer it, too. */
        if (p->n_failures > 0) {
                portals_leave_turns(e, p); /* n_failures is its key */
                p->n_failures = 0;
                mark_waiting_dirty(e, p);
        }
        if (error < 0)
                return;
        (void) cancel_probe(e, p);
        portal_answered(e, p, now);
}

void engine_retry_portal(Engine *e, Portal *p)
{
        if (p->retry_at == 0)
                return;
        set_retry(e, p, 0);
        mark_waiting_dirty(e, p);
}

void engine_reopen_portal(Engine *e, Portal *p)
{
        if (p->n_failures == 0 && p->op_id == 0 && p->retry_at == 0)
                return;
        portals_leave_turns(e, p);
        p->n_failures = 0;
        set_retry(e, p, 0);
        (void) cancel_probe(e, p);
        mark_waiting_dirty(e, p);
}

void engine_retry_portals(Engine *e)
{
        Portal *p;

        RB_FOREACH(p, PortalTree, &e->portals.by_path) {
                engine_reopen_portal(e, p);
                p->ledger.spent_until = p->ledger.closed_until = 0;
        }
}

static usec_t probe_timeout(const Portal *p)
{
        unsigned n_doublings = MIN(p->n_failures, 8U);

        return MIN(PORTAL_TIMEOUT_MIN << n_doublings, PORTAL_TIMEOUT_MAX);
}

static int start_probe(Engine *e, Portal *p)
{
        Action *a;

        int r = engine_act(e, OPERATION_PROBE, &a);
        if (r < 0)
                return r;
        portals_leave_turns(e, p);
        p->op_id = a->op_id;
        RB_INSERT(PortalOpTree, &e->portals.ops, p);
        e->portals.n_probes++;
        a->row = LIST_FIRST(&p->waiting);
        a->timeout = probe_timeout(p);
        return 0;
}

static int drop_unwatched(Engine *e)
{
        Portal *p;

        while ((p = TAILQ_FIRST(&e->portals.unwatched))) {
                if (LIST_EMPTY(&p->waiting)) {
                        portals_leave_turns(e, p);
                        int r = cancel_probe(e, p);
                        if (r < 0)
                                return r;
                }
                forget_unwatched(e, p);
        }
        return 0;
}

static bool may_probe(const Engine *e)
{
        return !RB_EMPTY(&e->portals.turns) && e->portals.n_probes < ENGINE_PROBES_MAX &&
               e->n_turns < ENGINE_READY_MAX;
}

int engine_start_probes(Engine *e, usec_t now)
{
        Portals *all = &e->portals;

        int r = drop_unwatched(e);
        if (now >= usec_add(all->pace_at, ENGINE_PROBE_PACE)) {
                all->pace_at = now;
                all->n_asked = 0;
        }
        while (r >= 0 && may_probe(e) && e->n_turns + all->n_asked < ENGINE_READY_MAX) {
                Portal *p = RB_MIN(PortalTurnTree, &all->turns);
                r = start_probe(e, p);
                if (r >= 0)
                        all->n_asked += p->n_waiting;
        }
        return r;
}

usec_t engine_next_probes(const Engine *e)
{
        return may_probe(e) ? usec_add(e->portals.pace_at, ENGINE_PROBE_PACE) : USEC_INFINITY;
}
