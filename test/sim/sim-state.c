/* SPDX-License-Identifier: Apache-2.0 */

/* The state file of a daemon, as written by daemon/state.c. */

#include <string.h>

#include "base/array.h"
#include "sim-daemon.h"

#define QUIET_USEC (1 * USEC_PER_SEC)
#define LATEST_USEC (10 * USEC_PER_SEC)

void sim_state_done(SimState *state)
{
        for (size_t i = 0; i < state->n_sets; i++)
                (void) source_set_free(state->sets[i]);
        for (size_t i = 0; i < state->n_remembered; i++)
                (void) tid_free(state->remembered[i]);
        free(state->sets);
        free(state->stalls);
        free(state->devices);
        free(state->remembered);
        *state = (SimState) { 0 };
}

void sim_state_schedule(SimDaemon *d, usec_t now)
{
        if (d->save_by == USEC_INFINITY)
                d->save_by = usec_add(now, LATEST_USEC);
        d->save_at = MIN(usec_add(now, QUIET_USEC), d->save_by);
}

static SourceSet *copy_set(const SourceSet *set)
{
        SourceSet *copy;

        if (source_set_new(set->key, set->kind, SOURCE_UNKNOWN, &copy) < 0)
                abort();
        copy->restored = true;
        for (size_t i = 0; i < set->n_entries; i++) {
                const SourceEntry *from = &set->entries[i];
                Tid *tid;
                if (tid_dup(from->tid, &tid) < 0)
                        abort();
                SourceEntry *entry = sim_must(source_set_add(copy, tid, from->where));
                if (!from->dlpe)
                        continue;
                entry->dlpe = sim_must(calloc(1, sizeof(*entry->dlpe)));
                if (dlpe_copy(from->dlpe, entry->dlpe) < 0)
                        abort();
        }
        source_set_seal(copy);
        return copy;
}

static void collect_devices(const Engine *e, SimState *state)
{
        size_t n_allocated = 0;

        for (const DeviceNode *n = engine_next_device(e, NULL); n; n = engine_next_device(e, n)) {
                if (!n->ours || !n->device)
                        continue;
                if (ARRAY_RESERVE(state->devices, n_allocated, state->n_devices + 1) < 0)
                        abort();
                state->devices[state->n_devices].instance = n->instance;
                state->devices[state->n_devices++].inode = n->device->inode;
        }
}

static void collect_stalls(const Sim *s, const Engine *e, SimState *state)
{
        size_t n_allocated = 0;

        for (const Stall *stall = stalls_next(engine_stalls(e), NULL); stall;
             stall = stalls_next(engine_stalls(e), stall)) {
                if (ARRAY_RESERVE(state->stalls, n_allocated, state->n_stalls + 1) < 0)
                        abort();
                state->stalls[state->n_stalls].target =
                        sim_targets_find(&s->kernel.targets, stall->tid);
                state->stalls[state->n_stalls].begun = stall->begun;
                state->stalls[state->n_stalls].took = stall->took;
                state->stalls[state->n_stalls++].until = stall->until;
        }
}

static void remember(SimState *state, const Tid *tid)
{
        if (ARRAY_RESERVE(state->remembered, state->n_remembered_allocated,
                          state->n_remembered + 1) < 0 ||
            tid_dup(tid, &state->remembered[state->n_remembered++]) < 0)
                abort();
}

static void collect_connecting(const Engine *e, SimState *state)
{
        for (const Row *row = engine_next_row(e, NULL); row; row = engine_next_row(e, row))
                if (row->op.operation == OPERATION_CONNECT || row->op.operation == OPERATION_SETTLE)
                        remember(state, row->tid);
}

/* Read from files at startup: known without being restored. */
static bool is_read_at_start(SourceKind kind)
{
        return kind == SOURCE_CONFIGURED || kind == SOURCE_NBFT;
}

static void collect_sets(const Engine *e, SimState *state)
{
        size_t n_allocated = 0;

        for (const SourceSet *set = engine_next_source(e, NULL); set;
             set = engine_next_source(e, set)) {
                if (is_read_at_start(set->kind)) {
                        for (size_t i = 0; i < set->n_entries; i++)
                                if (!set->entries[i].passive)
                                        remember(state, set->entries[i].tid);
                        continue;
                }
                if (set->n_entries == 0)
                        continue;
                if (ARRAY_RESERVE(state->sets, n_allocated, state->n_sets + 1) < 0)
                        abort();
                state->sets[state->n_sets++] = copy_set(set);
        }
}

void sim_state_save(Sim *s, SimDaemon *d)
{
        if (!engine_knows_kernel(d->engine)) {
                sim_state_schedule(d, s->now);
                return;
        }
        sim_state_done(&d->state);
        collect_devices(d->engine, &d->state);
        collect_sets(d->engine, &d->state);
        collect_connecting(d->engine, &d->state);
        collect_stalls(s, d->engine, &d->state);
        d->save_at = d->save_by = USEC_INFINITY;
        d->n_saved = d->n_words;
        sim_trace(s, d, "saves %zu devices, %zu sets", d->state.n_devices, d->state.n_sets);
}

static void mark_remembered(const Sim *s, SimDaemon *d, const Tid *tid)
{
        d->remembered[sim_targets_find(&s->kernel.targets, tid)] = true;
}

static void restore_stalls(Sim *s, SimDaemon *d)
{
        for (size_t i = 0; i < d->state.n_stalls; i++) {
                size_t target = d->state.stalls[i].target;
                const EngineInput stall = {
                        .kind = INPUT_RESTORE_STALL,
                        .tid = s->kernel.targets.targets[target].tid,
                        .begun = d->state.stalls[i].begun,
                        .took = d->state.stalls[i].took,
                        .until = d->state.stalls[i].until,
                };
                sim_note_stall(s, target, stall.until > 0 ? stall.begun : 0, stall.took);
                sim_tell(s, d, stall);
        }
}

void sim_state_restore(Sim *s, SimDaemon *d)
{
        SimState *state = &d->state;

        free(d->remembered);
        d->remembered = sim_must(calloc(s->kernel.targets.n_targets, sizeof(bool)));
        for (size_t i = 0; i < state->n_remembered; i++) {
                mark_remembered(s, d, state->remembered[i]);
                sim_tell(s, d,
                         (EngineInput) { .kind = INPUT_REMEMBER, .tid = state->remembered[i] });
        }
        for (size_t i = 0; i < state->n_devices; i++) {
                uint64_t inode = state->devices[i].inode;
                sim_connection(s, inode)->restored = true;
                sim_tell(s, d,
                         (EngineInput) {
                                 .kind = INPUT_RESTORE_DEVICE,
                                 .instance = state->devices[i].instance,
                                 .inode = inode,
                         });
        }
        restore_stalls(s, d);
        for (size_t i = 0; i < state->n_sets; i++) {
                SimSource *source = sim_find_source(d, state->sets[i]->key);
                for (size_t j = 0; j < state->sets[i]->n_entries; j++)
                        mark_remembered(s, d, state->sets[i]->entries[j].tid);
                if (d->role == CONTROLLER_IO)
                        sim_follower_expect(s, source);
                sim_hear(s, d, source, copy_set(state->sets[i]));
        }
}
