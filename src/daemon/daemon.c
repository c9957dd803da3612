/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"
#include "bus/publication.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/systemd.h"
#include "daemon/to_engine.h"
#include "exec/memory.h"
#include "source/stafd_log.h"

/* How long stopping waits for disconnects; a stuck kernel does not delay it further. */
#define STOP_TIMEOUT_USEC (3 * USEC_PER_SEC)

usec_t daemon_now(const Daemon *d)
{
        uint64_t now;

        return sd_event_now(d->loop.event, CLOCK_MONOTONIC, &now) < 0 ? 0 : now;
}

void daemon_schedule_plan(Daemon *d)
{
        (void) sd_event_source_set_enabled(d->loop.plan, SD_EVENT_ONESHOT);
}

static int source_says(Daemon *d, EngineInput in)
{
        int r = to_engine(d, in);

        state_take_word(d);
        state_schedule_save(d);
        daemon_schedule_plan(d);
        return r;
}

int daemon_set_source(Daemon *d, SourceSet *set)
{
        return source_says(d, (EngineInput) { .kind = INPUT_SET_SOURCE, .set = set });
}

int daemon_replace_source(Daemon *d, SourceSet *set)
{
        return source_says(d, (EngineInput) { .kind = INPUT_REPLACE_SOURCE, .set = set });
}

int daemon_drop_source(Daemon *d, const char *key)
{
        return source_says(d, (EngineInput) { .kind = INPUT_DROP_SOURCE, .key = key });
}

void daemon_finish(Daemon *d)
{
        (void) sd_event_exit(d->loop.event, d->exit_code);
}

/* Logged when it changes. */
static void hold_connects(Daemon *d)
{
        bool hold = exclusions_watch_is_pending(d->exclusions_watch);

        if (hold == d->loop.holds_connects)
                return;
        d->loop.holds_connects = hold;
        (void) to_engine(d, (EngineInput) { .kind = INPUT_HOLD_CONNECTS, .hold = hold });
}

static void tell_plan(Daemon *d, const Plan *plan)
{
        for (size_t i = 0; i < plan->n_notes; i++)
                report_note(d, &plan->notes[i]);
        report_sources(d);
        if (plan->n_notes > 0)
                state_schedule_save(d);
}

