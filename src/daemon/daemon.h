/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Daemon: the loop that both daemons share. Events of all rooms are decoded and posted to the
 * engine; one deferred event plans; the plan's actions go to the executor and its notes to the
 * journal, the state file and D-Bus. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "bus/connection.h"
#include "daemon/inputs.h"
#include "daemon/mdns.h"
#include "daemon/options.h"
#include "daemon/outages.h"
#include "daemon/repeats.h"
#include "exec/executor.h"
#include "exec/probe.h"
#include "explain/explain.h"
#include "observe/live_state.h"
#include "observe/network_monitor.h"
#include "observe/registry_watch.h"
#include "observe/uevent_monitor.h"
#include "plan/engine.h"
#include "source/exclusions_watch.h"
#include "source/host_names.h"
#include "source/stafd_client.h"

/* Where a daemon finds the host; tests have one of their own. */
typedef struct DaemonPaths {
        const char *root; /* of the files of /etc/nvme and of what the firmware left in /sys */
        const char *sys_conf, *exclusions, *sysfs, *dev, *registry;
} DaemonPaths;

extern const DaemonPaths daemon_paths;

/* What makes stafd stafd and stacd stacd. */
struct DaemonType {
        const char *name, *purpose;
        ControllerKind role;
        const char *conf_file, *state_file;
        const DaemonPaths *paths;
};

typedef struct StateFile {
        usec_t save_by;   /* it is to be written by then; 0: nothing is new */
        int error;        /* the journal has been told; 0: none */
        uint64_t n_words; /* of sources, so far */
        uint64_t n_saved; /* of them are in the file */
        bool saving;      /* a worker writes it, since then, with so many of them */
        usec_t saving_since;
        uint64_t n_saving;
        bool again; /* once that has ended */
} StateFile;

/* A connect waits no longer for the state file: less than what counts as a stall of the target
 * (STALL_USEC). Storage that is missing matters more than what only a crash needs; and the file
 * system may be waiting for memory, which waits for that storage. */
#define STATE_WAIT_USEC USEC_PER_SEC
/* Lower runs first: uevents before results before the plan before D-Bus, which anybody can keep
 * busy. A change of the exclusion list from before a uevent is known before the plan, too. */
#define DAEMON_PRIORITY_PLAN (SD_EVENT_PRIORITY_NORMAL + 50)

typedef struct Loop {
        sd_event *event;
        sd_event_source *plan, *wake, *save, *stop_timeout;
        StateFile state;
        bool told_entries;                 /* stacd: there are too many */
        bool told_complete, told_left_out; /* see report_sources(), list_sources() */
        bool sources_changed, dc_removed;  /* D-Bus is to be told, once for a plan */
        bool holds_connects;               /* what the exclusion list says is about to be read */
        bool stopping;
} Loop;

typedef struct Kernel {
        UeventMonitor *monitor;
        RegistryWatch *registry_watch; /* NULL: owners are read with their controllers only */
        Executor *executor;
        Probes *probes;
        bool options_known, types_missed; /* types_missed: the journal has been told */
        unsigned options;                 /* 1 << FabricsOption */
        unsigned left_out;                /* of these options the journal has been told */
        uint64_t waiting_op; /* a connect that came before options_known, or before what is wanted
                                was saved; 0: none */
        usec_t waiting_since;
        uint64_t waiting_words; /* see state_words() */
        Tid *waiting_tid;
        Settings waiting_settings;
        LiveState live;
        Outages outages;
        sd_event_source *look; /* at the states */
} Kernel;

typedef struct Memory {
        bool locked, failed;     /* failed: the journal has been told */
        sd_event_source *mounts; /* NULL: not watched */
} Memory;

struct Daemon {
        const DaemonType *type;
        const char *conf_file, *record_file;
        bool tron;
        bool looks_only; /* --dry-run: nothing is touched, nobody is told */
        Inputs inputs;
        Loop loop;
        Kernel kernel;
        Engine *engine;
        struct Recorder *recorder; /* NULL: nothing is recorded */
        HostNames names;
        sd_event_source *names_timer, *names_apply;
        usec_t names_apply_at; /* what they resolve to is used, at the earliest */
        Repeats repeats;
        sd_event_source *repeats_timer;
        NetworkMonitor *network_monitor;   /* NULL: likewise */
        ExclusionsWatch *exclusions_watch; /* NULL: changes are seen on reload */
        BusConnection *service_connection, *follow_connection;
        sd_bus *bus;                              /* to ask others; NULL: D-Bus is away */
        BusService *service;                      /* NULL: likewise */
        struct Publication *publication;          /* stafd only; NULL: nobody has asked for it */
        bool is_ready;                            /* systemd was told */
        StafdClient *stafd;                       /* stacd only */
        Mdns mdns;                                /* stafd only */
        bool overrides_udev, connect_unit_failed; /* see systemd.h */
        Memory memory;
        int exit_code;
};

