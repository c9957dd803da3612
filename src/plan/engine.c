/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/engine.h"

#include <assert.h>

#include "base/array.h"
#include "plan/engine-internal.h"
#include "plan/match.h"

static int row_compare_deadline(const Row *a, const Row *b)
{
        if (a->deadline != b->deadline)
                return a->deadline < b->deadline ? -1 : 1;
        return tid_compare(a->tid, b->tid);
}

static int row_compare_turn(const Row *a, const Row *b)
{
        if (a->rank != b->rank)
                return a->rank < b->rank ? -1 : 1;
        return a->turn < b->turn ? -1 : a->turn > b->turn;
}

RB_GENERATE(DeadlineTree, Row, by_deadline, row_compare_deadline)
RB_GENERATE(TurnTree, Row, by_turn, row_compare_turn)

int engine_new(Policy *policy, Engine **ret)
{
        Engine *e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;

        RB_INIT(&e->sources);
        RB_INIT(&e->controllers);
        RB_INIT(&e->ops);
        RB_INIT(&e->deadlines);
        RB_INIT(&e->turns);
        RB_INIT(&e->instances);
        RB_INIT(&e->devices);
        LIST_INIT(&e->unclaimed);
        TAILQ_INIT(&e->dirty);
        TAILQ_INIT(&e->graveyard);
        TAILQ_INIT(&e->unread);
        TAILQ_INIT(&e->notices);
        TAILQ_INIT(&e->settling);
        TAILQ_INIT(&e->rowless);
        RB_INIT(&e->restored);
        engine_init_portals(e);
        stalls_init(&e->stalls);
        flaps_init(&e->flaps);
        e->policy = policy;
        e->scan.wanted = true;
        *ret = e;
        return 0;
}

Engine *engine_free(Engine *e)
{
        if (!e)
                return NULL;

        engine_free_devices(e);
        engine_free_sources(e);
        remembered_done(&e->remembered);
        stalls_done(&e->stalls);
        flaps_clear(&e->flaps);
        engine_bury_controllers(e);
        (void) policy_free(e->policy);
        network_done(&e->network);
        free(e->output.actions);
        free(e->output.notes);
        free(e);
        return NULL;
}

void engine_begin(Engine *e)
{
        if (!e->output.handed_out)
                return;
        e->output.handed_out = false;
        e->output.n_actions = e->output.n_notes = 0;
        engine_bury_controllers(e);
}

void engine_note(Engine *e, NoteKind kind, const Row *row, int error)
{
        Output *o = &e->output;

        /* Notes are only reports: without memory they are dropped. */
        if (ARRAY_RESERVE(o->notes, o->n_notes_allocated, o->n_notes + 1) < 0)
                return;
        o->notes[o->n_notes++] = (Note) {
                .kind = kind,
                .row = row,
                .instance = row && row->node ? row->node->instance : -1,
                .error = error,
        };
}

void engine_note_device(Engine *e, NoteKind kind, const DeviceNode *n)
{
        size_t before = e->output.n_notes;

        engine_note(e, kind, NULL, 0);
        if (e->output.n_notes == before)
                return;
        e->output.notes[before].device = n->device;
        e->output.notes[before].instance = n->instance;
}

void engine_note_set(Engine *e, NoteKind kind, const SourceSet *set)
{
        size_t before = e->output.n_notes;

        engine_note(e, kind, NULL, 0);
        if (e->output.n_notes > before)
                e->output.notes[before].set = set;
}

int engine_act(Engine *e, Operation operation, Action **ret)
{
        Output *o = &e->output;

        if (ARRAY_RESERVE(o->actions, o->n_actions_allocated, o->n_actions + 1) < 0)
                return -ENOMEM;
        Action *a = &o->actions[o->n_actions++];
        *a = (Action) { .operation = operation, .op_id = ++e->last_op_id, .instance = -1 };
        *ret = a;
        return 0;
}

static void leave_turns(Engine *e, Row *row)
{
        if (!row->in_turns)
                return;
        RB_REMOVE(TurnTree, &e->turns, row);
        e->n_turns--;
        row->in_turns = false;
}

