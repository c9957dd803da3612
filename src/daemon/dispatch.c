/* SPDX-License-Identifier: Apache-2.0 */

/* Actions become jobs; results and uevents become events of the engine. Nothing is decided here. */

#include <string.h>

#include "base/array.h"
#include "codec/fabrics_options.h"
#include "daemon/connect_options.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/registration.h"
#include "daemon/to_engine.h"

static void complain(int r)
{
        if (r < 0)
                log_error("Out of memory: an event is lost, the next scan makes up for it");
}

static int submit(Daemon *d, Job *job)
{
        int r = executor_submit(d->kernel.executor, job);
        if (r >= 0)
                return 0;

        log_error("Cannot start an operation: %s", strerror(-r));
        job_done(job);
        return r;
}

/* Whoever removed it. What is not done leaves an entry that its inode tells to be stale. */
static void forget_owner(Daemon *d, int instance)
{
        Job job = { .kind = JOB_FORGET_OWNER, .instance = instance };

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
                report_repeated(d, "", LOG_WARNING,
                                "Kernel events were lost, reading all controllers again");
                (void) to_engine_event(d, INPUT_KERNEL_EVENTS_LOST);
                return;
        }
        if (u->action == UEVENT_REMOVE) {
                live_state_close(&d->kernel.live, u->instance);
                forget_owner(d, u->instance);
                tell_event(d, KERNEL_REMOVED, u->instance);
        } else if (u->action == UEVENT_ADD)
                tell_event(d, KERNEL_ADDED, u->instance);
        else if (u->aen == NVME_AEN_DISCOVERY_LOG_CHANGED)
                tell_event(d, KERNEL_LOG_CHANGED, u->instance);
        else if (u->event == NVME_EVENT_REDISCOVER)
                tell_event(d, KERNEL_REDISCOVERED, u->instance);
        else if (u->event == NVME_EVENT_CONNECTED)
                tell_event(d, KERNEL_CONNECTED, u->instance);
}

static void on_owner(int instance, int error, void *userdata)
{
        Daemon *d = userdata;

        if (error < 0)
                log_warning("Cannot watch all of the registry of owners: %s", strerror(-error));
        complain(to_engine(d, (EngineInput) { .kind = INPUT_OWNER_CHANGED, .instance = instance }));
        daemon_schedule_plan(d);
}

/* Before the first scan, too. */
static void watch_registry(Daemon *d)
{
        int r = registry_watch_new(d->loop.event, d->type->paths->registry, on_owner, d,
                                   &d->kernel.registry_watch);
        if (r < 0)
                log_warning("Cannot watch the registry of owners, changes count when a controller "
                            "is read again: %s",
                            strerror(-r));
}

static void tell_left_out(Daemon *d, unsigned left_out)
{
        unsigned news = left_out & ~d->kernel.left_out;

        for (FabricsOption o = 0; o < _FABRICS_OPTION_MAX; o++)
                if (news & (1U << o))
                        log_warning("This kernel does not support the option %s, it is left out",
                                    fabrics_option_to_string(o));
        d->kernel.left_out |= left_out;
}

static int submit_connect(Daemon *d, uint64_t op_id, const Controller *c, Settings settings)
{
        Job job = { .kind = JOB_CONNECT, .op_id = op_id };
        unsigned left_out;

        int r = connect_options(c, settings, d->inputs.host, &d->inputs.nbft, d->kernel.options,
                                &job.options, &left_out);
        if (r < 0)
                return r;
        tell_left_out(d, left_out);
        return submit(d, &job);
}

/* The kernel's options are read behind the same mutex that connects take, so not on the loop: the
 * first connect may have to wait for them. And each waits until why it is made is in the state
 * file: killed from then on, the next run finds why there is such a connection. */
static bool may_connect(Daemon *d, uint64_t n_words, usec_t since)
{
        return d->kernel.options_known && !d->loop.holds_connects &&
               state_has_words(d, n_words, since);
}

static int wait_with_connect(Daemon *d, const Action *a, uint64_t n_words)
{
        Kernel *k = &d->kernel;

        k->waiting_tid = tid_free(k->waiting_tid);
        int r = tid_dup(a->controller->tid, &k->waiting_tid);
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
                       ? submit_connect(d, a->op_id, a->controller, a->settings)
                       : wait_with_connect(d, a, n_words);
}

/* It could not even begin. */
static void fail(Daemon *d, const Failure *f)
{
        complain(to_engine(d, (EngineInput) {
                                      .kind = engine_input_ending(f->kind),
                                      .op_id = f->op_id,
                                      .instance = f->instance,
                                      .error = f->error,
                              }));
}

