/* SPDX-License-Identifier: Apache-2.0 */

/* The state file: records which connections are ours and what each source said last, so that a
 * restart neither forgets nor removes them. */

#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"
#include "source/last_known_file.h"

/* Changes come in bursts; the file is written once per burst, and periodically during a long one.
 * Connections whose record is lost in a crash are still wanted, and are adopted. */
#define STATE_QUIET_USEC (1 * USEC_PER_SEC)
#define STATE_LATEST_USEC (10 * USEC_PER_SEC)
/* If the discovery logs have more entries than this, only those of connected controllers are
 * written: they are the ones that must be recognised again. */
#define STATE_ENTRIES_MAX 4096
/* How long an ending daemon waits for its file, while systemd waits for the daemon. */
#define STATE_END_USEC (1 * USEC_PER_SEC)

static void restore_sets(Daemon *d, LastKnown *l)
{
        for (size_t i = 0; i < l->n_sets; i++) {
                SourceSet *set = TAKE_PTR(l->sets[i]);
                if (d->stafd && stafd_client_expect(d->stafd, set->key) < 0)
                        log_warning(MESSAGE_OUT_OF_MEMORY, "Out of memory: %s is not remembered",
                                    set->key);
                if (daemon_set_source(d, set) < 0)
                        log_warning(MESSAGE_OUT_OF_MEMORY,
                                    "Out of memory: a part of the last known state is lost");
        }
}

static int restore_device(Daemon *d, const LastKnownDevice *device)
{
        return to_engine(d, (EngineInput) {
                                    .kind = INPUT_RESTORE_DEVICE,
                                    .instance = device->instance,
                                    .inode = device->inode,
                            });
}

/* The result is ignored, since only a crash needs this. */
static void state_remember(Daemon *d, const Tid *tid)
{
        (void) to_engine(d, (EngineInput) { .kind = INPUT_REMEMBER, .tid = tid });
}

/* Errors are ignored: a lost record costs no more than a minute of the kernel's time. */
static void restore_stalls(Daemon *d, const LastKnown *l)
{
        for (size_t i = 0; i < l->n_stalls; i++)
                (void) to_engine(d, (EngineInput) {
                                            .kind = INPUT_RESTORE_STALL,
                                            .tid = l->stalls[i].tid,
                                            .begun = l->stalls[i].begun,
                                            .took = l->stalls[i].took,
                                            .until = l->stalls[i].until,
                                    });
}

void state_restore(Daemon *d)
{
        _cleanup_last_known_ LastKnown l = { 0 };

        int r = d->looks_only ? last_known_file_peek(d->type->state_file, &l)
                              : last_known_file_read(d->type->state_file, &l);
        if (r == -ENOENT)
                return;
        if (r == -EBADMSG || r == -EPROTONOSUPPORT)
                log_warning(MESSAGE_STATE_FILE_UNUSABLE, "The state file %s is %s%s",
                            d->type->state_file, r == -EBADMSG ? "damaged" : "of another version",
                            d->looks_only ? "" : ", it was set aside");
        else if (r < 0)
                log_warning(MESSAGE_STATE_FILE_UNUSABLE, "Cannot read the state file %s: %s",
                            d->type->state_file, strerror(-r));
        if (r < 0)
                return;
        if (l.n_damaged > 0)
                log_warning(MESSAGE_STATE_FILE_UNUSABLE,
                            "The state file %s is damaged: %zu of its parts are ignored",
                            d->type->state_file, l.n_damaged);
        for (size_t i = 0; i < l.n_devices; i++)
                if (restore_device(d, &l.devices[i]) < 0)
                        log_warning(MESSAGE_OUT_OF_MEMORY,
                                    "Out of memory: nvme%i is not remembered as ours",
                                    l.devices[i].instance);
        for (size_t i = 0; i < l.n_remembered; i++)
                state_remember(d, l.remembered[i]);
        restore_stalls(d, &l);
        restore_sets(d, &l);
}