static void row_unqueue(Engine *e, Row *row)
{
        if (row->deadline != USEC_INFINITY)
                RB_REMOVE(DeadlineTree, &e->deadlines, row);
        row->deadline = USEC_INFINITY;
        leave_turns(e, row);
        engine_stop_waiting(e, row);
}

void engine_mark_dirty(Engine *e, Row *row)
{
        if (row->dirty)
                return;
        row_unqueue(e, row);
        row->dirty = true;
        TAILQ_INSERT_TAIL(&e->dirty, row, dirty_entry);
}

void engine_mark_all_dirty(Engine *e)
{
        Row *row;

        RB_FOREACH(row, RowTree, &e->controllers)
                engine_mark_dirty(e, row);
}

void engine_mark_users_dirty(Engine *e, DeviceNode *n)
{
        Row *u;

        LIST_FOREACH(u, &n->users, user_entry)
                engine_mark_dirty(e, u);
}

/* If several rows share a connection, the first unwanted one acts for all, and only if no other row
 * wants it or must keep it. */
static bool is_shared(const Engine *e, const Row *row)
{
        const Row *u;

        LIST_FOREACH(u, &row->node->users, user_entry)
                if (u != row && ((u->wanted.is_wanted && !e->releasing) || u->wanted.firmware ||
                                 tid_compare(u->tid, row->tid) < 0))
                        return true;
        return false;
}

static bool may_start(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (!row->wanted.claims[i].entry->restored && !row->wanted.claims[i].entry->passive)
                        return true;
        return false;
}

/* Only one of the rows that share a connection has an operation at a time. */
static Operation find_op(const Row *row)
{
        const Row *u;

        if (row->op.operation != OPERATION_NONE || !row->node)
                return row->op.operation;
        LIST_FOREACH(u, &row->node->users, user_entry)
                if (u->op.operation != OPERATION_NONE)
                        return u->op.operation;
        return OPERATION_NONE;
}

/* A row that was excluded or lost its claims is known to be unwanted, and so is its connection,
 * unless its path is still unknown. A row that was never claimed may be wanted by a source that is
 * not complete yet. */
static bool is_sure(const Engine *e, const Row *row)
{
        if (e->n_incomplete == 0)
                return true;
        return row->wanted.was_claimed &&
               !(row->node && match_must_wait(row->tid, row->node->device));
}

Facts engine_facts(const Engine *e, const Row *row)
{
        const Wanted *w = &row->wanted;
        bool brief = row_is_brief(e, row);
        bool was_parked = row->attempts.polled && !brief; /* `persistent` was changed */

        return (Facts) {
                .kind = row->kind,
                .claimed = w->n_claims > 0,
                .wanted = w->is_wanted,
                .may_start = may_start(row),
                .skipped = w->n_claims > 0 && !w->active,
                .sure = is_sure(e, row),
                .releasing = e->releasing,
                .actual_known = e->actual_known,
                .ncc = w->ncc,
                .op = find_op(row),
                .device = row_device(row),
                .ours = row->node && row->node->ours,
                .shared = row->node && is_shared(e, row),
                .needed = row->node && (!w->is_wanted || e->releasing) &&
                          engine_connecting_may_use(e, row->node),
                .firmware = w->firmware || (row->node && engine_is_firmware_device(e, row->node)),
                .look_at = row->node ? row->node->look_at : 0,
                .n_attempts = attempts_count(&row->attempts),
                .connect_at = was_parked ? 0 : row->attempts.connect_at,
                .stalled_until = engine_stalled_until(e, row),
                .closed_until = engine_closed_until(e, row),
                .answered_until = row->portal ? row->portal->answered_until : USEC_INFINITY,
                .probe_at = row->portal ? row->portal->retry_at : 0,
                .unasked = row->portal && probe_is_ours(row->portal->last_error),
                .disconnect_at = row->attempts.disconnect_at,
                .in_use = row->attempts.in_use,
                .unwanted_since = row->node ? row->node->unwanted_since : 0,
                .quiet = row->node ? row->node->quiet : 0,
                .brief = brief,
                .polled = row->attempts.polled && brief,
                .unregistered = row_must_register(row),
                .register_at = row->registration.retry_at,
                .registered = row->registration.done,
                .offers_unknown = row_must_read_offers(e, row),
                .log_stale = row->log.stale,
                .log_at = row->log.retry_at,
                .log_pace_at = row->log.paced_until,
                .log_poll_at = row->log.poll_at,
        };
}