static void options_are_known(Daemon *d, const JobResult *r)
{
        Kernel *k = &d->kernel;

        if (r->error < 0)
                log_warning("Cannot read the options of /dev/nvme-fabrics: %s",
                            strerror(-r->error));
        k->options = r->options;
        k->options_known = true;
        /* Reading them took the mutex of connects. */
        (void) to_engine_event(d, INPUT_CONNECTS_OVER);
        mdns_options_known(d);
}

void dispatch_waiting(Daemon *d)
{
        Kernel *k = &d->kernel;
        int r = -ECANCELED;

        if (k->waiting_op == 0 || !may_connect(d, k->waiting_words, k->waiting_since))
                return;
        const Controller *c = engine_find_controller(d->engine, k->waiting_tid);
        if (c && controller_is_wanted(c))
                r = submit_connect(d, k->waiting_op, c, k->waiting_settings);
        if (r < 0) {
                fail(d, &(Failure) { ACTION_CONNECT, k->waiting_op, -1, r });
                daemon_schedule_plan(d);
        }
        k->waiting_op = 0;
}

usec_t dispatch_waits_until(const Daemon *d)
{
        const Kernel *k = &d->kernel;

        /* For what else it waits, that schedules a plan. */
        return k->waiting_op != 0 && k->options_known && !d->loop.holds_connects
                       ? state_waits_until(d, k->waiting_since)
                       : USEC_INFINITY;
}

static void tell_result(Daemon *d, EngineInputKind kind, JobResult *r)
{
        bool is_device = kind == INPUT_READ_DEVICE_DONE && r->n_devices > 0;

        complain(to_engine(d, (EngineInput) {
                                      .kind = kind,
                                      .op_id = r->op_id,
                                      .error = r->error,
                                      .nvme_status = r->nvme_status,
                                      .instance = r->instance,
                                      .inode = r->inode,
                                      .offers = r->log_options,
                                      .log = TAKE_PTR(r->log),
                                      .used_by = TAKE_PTR(r->in_use_by),
                                      .device = is_device ? TAKE_PTR(r->devices[0]) : NULL,
                                      .devices = r->devices,
                                      .n_devices = r->n_devices,
                              }));
}

static void on_result(JobResult *r, void *userdata)
{
        Daemon *d = userdata;

        daemon_schedule_plan(d);
        switch (r->kind) {
        case JOB_CONNECT:
                tell_result(d, INPUT_CONNECT_DONE, r);
                return;
        case JOB_DISCONNECT:
                tell_result(d, INPUT_DISCONNECT_DONE, r);
                return;
        case JOB_READ_LOG:
                if (r->log && discovery_log_names(r->log, DLPE_REFERRAL))
                        state_take_word(d);
                tell_result(d, INPUT_READ_LOG_DONE, r);
                return;
        case JOB_READ_SUPPORTED_LOGS:
                tell_result(d, INPUT_READ_SUPPORTED_LOGS_DONE, r);
                return;
        case JOB_REGISTER:
                tell_result(d, INPUT_REGISTER_DONE, r);
                return;
        case JOB_READ_DEVICE:
                tell_result(d, INPUT_READ_DEVICE_DONE, r);
                return;
        case JOB_SCAN:
                if (r->error < 0)
                        report_repeated(d, "", LOG_ERR, "Cannot read the controllers in sysfs: %s",
                                        strerror(-r->error));
                tell_result(d, INPUT_SCAN_DONE, r);
                return;
        case JOB_READ_OPTIONS:
                options_are_known(d, r);
                return;
        case JOB_RESOLVE:
                names_resolved(d, r);
                return;
        case JOB_SAVE:
                state_saved(d, r->error);
                return;
        case JOB_WATCH_IO:
        case JOB_FORGET_OWNER: /* nothing waits for it */
        case _JOB_KIND_MAX:
                return;
        }
}

static void on_probe(uint64_t op_id, int error, void *userdata)
{
        Daemon *d = userdata;

        daemon_schedule_plan(d);
        (void) to_engine(
                d, (EngineInput) { .kind = INPUT_PROBE_DONE, .op_id = op_id, .error = error });
}