/* Exit codes of what a restart does not mend: the units do not start a daemon again that ended with
 * one. As in the LSB, which is how systemctl names them. */
enum {
        EXIT_INVALIDARGUMENT = 2,
        EXIT_NOPERMISSION = 4,
        EXIT_NOTCONFIGURED = 6
};

/* The whole life of a daemon; the process's exit code. */
int daemon_main(const DaemonType *type, int argc, char **argv);

/* daemon.c: from its inputs on: begins with all that the loop carries on, whose first turn plans. 0
 * or a negative errno, which was logged. */
int daemon_start(Daemon *d);
/* Until it is told to end; the exit code. */
int daemon_run(Daemon *d);
void daemon_done(Daemon *d);
/* Something changed, plan in this turn of the loop. */
void daemon_schedule_plan(Daemon *d);
/* What a source says now (see engine_set_source(), engine_replace_source()), or that it has ended:
 * to the engine, and into the state file before anything is connected by it. 0 or -ENOMEM: it is
 * lost. */
int daemon_set_source(Daemon *d, SourceSet *set);
int daemon_replace_source(Daemon *d, SourceSet *set);
int daemon_drop_source(Daemon *d, const char *key);
usec_t daemon_now(const Daemon *d);
/* Ends the loop with exit_code. */
void daemon_finish(Daemon *d);

/* connections.c: D-Bus. 0 or a negative errno, which was logged. */
int connections_start(Daemon *d);
void connections_end(Daemon *d);

/* inputs.c: the configured controllers and the firmware's to the engine. */
int inputs_apply(Daemon *d);

/* names.c: host names of configured controllers. Takes those of a new configuration; begins to
 * resolve what is due; a resolution has ended. */
int names_set(Daemon *d);
void names_resolve(Daemon *d);
void names_resolved(Daemon *d, const Completion *r);

/* Those whose address is not known; to be freed, and good until the next resolution or
 * configuration. 0 or -ENOMEM. */
int names_list_unresolved(const Daemon *d, ExplainName **ret, size_t *ret_n);

/* network.c, exclusions.c: the host's interfaces and its exclusion list, as they change. */
void network_watch(Daemon *d);
void exclusions_watch(Daemon *d);

/* reload.c: 0, or a negative errno with the reason, which the caller tells: nothing changed. */
int daemon_reload(Daemon *d, char **ret_reason);

/* memory.c: locks the memory, or releases it, as the configuration says; tells it once. */
void memory_apply(Daemon *d);
/* What is mounted later may be what it depends on. */
void memory_watch_mounts(Daemon *d);

/* dispatch.c: actions to jobs, completions and uevents to the engine. */
int dispatch_start(Daemon *d);
/* Begins all actions of a plan. Those that could not begin end in a later turn. */
void dispatch_plan(Daemon *d, const Plan *plan);
/* The connect that waits, if it need not any more. */
void dispatch_waiting(Daemon *d);
/* When that is to be called again at the latest. */
usec_t dispatch_waits_until(const Daemon *d);

/* report.c: notes to the journal and to D-Bus. */
void report_note(Daemon *d, const Note *n);
/* stafd, after the notes of a plan: tells D-Bus that something is new, of what the list of
 * discovery controllers says or whether others may still turn up. */
void report_sources(Daemon *d);
/* Looks for outages from now on; and at once, for the kernel said that a controller is connected.
 */
int report_start_looking(Daemon *d);
void report_look_soon(Daemon *d, int instance);
/* A message about a subject that others can bring about again and again. */
_printf_(5, 6) void report_repeated(Daemon *d, const char *id, const char *subject, int priority,
                                    const char *format, ...);

/* state.c: what survives a restart. */
void state_restore(Daemon *d);
void state_schedule_save(Daemon *d);
/* A worker writes the file. */
void state_save(Daemon *d);
void state_saved(Daemon *d, int error);
/* A source has said what it wants. */
void state_take_word(Daemon *d);
/* What a connect that begins now needs to be in the file: for state_has_words(). */
uint64_t state_words(Daemon *d);
/* That is in the file, or cannot be now, or was waited for long enough, since then. Else it is
 * being written, and waited for until state_waits_until(). */
bool state_has_words(Daemon *d, uint64_t n_words, usec_t since);
usec_t state_waits_until(const Daemon *d, usec_t since);
/* The daemon ends: waits until it is written, but not for long. */
void state_save_last(Daemon *d);

/* answers.c: the D-Bus backend. */
extern const BusBackend answers_backend_staf, answers_backend_stac;

/* check.c: --check; the exit code. With strict a warning counts as an error. */
int check_configuration(const DaemonType *type, const char *conf_file, bool strict);
int check_exit_code(const Diagnostics *d, bool strict);
/* dry_run.c: --dry-run, touches nothing; the exit code. */
int dry_run(const DaemonType *type, const char *conf_file);