static void set_deadline(Engine *e, Row *row, usec_t at)
{
        row->deadline = at;
        if (at != USEC_INFINITY)
                RB_INSERT(DeadlineTree, &e->deadlines, row);
}

/* Rows without failures first, then in order of arrival; rows that have stalled last. */
static void take_turn(Engine *e, Row *row)
{
        const Portal *p = row->portal;

        row->rank = row->attempts.n_failures + (p ? p->n_failures : 0);
        if (engine_has_stalled(e, row))
                row->rank += ENGINE_STALLED_RANK;
        row->in_turns = true;
        RB_INSERT(TurnTree, &e->turns, row);
        e->n_turns++;
        if (p)
                set_deadline(e, row, p->answered_until);
}

/* Decisions about a row to be connected depend on its portal. */
static void watch_portal(Engine *e, Row *row)
{
        const Decision *d = &row->decision;

        if (row->portal &&
            (decision_starts(d, OPERATION_PROBE) || decision_starts(d, OPERATION_CONNECT) ||
             d->reason == REASON_NO_ANSWER || d->reason == REASON_UNASKED))
                engine_wait_for_portal(row);
        if (decision_starts(d, OPERATION_PROBE))
                engine_want_probe(e, row->portal);
}

/* Does nothing: watch_portal() has queued the probe. */
static int start_probing(Engine *e, Row *row, usec_t now)
{
        return 0;
}

/* Queues the row. */
static int start_connect(Engine *e, Row *row, usec_t now)
{
        take_turn(e, row);
        return 0;
}

static int start_on_device(Engine *e, Row *row, usec_t now)
{
        Action *a;

        assert(find_op(row) == OPERATION_NONE); /* one operation per device */
        int r = engine_act(e, row->decision.operation, &a);
        if (r < 0)
                return r;

        a->row = row;
        a->instance = row->node->instance;
        a->inode = row->node->device->inode;
        a->force = e->policy->disconnect_in_use_force;
        a->log_options = row_log_options(e, row);
        row_set_op(e, row, a->operation, a->op_id);
        return 0;
}

static int start_look(Engine *e, Row *row, usec_t now)
{
        row->node->look_at = usec_add(now, PLAN_LOOK_USEC);
        set_deadline(e, row, row->node->look_at);
        return engine_request_read(e, row->node);
}

static int start_register(Engine *e, Row *row, usec_t now)
{
        row->registration.stale = false;
        return start_on_device(e, row, now);
}

static int start_read_log(Engine *e, Row *row, usec_t now)
{
        log_begin_read(&row->log, engine_poll_at(e, now), now);
        return start_on_device(e, row, now);
}

static int (*const starts[_OPERATION_MAX])(Engine *e, Row *row, usec_t now) = {
        [OPERATION_PROBE] = start_probing,        [OPERATION_CONNECT] = start_connect,
        [OPERATION_DISCONNECT] = start_on_device, [OPERATION_REGISTER] = start_register,
        [OPERATION_DEREGISTER] = start_on_device, [OPERATION_READ_SUPPORTED_LOGS] = start_on_device,
        [OPERATION_READ_LOG] = start_read_log,    [OPERATION_READ_DEVICE] = start_look,
};