static int on_plan(sd_event_source *s, void *userdata)
{
        Daemon *d = userdata;
        usec_t now = daemon_now(d);
        const Plan *plan;

        hold_connects(d);
        if (engine_plan(d->engine, now, &plan) < 0)
                return 0;
        recorder_plan(d->recorder, now, plan);
        dispatch_plan(d, plan); /* before anything is reported: the kernel comes first */
        if (!d->looks_only)
                tell_plan(d, plan);
        usec_t wake_at = plan->wake_at;
        dispatch_waiting(d);
        wake_at = MIN(wake_at, dispatch_waits_until(d));
        (void) sd_event_source_set_time(d->loop.wake, wake_at);
        (void) sd_event_source_set_enabled(
                d->loop.wake, wake_at == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
        if (d->loop.stopping && !engine_is_busy(d->engine))
                daemon_finish(d);
        return 0;
}

static int on_wake(sd_event_source *s, uint64_t usec, void *userdata)
{
        daemon_schedule_plan(userdata);
        return 0;
}

static int on_stop_timeout(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;

        log_warning(MESSAGE_STOP_INCOMPLETE,
                    "Stopping although not all controllers could be disconnected in time");
        daemon_finish(d);
        return 0;
}

/* stacd never disconnects when it stops, and stafd only if it is configured to. */
static bool keeps_connections(const Daemon *d)
{
        return d->type->role == CONTROLLER_IO || d->inputs.configuration->persistent_connections;
}

static int on_terminate(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata)
{
        Daemon *d = userdata;

        notify_state("STOPPING=1");
        if (keeps_connections(d) || d->loop.stopping) {
                daemon_finish(d);
                return 0;
        }
        d->loop.stopping = true;
        (void) to_engine_event(d, INPUT_RELEASE_ALL);
        daemon_schedule_plan(d);
        int r = sd_event_add_time_relative(d->loop.event, &d->loop.stop_timeout, CLOCK_MONOTONIC,
                                           STOP_TIMEOUT_USEC, 0, on_stop_timeout, d);
        if (r < 0)
                daemon_finish(d);
        return 0;
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata)
{
        _cleanup_free_ char *reason = NULL;

        if (daemon_reload(userdata, &reason) < 0)
                log_error(
                        MESSAGE_RELOAD_REJECTED,
                        "The configuration was not reloaded, the running one remains in effect: %s",
                        text_or(reason, "out of memory"));
        return 0;
}

/* Logged each time it starts. */
static void daemon_tell_left_out(Daemon *d)
{
        bool is_full = d->stafd && stafd_client_is_full(d->stafd);

        if (is_full && !d->loop.told_entries)
                log_warning(
                        MESSAGE_LOG_ENTRIES_LEFT_OUT,
                        "The discovery logs that stafd has read name more I/O controllers than are "
                        "used (%i): the others are not connected, existing connections are kept",
                        STAFD_ALL_ENTRIES_MAX);
        d->loop.told_entries = is_full;
}

static void on_stafd(SourceSet *set, const char *key, void *userdata)
{
        Daemon *d = userdata;

        if (!set)
                (void) daemon_drop_source(d, key);
        else if (daemon_set_source(d, set) < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: the entries that stafd reports for %s are not used", key);
        daemon_tell_left_out(d);
        names_follow_logs(d);
}

static int watch_signals(Daemon *d)
{
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        int r = sd_event_add_signal(d->loop.event, NULL, SIGTERM, on_terminate, d);
        if (r >= 0)
                r = sd_event_add_signal(d->loop.event, NULL, SIGINT, on_terminate, d);
        if (r >= 0)
                r = sd_event_add_signal(d->loop.event, NULL, SIGHUP, on_hangup, d);
        return r;
}

static int start_loop(Daemon *d)
{
        Loop *l = &d->loop;

        int r = sd_event_new(&l->event);
        if (r >= 0 && !d->looks_only)
                r = watch_signals(d);
        if (r >= 0)
                r = sd_event_add_defer(l->event, &l->plan, on_plan, d);
        if (r >= 0)
                r = sd_event_source_set_priority(l->plan, DAEMON_PRIORITY_PLAN);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->wake, CLOCK_MONOTONIC, 0, 10 * USEC_PER_MSEC,
                                      on_wake, d);
        return r;
}

/* If recording fails, storage is connected nonetheless. */
static void start_recording(Daemon *d)
{
        if (!d->record_file)
                return;
        int r = recorder_new(d->record_file, d->type->name, engine_policy(d->engine), daemon_now(d),
                             &d->recorder);
        if (r < 0)
                log_error(MESSAGE_RECORDING_ENDED, "Cannot record to %s: %s", d->record_file,
                          r == -EINVAL ? "not a regular file" : strerror(-r));
}

static int start_engine(Daemon *d)
{
        Policy *policy;

        int r = inputs_make_policy(&d->inputs, &policy);
        if (r < 0)
                return r;
        r = engine_new(policy, &d->engine);
        if (r < 0) {
                (void) policy_free(policy);
                return r;
        }
        start_recording(d);
        network_watch(d);
        r = names_set(d);
        return r < 0 ? r : inputs_apply(d);
}

static int start_stafd_client(Daemon *d)
{
        SourceSet *stafd;

        if (d->type->role != CONTROLLER_IO)
                return 0;
        /* Until stafd has answered, nothing is known to be unwanted. */
        int r = source_set_new(STAFD_SOURCE_KEY, SOURCE_DISCOVERY_LOG, SOURCE_UNKNOWN, &stafd);
        if (r >= 0)
                r = daemon_set_source(d, stafd);
        if (r < 0)
                return r;
        return stafd_client_new(d->loop.event, d->bus,
                                dlpe_host(engine_policy(d->engine), d->inputs.host->nqn), &d->names,
                                on_stafd, d, &d->stafd);
}

int daemon_start(Daemon *d)
{
        d->kernel.live.sysfs_root = d->type->paths->sysfs;
        int r = start_loop(d);
        if (r >= 0)
                r = connections_start(d);
        else
                log_error(MESSAGE_INTERNAL_FAILURE, "Cannot create the event loop: %s",
                          strerror(-r));
        if (r < 0)
                return r;

        r = start_engine(d);
        if (r >= 0)
                r = start_stafd_client(d);
        if (r >= 0)
                state_restore(d);
        if (r >= 0)
                r = mdns_start(d);
        if (r >= 0)
                r = dispatch_start(d);
        if (r >= 0)
                r = report_start_looking(d);
        if (r < 0) {
                log_error(MESSAGE_INTERNAL_FAILURE, "Cannot start: %s", strerror(-r));
                return r;
        }
        names_resolve(d);
        exclusions_watch(d);
        daemon_schedule_plan(d);
        return 0;
}

void daemon_done(Daemon *d)
{
        (void) stafd_client_free(d->stafd);
        (void) publication_free(d->publication);
        connections_end(d);
        mdns_done(&d->mdns); /* Avahi drops our browsers when the connection closes */
        (void) uevent_monitor_free(d->kernel.monitor);
        (void) registry_watch_free(d->kernel.registry_watch);
        (void) network_monitor_free(d->network_monitor);
        (void) executor_free(d->kernel.executor);
        (void) probes_free(d->kernel.probes);
        (void) tid_free(d->kernel.waiting_tid);
        (void) sd_event_source_unref(d->kernel.look);
        outages_done(&d->kernel.outages);
        live_state_done(&d->kernel.live);
        rescans_done(d);
        (void) engine_free(d->engine);
        (void) recorder_free(d->recorder, daemon_now(d));
        inputs_done(&d->inputs);
        host_names_done(&d->names);
        (void) exclusions_watch_free(d->exclusions_watch);
        (void) sd_event_source_unref(d->names_timer);
        (void) sd_event_source_unref(d->names_apply);
        (void) sd_event_source_unref(d->names_follow);
        (void) sd_event_source_unref(d->repeats_timer);
        repeats_done(&d->repeats);
        for (size_t i = 0; i < ELEMENTSOF(d->udev_rule_watches); i++)
                (void) sd_event_source_unref(d->udev_rule_watches[i]);
        (void) sd_event_source_unref(d->memory.mounts);
        (void) sd_event_source_unref(d->loop.plan);
        (void) sd_event_source_unref(d->loop.wake);
        (void) sd_event_source_unref(d->loop.save);
        (void) sd_event_source_unref(d->loop.stop_timeout);
        (void) sd_event_unref(d->loop.event);
}

/* Each connected controller holds an open file. */
static void raise_file_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit); /* otherwise the current limit must do */
}