static int collect_devices(const Engine *e, LastKnown *l)
{
        for (const DeviceNode *n = engine_next_device(e, NULL); n; n = engine_next_device(e, n)) {
                if (!n->ours || !n->device)
                        continue;
                if (ARRAY_RESERVE(l->devices, l->n_devices_allocated, l->n_devices + 1) < 0)
                        return -ENOMEM;
                LastKnownDevice *device = &l->devices[l->n_devices];
                *device = (LastKnownDevice) { .instance = n->instance, .inode = n->device->inode };
                if (tid_dup(n->device->tid, &device->tid) < 0)
                        return -ENOMEM;
                l->n_devices++;
        }
        return 0;
}

static int state_add_remembered(const Tid *tid, LastKnown *l)
{
        if (ARRAY_RESERVE(l->remembered, l->n_remembered_allocated, l->n_remembered + 1) < 0 ||
            tid_dup(tid, &l->remembered[l->n_remembered]) < 0)
                return -ENOMEM;
        l->n_remembered++;
        return 0;
}

static int add_configured(const SourceSet *s, LastKnown *l)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < s->n_entries; i++)
                if (!s->entries[i].passive)
                        r = state_add_remembered(s->entries[i].tid, l);
        return r;
}

/* Includes those that are no longer wanted. */
static int collect_connecting(const Engine *e, LastKnown *l)
{
        int r = 0;

        for (const Row *row = engine_next_row(e, NULL); r >= 0 && row;
             row = engine_next_row(e, row))
                if (row->op.operation == OPERATION_CONNECT || row->op.operation == OPERATION_SETTLE)
                        r = state_add_remembered(row->tid, l);
        return r;
}

static int collect_stalls(const Engine *e, LastKnown *l)
{
        for (const Stall *s = stalls_next(engine_stalls(e), NULL); s;
             s = stalls_next(engine_stalls(e), s)) {
                if (ARRAY_RESERVE(l->stalls, l->n_stalls_allocated, l->n_stalls + 1) < 0)
                        return -ENOMEM;
                LastKnownStall *stall = &l->stalls[l->n_stalls];
                *stall = (LastKnownStall) { .begun = s->begun, .took = s->took, .until = s->until };
                if (tid_dup(s->tid, &stall->tid) < 0)
                        return -ENOMEM;
                l->n_stalls++;
        }
        return 0;
}

static bool state_is_whole(const Engine *e)
{
        size_t n = 0;

        for (const SourceSet *s = engine_next_source(e, NULL); s; s = engine_next_source(e, s))
                n += s->kind == SOURCE_DISCOVERY_LOG ? s->n_entries : 0;
        return n <= STATE_ENTRIES_MAX;
}

static int collect_sets(const Engine *e, LastKnown *l)
{
        bool whole = state_is_whole(e);
        int r = 0;

        for (const SourceSet *s = engine_next_source(e, NULL); s && r >= 0;
             s = engine_next_source(e, s)) {
                if (s->kind == SOURCE_CONFIGURED || s->kind == SOURCE_NBFT)
                        r = add_configured(s, l);
                else if (s->n_entries > 0 && (whole || s->kind != SOURCE_DISCOVERY_LOG))
                        r = last_known_add_set(l, s);
        }
        return r;
}

static int add_connected(const Row *row, LastKnown *l)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].set->kind == SOURCE_DISCOVERY_LOG)
                        r = last_known_add_entry(l, row->wanted.claims[i].set,
                                                 row->wanted.claims[i].entry);
        return r;
}

/* Controllers being connected are remembered separately. */
static int collect_connected(const Engine *e, LastKnown *l)
{
        const Row *row;
        int r = 0;

        if (state_is_whole(e))
                return 0;
        for (const DeviceNode *n = engine_next_device(e, NULL); n && r >= 0;
             n = engine_next_device(e, n))
                LIST_FOREACH(row, &n->users, user_entry)
                        r = r < 0 ? r : add_connected(row, l);
        return r;
}

