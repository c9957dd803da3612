/* SPDX-License-Identifier: Apache-2.0 */

/* Turns actions into jobs, and completions and uevents into inputs of the engine. No decisions are
 * made here. */

#include <string.h>

#include "codec/fabrics_options.h"
#include "daemon/connect_options.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/registration.h"
#include "daemon/to_engine.h"

static void complain(int r)
{
        if (r < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: an event is lost; the next scan will detect the change");
}

static int submit(Daemon *d, Job *job)
{
        int r = executor_submit(d->kernel.executor, job);
        if (r >= 0)
                return 0;

        log_error(MESSAGE_INTERNAL_FAILURE, "Cannot start an operation: %s", strerror(-r));
        job_done(job);
        return r;
}

/* Regardless of who removed it. If this fails, an entry remains whose inode shows that it is
 * stale. */
static void forget_owner(Daemon *d, int instance)
{
        Job job = { .operation = OPERATION_FORGET_OWNER, .instance = instance };

        (void) submit(d, &job);
}

static void tell_event(Daemon *d, KernelEvent event, int instance)
{
        complain(to_engine(d, (EngineInput) {
                                      .kind = INPUT_KERNEL_EVENT,
                                      .event = event,
                                      .instance = instance,
                              }));
}

static void on_uevent(const Uevent *u, void *userdata)
{
        Daemon *d = userdata;

        daemon_schedule_plan(d);
        if (!u) {
                report_repeated(d, MESSAGE_KERNEL_EVENTS_LOST, "", LOG_WARNING,
                                "Kernel events were lost, rereading all controllers");
                (void) to_engine_event(d, INPUT_KERNEL_EVENTS_LOST);
                return;
        }
        if (u->action == UEVENT_NAMESPACE_REMOVED) {
                rescans_namespace_removed(d);
                return;
        }
        if (u->action == UEVENT_REMOVE) {
                live_state_close(&d->kernel.live, u->instance);
                forget_owner(d, u->instance);
                tell_event(d, KERNEL_REMOVED, u->instance);
        } else if (u->action == UEVENT_ADD) {
                outages_forget(&d->kernel.outages, u->instance);
                tell_event(d, KERNEL_ADDED, u->instance);
        } else if (u->aen == NVME_AEN_DISCOVERY_LOG_CHANGED)
                tell_event(d, KERNEL_LOG_CHANGED, u->instance);
        else if (u->event == NVME_EVENT_REDISCOVER)
                tell_event(d, KERNEL_REDISCOVERED, u->instance);
        else if (u->event == NVME_EVENT_CONNECTED) {
                report_look_soon(d, u->instance);
                tell_event(d, KERNEL_CONNECTED, u->instance);
        }
}

static void dispatch_on_owner(int instance, int error, void *userdata)
{
        Daemon *d = userdata;

        if (error < 0)
                log_warning(MESSAGE_REGISTRY_UNWATCHED,
                            "Cannot watch all of the registry of owners: %s", strerror(-error));
        complain(to_engine(d, (EngineInput) { .kind = INPUT_OWNER_CHANGED, .instance = instance }));
        daemon_schedule_plan(d);
}

/* Also before the first scan. */
static void watch_registry(Daemon *d)
{
        int r = registry_watch_new(d->loop.event, d->type->paths->registry, dispatch_on_owner, d,
                                   &d->kernel.registry_watch);
        if (r < 0)
                log_warning(MESSAGE_REGISTRY_UNWATCHED,
                            "Cannot watch the registry of owners, changes take effect when a "
                            "controller is read again: %s",
                            strerror(-r));
}

static void dispatch_tell_left_out(Daemon *d, unsigned left_out)
{
        unsigned news = left_out & ~d->kernel.left_out;

        for (FabricsOption o = 0; o < _FABRICS_OPTION_MAX; o++)
                if (news & (1U << o))
                        log_warning(MESSAGE_KERNEL_OPTION_MISSING,
                                    "This kernel does not support the option %s, which is omitted",
                                    fabrics_option_to_string(o));
        d->kernel.left_out |= left_out;
}

static int submit_connect(Daemon *d, uint64_t op_id, const Row *row, Settings settings)
{
        Job job = { .operation = OPERATION_CONNECT, .op_id = op_id };
        unsigned left_out;

        int r = connect_options(row, engine_network(d->engine), settings, d->inputs.host,
                                &d->inputs.nbft, d->kernel.options, &job.options, &left_out);
        if (r < 0)
                return r;
        dispatch_tell_left_out(d, left_out);
        return submit(d, &job);
}

/* Reading the kernel's options takes the mutex that connects hold, so it is not done on the loop,
 * and the first connect may have to wait for them. Each connect also waits until its reason is in
 * the state file, so that after a kill the next run finds why the connection exists. */
static bool may_connect(Daemon *d, uint64_t n_words, usec_t since)
{
        return d->kernel.options_known && !d->loop.holds_connects &&
               state_has_words(d, n_words, since);
}

static int wait_with_connect(Daemon *d, const Action *a, uint64_t n_words)
{
        Kernel *k = &d->kernel;

        k->waiting_tid = tid_free(k->waiting_tid);
        int r = tid_dup(a->row->tid, &k->waiting_tid);
        if (r < 0)
                return r;
        k->waiting_op = a->op_id;
        k->waiting_words = n_words;
        k->waiting_since = daemon_now(d);
        k->waiting_settings = a->settings;
        return 0;
}

static int dispatch_connect(Daemon *d, const Action *a)
{
        uint64_t n_words = state_words(d);

        return may_connect(d, n_words, daemon_now(d))
                       ? submit_connect(d, a->op_id, a->row, a->settings)
                       : wait_with_connect(d, a, n_words);
}

/* It could not be started; this is reported in a later iteration. */
static void end_before_begin(Daemon *d, Operation o, uint64_t op_id, int instance, int error)
{
        complain(executor_complete(d->kernel.executor, &(Completion) {
                                                               .operation = o,
                                                               .op_id = op_id,
                                                               .instance = instance,
                                                               .error = error,
                                                       }));
}

void dispatch_waiting(Daemon *d)
{
        Kernel *k = &d->kernel;
        int r = -ECANCELED;

        if (k->waiting_op == 0 || !may_connect(d, k->waiting_words, k->waiting_since))
                return;
        const Row *row = engine_find_row(d->engine, k->waiting_tid);
        if (row && row_is_wanted(row))
                r = submit_connect(d, k->waiting_op, row, k->waiting_settings);
        if (r < 0)
                end_before_begin(d, OPERATION_CONNECT, k->waiting_op, -1, r);
        k->waiting_op = 0;
}

usec_t dispatch_waits_until(const Daemon *d)
{
        const Kernel *k = &d->kernel;

        /* The end of any other wait schedules a plan. */
        return k->waiting_op != 0 && k->options_known && !d->loop.holds_connects
                       ? state_waits_until(d, k->waiting_since)
                       : USEC_INFINITY;
}

/* ---- completions ---- */

static void tell_engine(Daemon *d, Completion *c)
{
        complain(to_engine(d, (EngineInput) { .kind = INPUT_COMPLETE, .completion = *c }));
        *c = (Completion) { 0 };
}

static void connect_has_ended(Daemon *d, Completion *c)
{
        if (c->error >= 0)
                owners_connected(d, c->instance, c->entry_error);
        tell_engine(d, c);
}

static void owner_has_been_claimed(Daemon *d, Completion *c)
{
        owners_claimed(d, c->instance, c->error);
}

static void log_is_read(Daemon *d, Completion *c)
{
        if (c->log && discovery_log_names(c->log, DLPE_REFERRAL))
                state_take_word(d);
        tell_engine(d, c);
}

static void scan_has_ended(Daemon *d, Completion *c)
{
        int error = MIN(c->error, 0);

        if (error < 0 && error != d->kernel.scan_error)
                report_repeated(d, MESSAGE_KERNEL_UNREADABLE, "", LOG_ERR,
                                "Cannot read the controllers in sysfs: %s", strerror(-error));
        d->kernel.scan_error = error;
        tell_engine(d, c);
        rescans_namespace_removed(d); /* while nobody listened, or unnoticed */
}

static void options_are_known(Daemon *d, Completion *c)
{
        Kernel *k = &d->kernel;

        if (c->error < 0)
                log_warning(MESSAGE_KERNEL_UNREADABLE,
                            "Cannot read the options of /dev/nvme-fabrics: %s",
                            strerror(-c->error));
        k->options = c->options;
        k->options_known = true;
        /* Reading them took the mutex that connects hold. */
        (void) to_engine_event(d, INPUT_CONNECTS_OVER);
        mdns_options_known(d);
}

static void name_is_resolved(Daemon *d, Completion *c)
{
        names_resolved(d, c);
}

static void state_is_saved(Daemon *d, Completion *c)
{
        state_saved(d, c->error);
}

/* Operations not listed have no handler, since nothing waits for them. */
static void (*const enders[_OPERATION_MAX])(Daemon *d, Completion *c) = {
        [OPERATION_CLAIM_OWNER] = owner_has_been_claimed,
        [OPERATION_PROBE] = tell_engine,
        [OPERATION_CONNECT] = connect_has_ended,
        [OPERATION_DISCONNECT] = tell_engine,
        [OPERATION_REGISTER] = tell_engine,
        [OPERATION_DEREGISTER] = tell_engine,
        [OPERATION_READ_SUPPORTED_LOGS] = tell_engine,
        [OPERATION_READ_LOG] = log_is_read,
        [OPERATION_READ_DEVICE] = tell_engine,
        [OPERATION_SCAN] = scan_has_ended,
        [OPERATION_READ_OPTIONS] = options_are_known,
        [OPERATION_RESOLVE] = name_is_resolved,
        [OPERATION_SAVE] = state_is_saved,
};

static void on_completion(Completion completion, void *userdata)
{
        _cleanup_completion_ Completion c = completion;
        Daemon *d = userdata;

        daemon_schedule_plan(d);
        if (enders[c.operation])
                enders[c.operation](d, &c);
}

static void on_probe(uint64_t op_id, int error, void *userdata)
{
        on_completion((Completion) { .operation = OPERATION_PROBE, .op_id = op_id, .error = error },
                      userdata);
}

/* ---- actions ---- */

static int dispatch_probe(Daemon *d, const Action *a)
{
        return probes_start(d->kernel.probes, a->op_id, a->row->tid, a->timeout);
}

static int dispatch_cancel_probe(Daemon *d, const Action *a)
{
        probes_cancel(d->kernel.probes, a->cancels);
        return 0;
}

static Job job_of(const Daemon *d, const Action *a)
{
        return (Job) {
                .operation = a->operation,
                .op_id = a->op_id,
                .instance = a->instance,
                .inode = a->inode,
                .whom = a->row ? tid_hash(a->row->tid) : 0,
                .force = a->force,
                .log_options = a->log_options,
                .skip_type = a->any_kind                             ? NULL
                             : d->type->role == CONTROLLER_DISCOVERY ? "io"
                                                                     : "discovery",
        };
}

static int dispatch_job(Daemon *d, const Action *a)
{
        Job job = job_of(d, a);

        return submit(d, &job);
}

static int dispatch_registration(Daemon *d, const Action *a)
{
        Job job = job_of(d, a);
        int r = registration_encode(d->inputs.host, a->row, &job);

        return r < 0 ? r : submit(d, &job);
}

static int (*const starters[_OPERATION_MAX])(Daemon *d, const Action *a) = {
        [OPERATION_PROBE] = dispatch_probe,
        [OPERATION_CANCEL_PROBE] = dispatch_cancel_probe,
        [OPERATION_CONNECT] = dispatch_connect,
        [OPERATION_DISCONNECT] = dispatch_job,
        [OPERATION_REGISTER] = dispatch_registration,
        [OPERATION_DEREGISTER] = dispatch_registration,
        [OPERATION_READ_SUPPORTED_LOGS] = dispatch_job,
        [OPERATION_READ_LOG] = dispatch_job,
        [OPERATION_READ_DEVICE] = dispatch_job,
        [OPERATION_SCAN] = dispatch_job,
};

/* By the time it may be disconnected it is known whether it is read or written; until then the
 * check is not repeated. */
static void watch_unwanted(Daemon *d, const Plan *plan)
{
        for (size_t i = 0; i < plan->n_notes; i++) {
                const Note *n = &plan->notes[i];
                Job job = { .operation = OPERATION_WATCH_IO, .instance = n->instance };
                if (n->kind == NOTE_UNWANTED && n->instance >= 0 && d->type->role == CONTROLLER_IO)
                        (void) submit(d, &job);
        }
}

static bool dispatch_allows(const Daemon *d, const Action *a)
{
        return !d->looks_only || a->operation == OPERATION_SCAN ||
               a->operation == OPERATION_READ_DEVICE;
}

void dispatch_plan(Daemon *d, const Plan *plan)
{
        for (size_t i = 0; i < plan->n_actions; i++) {
                const Action *a = &plan->actions[i];
                int r = dispatch_allows(d, a) ? starters[a->operation](d, a) : 0;
                if (r < 0)
                        end_before_begin(d, a->operation, a->op_id, a->instance, r);
        }
        watch_unwanted(d, plan);
}

int dispatch_start(Daemon *d)
{
        Job job = { .operation = OPERATION_READ_OPTIONS };
        const ExecutorConfig config = {
                .daemon = d->type->name,
                .sysfs_root = d->type->paths->sysfs,
                .dev_root = d->type->paths->dev,
                .registry_root = d->type->paths->registry,
                .looks_only = d->looks_only,
        };

        int r = executor_new(d->loop.event, &config, on_completion, d, &d->kernel.executor);
        if (r >= 0) /* before the first scan, so that no change in between is missed */
                r = uevent_monitor_new(d->loop.event, on_uevent, d, &d->kernel.monitor);
        if (r >= 0)
                watch_registry(d);
        if (r >= 0)
                r = probes_new(d->loop.event, on_probe, d, &d->kernel.probes);
        if (r >= 0)
                r = executor_submit(d->kernel.executor, &job);
        return r;
}