static int dispatch_job(Daemon *d, const Action *a)
{
        static const JobKind kinds[_ACTION_KIND_MAX] = {
                [ACTION_DISCONNECT] = JOB_DISCONNECT,
                [ACTION_REGISTER] = JOB_REGISTER,
                [ACTION_DEREGISTER] = JOB_REGISTER,
                [ACTION_READ_SUPPORTED_LOGS] = JOB_READ_SUPPORTED_LOGS,
                [ACTION_READ_LOG] = JOB_READ_LOG,
                [ACTION_READ_DEVICE] = JOB_READ_DEVICE,
                [ACTION_SCAN] = JOB_SCAN,
        };
        Job job = {
                .kind = kinds[a->kind],
                .op_id = a->op_id,
                .instance = a->instance,
                .inode = a->inode,
                .whom = a->controller ? tid_hash(a->controller->tid) : 0,
                .force = a->force,
                .log_options = a->log_options,
                .task = a->kind == ACTION_DEREGISTER ? DIM_DEREGISTER : DIM_REGISTER,
                .skip_type = a->any_kind                             ? NULL
                             : d->type->role == CONTROLLER_DISCOVERY ? "io"
                                                                     : "discovery",
        };

        if (job.kind == JOB_REGISTER) {
                int r = registration_encode(d->inputs.host, a->controller, &job);
                if (r < 0)
                        return r;
        }
        return submit(d, &job);
}

static int dispatch_action(Daemon *d, const Action *a)
{
        Kernel *k = &d->kernel;

        if (d->looks_only && a->kind != ACTION_SCAN && a->kind != ACTION_READ_DEVICE)
                return 0;
        switch (a->kind) {
        case ACTION_PROBE:
                return probes_start(k->probes, a->op_id, a->controller->tid, a->timeout);
        case ACTION_CANCEL_PROBE:
                probes_cancel(k->probes, a->cancels);
                return 0;
        case ACTION_CONNECT:
                return dispatch_connect(d, a);
        case ACTION_DISCONNECT:
        case ACTION_REGISTER:
        case ACTION_DEREGISTER:
        case ACTION_READ_SUPPORTED_LOGS:
        case ACTION_READ_LOG:
        case ACTION_READ_DEVICE:
        case ACTION_SCAN:
        case _ACTION_KIND_MAX:
                break;
        }
        return dispatch_job(d, a);
}

/* By the time it may go it is known whether it is read or written: until then it is not asked. */
static void watch_unwanted(Daemon *d, const Plan *plan)
{
        for (size_t i = 0; i < plan->n_notes; i++) {
                const Note *n = &plan->notes[i];
                Job job = { .kind = JOB_WATCH_IO, .instance = n->instance };
                if (n->kind == NOTE_UNWANTED && n->instance >= 0 && d->type->role == CONTROLLER_IO)
                        (void) submit(d, &job);
        }
}

void dispatch_plan(Daemon *d, const Plan *plan)
{
        Kernel *k = &d->kernel;

        for (size_t i = 0; i < plan->n_actions; i++) {
                const Action *a = &plan->actions[i];
                int r = dispatch_action(d, a);
                if (r >= 0)
                        continue;
                if (ARRAY_RESERVE(k->failures, k->n_failures_allocated, k->n_failures + 1) < 0) {
                        complain(-ENOMEM);
                        continue;
                }
                k->failures[k->n_failures++] = (Failure) {
                        .kind = a->kind,
                        .op_id = a->op_id,
                        .instance = a->instance,
                        .error = r,
                };
        }
        watch_unwanted(d, plan);
}

void dispatch_failures(Daemon *d)
{
        Kernel *k = &d->kernel;

        for (size_t i = 0; i < k->n_failures; i++)
                fail(d, &k->failures[i]);
        if (k->n_failures > 0)
                daemon_schedule_plan(d);
        k->n_failures = 0;
}

int dispatch_start(Daemon *d)
{
        Job job = { .kind = JOB_READ_OPTIONS };
        const ExecutorConfig config = {
                .daemon = d->type->name,
                .sysfs_root = d->type->paths->sysfs,
                .dev_root = d->type->paths->dev,
                .registry_root = d->type->paths->registry,
                .looks_only = d->looks_only,
        };

        int r = executor_new(d->loop.event, &config, on_result, d, &d->kernel.executor);
        if (r >= 0) /* before the first scan: nothing may happen between them unseen */
                r = uevent_monitor_new(d->loop.event, on_uevent, d, &d->kernel.monitor);
        if (r >= 0)
                watch_registry(d);
        if (r >= 0)
                r = probes_new(d->loop.event, on_probe, d, &d->kernel.probes);
        if (r >= 0)
                r = executor_submit(d->kernel.executor, &job);
        return r;
}