/* Decides about one row and starts the operation. On -ENOMEM nothing was started. */
static int decide(Engine *e, Row *row, usec_t now)
{
        Facts facts = engine_facts(e, row);

        row->decision = plan_controller(&facts, e->policy, now);
        if (!decision_starts(&row->decision, OPERATION_CONNECT) &&
            !decision_starts(&row->decision, OPERATION_PROBE))
                row->turn = 0;
        else if (row->turn == 0)
                row->turn = ++e->last_turn;
        watch_portal(e, row);

        switch (row->decision.step) {
        case _STEP_MAX:
                return 0;
        case STEP_NOTHING:
        case STEP_WAIT:
                set_deadline(e, row, row->decision.at);
                return 0;
        case STEP_START:
                return starts[row->decision.operation](e, row, now);
        case STEP_FORGET:
                engine_forget_controller(e, row);
                return 0;
        }
        return 0;
}

static int decide_dirty(Engine *e, usec_t now)
{
        Row *row;

        while ((row = RB_MIN(DeadlineTree, &e->deadlines)) && row->deadline <= now)
                engine_mark_dirty(e, row);

        while ((row = TAILQ_FIRST(&e->dirty))) {
                TAILQ_REMOVE(&e->dirty, row, dirty_entry);
                row->dirty = false;
                int r = decide(e, row, now);
                if (r < 0) {
                        engine_mark_dirty(e, row);
                        return r;
                }
        }
        return 0;
}

/* A row that was removed frees its identity for a connection that waits for a row. */
static int decide_all(Engine *e, usec_t now)
{
        int r = decide_dirty(e, now);

        while (r >= 0) {
                r = engine_give_rows(e, now);
                if (r < 0 || TAILQ_EMPTY(&e->dirty))
                        break;
                r = decide_dirty(e, now);
        }
        return r;
}

static Row *find_next_turn(Engine *e)
{
        Row *row;

        RB_FOREACH(row, TurnTree, &e->turns)
                if (!engine_is_settling_for(e, row))
                        return row;
        return NULL;
}

/* Returns the parameters of its connect. */
static Settings settings_of(const Engine *e, const Row *row)
{
        Settings s = settings_merge(&e->policy->settings, &row_origin(row)->entry->settings);

        if (row_is_brief(e, row))
                s.value[SETTING_KATO] = 0; /* no persistent connection */
        s.value[SETTING_PERSISTENT] = SETTING_DEFAULT; /* not for the kernel */
        return s;
}

static int start_next_connect(Engine *e, usec_t now)
{
        Row *row = find_next_turn(e);
        if (!row || e->connecting || e->connects_held)
                return 0;

        Action *a;
        int r = engine_act(e, OPERATION_CONNECT, &a);
        if (r < 0)
                return r;

        leave_turns(e, row);
        row->turn = 0;
        attempts_begin(&row->attempts);
        e->connecting = row;
        e->connecting_since = now;
        e->connecting_excused = false;
        engine_defer_rivals(e, row, now);
        row_set_op(e, row, OPERATION_CONNECT, a->op_id);
        a->row = row;
        a->settings = settings_of(e, row);
        return 0;
}

static int start_scan(Engine *e, usec_t now)
{
        if (!e->scan.wanted || e->scan.op_id != 0 || e->scan.at > now)
                return 0;

        Action *a;
        int r = engine_act(e, OPERATION_SCAN, &a);
        if (r < 0)
                return r;
        e->scan = (Scan) {
                .op_id = a->op_id,
                .touched = e->touched,
                .begun = now,
                .at = e->scan.begun > 0 ? usec_add(e->scan.begun, ENGINE_SCAN_PACE_USEC) : 0,
        };
        return 0;
}

static usec_t next_wake(const Engine *e, usec_t now)
{
        const Row *first = RB_MIN(DeadlineTree, (struct DeadlineTree *) &e->deadlines);
        usec_t scan_at = e->scan.wanted && e->scan.op_id == 0 ? e->scan.at : USEC_INFINITY;
        usec_t at = MIN(scan_at, engine_next_probes(e));

        at = MIN(at, engine_next_notice(e, now));
        return MIN(first ? first->deadline : USEC_INFINITY, at);
}