/* Returns EXIT_SUCCESS or the exit code. */
static int daemon_check_host(const DaemonType *type)
{
        if (geteuid() != 0) {
                (void) fprintf(stderr, "Permission denied. %s must be run as root.\n", type->name);
                return EXIT_NOPERMISSION;
        }
        if (access("/dev/nvme-fabrics", F_OK) < 0) {
                (void) fprintf(stderr, "Fatal error: missing nvme-tcp kernel module\n");
                return EXIT_FAILURE; /* the module may be loaded later */
        }
        return EXIT_SUCCESS;
}

int daemon_run(Daemon *d)
{
        int r = sd_event_loop(d->loop.event);

        if (r < 0)
                log_error(MESSAGE_INTERNAL_FAILURE, "The event loop failed: %s", strerror(-r));
        systemd_restore_udev_rule(d);
        state_save_last(d);
        return r < 0 ? EXIT_FAILURE : r;
}

static int run(Daemon *d)
{
        _cleanup_free_ char *reason = NULL;

        int r = inputs_load(d->type, d->conf_file, false, &d->inputs, &d->inputs, &reason);
        if (r < 0) {
                (void) fprintf(stderr, "%s\n", reason ? reason : "Out of memory");
                return r == -EINVAL ? EXIT_NOTCONFIGURED : EXIT_FAILURE;
        }
        log_set_debug(d->tron || d->inputs.configuration->tron);
        raise_file_limit();
        memory_apply(d);
        if (daemon_start(d) < 0)
                return EXIT_FAILURE;
        memory_watch_mounts(d);
        return daemon_run(d);
}

int daemon_main(const DaemonType *type, int argc, char **argv)
{
        Options o;

        int r = options_parse(argc, argv, type->name, type->purpose, &o);
        if (r <= 0)
                return r < 0 ? EXIT_INVALIDARGUMENT : EXIT_SUCCESS;

        DaemonPaths paths = *type->paths;
        DaemonType own_type = *type;
        paths.connections = o.connections;
        own_type.paths = &paths;
        type = &own_type;

        Daemon d = {
                .type = type,
                .conf_file = o.conf_file ? o.conf_file : type->conf_file,
                .record_file = o.record_file,
                .tron = o.tron,
        };
        log_open(type->name, o.syslog);
        if (o.check)
                return check_configuration(type, d.conf_file, o.strict);
        r = daemon_check_host(type);
        if (r != EXIT_SUCCESS)
                return r;
        if (o.dry_run)
                return dry_run(type, d.conf_file);

        memory_share_heap();
        log_start();
        notify_start();
        r = run(&d);
        daemon_done(&d);
        notify_stop();
        log_stop();
        return r;
}