static int collect(const Daemon *d, LastKnown *l)
{
        int r = collect_devices(d->engine, l);
        if (r >= 0)
                r = collect_sets(d->engine, l);
        if (r >= 0)
                r = collect_connected(d->engine, l);
        if (r >= 0)
                r = collect_connecting(d->engine, l);
        return r >= 0 ? collect_stalls(d->engine, l) : r;
}

/* The worker gets copies, since the engine keeps running. */
static int begin_save(Daemon *d)
{
        StateFile *f = &d->loop.state;
        Job job = {
                .operation = OPERATION_SAVE,
                .save = last_known_file_write,
                .name = strdup(d->type->state_file),
                .state = calloc(1, sizeof(*job.state)),
        };

        int r = job.name && job.state ? collect(d, job.state) : -ENOMEM;
        if (r >= 0)
                r = executor_submit(d->kernel.executor, &job);
        if (r < 0) {
                job_done(&job);
                return r;
        }
        f->saving = true;
        f->saving_since = daemon_now(d);
        f->n_saving = f->n_words;
        return 0;
}

static void take_error(Daemon *d, int error)
{
        StateFile *f = &d->loop.state;

        if (error < 0 && error != f->error)
                log_warning(MESSAGE_STATE_FILE_UNWRITABLE, "Cannot write the state file %s: %s",
                            d->type->state_file, strerror(-error));
        f->error = error < 0 ? error : 0;
}

void state_save(Daemon *d)
{
        /* Before the first scan the file of the previous run is more complete. */
        if (!d->engine || !engine_knows_kernel(d->engine))
                return;
        if (d->loop.state.saving) {
                d->loop.state.again = true;
                return;
        }
        int r = begin_save(d);
        if (r < 0)
                take_error(d, r);
}

void state_saved(Daemon *d, int error)
{
        StateFile *f = &d->loop.state;
        bool again = f->again;

        f->saving = f->again = false;
        take_error(d, error);
        if (error >= 0)
                f->n_saved = f->n_saving;
        if (again)
                state_save(d);
}

void state_save_last(Daemon *d)
{
        if (!d->engine || !engine_knows_kernel(d->engine))
                return;
        int r = begin_save(d); /* queued after one that is being written */
        if (r >= 0)
                r = executor_wait_for_files(d->kernel.executor, STATE_END_USEC);
        if (r < 0)
                take_error(d, r);
}

void state_take_word(Daemon *d)
{
        d->loop.state.n_words++;
}

uint64_t state_words(Daemon *d)
{
        if (!state_is_whole(d->engine)) /* the controller to be connected is not in the file yet */
                state_take_word(d);
        return d->loop.state.n_words;
}

bool state_has_words(Daemon *d, uint64_t n_words, usec_t since)
{
        const StateFile *f = &d->loop.state;

        if (f->n_saved >= n_words)
                return true;
        if (!f->saving || f->n_saving < n_words)
                state_save(d);
        /* A failed write is retried with each connect, which does not wait for it. */
        return !f->saving || f->error < 0 || state_waits_until(d, since) <= daemon_now(d);
}

usec_t state_waits_until(const Daemon *d, usec_t since)
{
        return usec_add(MIN(since, d->loop.state.saving_since), STATE_WAIT_USEC);
}

static int on_save(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;

        d->loop.state.save_by = 0;
        if (engine_knows_kernel(d->engine))
                state_save(d);
        else
                state_schedule_save(d);
        return 0;
}

void state_schedule_save(Daemon *d)
{
        Loop *l = &d->loop;
        usec_t now = daemon_now(d);
        int r;

        if (l->state.save_by == 0)
                l->state.save_by = usec_add(now, STATE_LATEST_USEC);
        usec_t at = MIN(usec_add(now, STATE_QUIET_USEC), l->state.save_by);

        if (!l->save) {
                r = sd_event_add_time(l->event, &l->save, CLOCK_MONOTONIC, at, 100 * USEC_PER_MSEC,
                                      on_save, d);
        } else {
                r = sd_event_source_set_time(l->save, at);
                if (r >= 0)
                        r = sd_event_source_set_enabled(l->save, SD_EVENT_ONESHOT);
        }
        if (r < 0)
                state_save(d);
}