/* Returns true if the previous run's connects have ended and the resulting devices were read. */
static bool is_before_over(const Engine *e)
{
        const DeviceNode *n;

        if (!e->connects_over || !e->actual_known || e->scan.wanted || e->scan.op_id != 0)
                return false;
        for (n = engine_next_device(e, NULL); n; n = engine_next_device(e, n))
                if (n->read_op_id != 0 || n->unread)
                        return false;
        return true;
}

static void end_remembering(Engine *e)
{
        if (e->remembered.n_tids > 0 && is_before_over(e))
                remembered_done(&e->remembered);
}

int engine_plan(Engine *e, usec_t now, const Plan **ret)
{
        engine_begin(e);
        end_remembering(e);

        int r = engine_follow_referrals(e, now);
        if (r >= 0)
                r = decide_all(e, now);
        if (r >= 0)
                r = start_next_connect(e, now);
        if (r >= 0)
                r = decide_all(e, now); /* rows that must wait because of that connect */
        if (r >= 0)
                r = engine_start_probes(e, now);
        if (r >= 0)
                r = start_scan(e, now);
        engine_tell_notices(e, now);
        engine_note_skipped(e);

        Output *o = &e->output;
        o->plan = (Plan) {
                .actions = o->actions,
                .n_actions = o->n_actions,
                .notes = o->notes,
                .n_notes = o->n_notes,
                /* Out of memory: rows that could not be handled remain marked, and are retried
                   soon. */
                .wake_at = r < 0 ? usec_add(now, USEC_PER_SEC) : next_wake(e, now),
        };
        o->handed_out = true;
        *ret = &o->plan;
        return 0;
}

void engine_set_policy(Engine *e, Policy *policy, usec_t now)
{
        engine_begin(e);
        (void) policy_free(e->policy);
        e->policy = policy;

        Row *row;
        RB_FOREACH(row, RowTree, &e->controllers) {
                row->wanted.excluded_by = NULL; /* owned by the old policy */
                engine_refresh_wanted(e, row, now);
        }
        engine_mark_all_dirty(e);
        e->referrals_changed = true;
        DeviceNode *n;
        RB_FOREACH(n, InstanceTree, &e->instances)
                engine_want_row(e, n);
}

int engine_remember(Engine *e, const Tid *tid)
{
        engine_begin(e);
        return remembered_add(&e->remembered, tid);
}

void engine_connects_over(Engine *e)
{
        engine_begin(e);
        e->connects_over = true;
}

void engine_hold_connects(Engine *e, bool hold)
{
        engine_begin(e);
        e->connects_held = hold;
}

void engine_retry_now(Engine *e)
{
        Row *row;

        engine_begin(e);
        engine_retry_portals(e);
        stalls_end_waits(&e->stalls);
        flaps_clear(&e->flaps);
        RB_FOREACH(row, RowTree, &e->controllers) {
                engine_mark_dirty(e, row);
                row->wanted.quiet = 0;
                if (row->node)
                        row->node->quiet = 0;
                attempts_forget_all(&row->attempts);
                log_retry(&row->log);
                row->registration.retry_at = 0;
        }
}

void engine_reread_logs(Engine *e)
{
        Row *row;

        engine_begin(e);
        RB_FOREACH(row, RowTree, &e->controllers) {
                log_read_again(&row->log);
                engine_mark_dirty(e, row);
        }
}

void engine_release_all(Engine *e)
{
        engine_begin(e);
        e->releasing = true;
        engine_mark_all_dirty(e);
}

const Network *engine_network(const Engine *e)
{
        return &e->network;
}

const Policy *engine_policy(const Engine *e)
{
        return e->policy;
}

bool engine_knows_sources(const Engine *e)
{
        return e->n_incomplete == 0;
}

bool engine_knows_kernel(const Engine *e)
{
        return e->actual_known;
}

bool engine_is_busy(const Engine *e)
{
        if (!RB_EMPTY(&e->ops))
                return true;
        if (!e->releasing)
                return false;
        for (const DeviceNode *n = engine_next_device(e, NULL); n; n = engine_next_device(e, n))
                if (n->ours && !engine_is_firmware_device(e, n))
                        return true;
        return !e->actual_known;
}
