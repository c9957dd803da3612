/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Daemon: the event loop shared by both daemons. Events of all rooms are decoded and posted to the
 * engine; one deferred event runs the plan; its actions go to the executor and its notes to the
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
#include "exec/udev_rule.h"
#include "explain/explain.h"
#include "observe/live_state.h"
#include "observe/network_monitor.h"
#include "observe/registry_watch.h"
#include "observe/uevent_monitor.h"
#include "plan/engine.h"
#include "source/exclusions_watch.h"
#include "source/host_names.h"
#include "source/stafd_client.h"

/* Where a daemon finds the host's files; tests use a host of their own. */
typedef struct DaemonPaths {
        const char *root; /* for the files of /etc/nvme and the firmware's tables in /sys */
        const char *sys_conf, *exclusions, *sysfs, *dev, *registry;
        const char *nvme;        /* folder of the files of nvme-stas 3; NULL: none */
        const char *connections; /* instead of nvme-stas.conf in it, must be there */
} DaemonPaths;

extern const DaemonPaths daemon_paths;

/* The differences between stafd and stacd. */
struct DaemonType {
        const char *name, *purpose;
        ControllerKind role;
        const char *conf_file, *state_file;
        const DaemonPaths *paths;
};

typedef struct StateFile {
        usec_t save_by;   /* deadline for writing it; 0 if nothing has changed */
        int error;        /* already logged; 0: none */
        uint64_t n_words; /* statements of sources so far */
        uint64_t n_saved; /* how many of them are in the file */
        bool saving;      /* a worker has been writing it since then, with this many of them */
        usec_t saving_since;
        uint64_t n_saving;
        bool again; /* write once more when it has finished */
} StateFile;

/* A connect does not wait longer than this for the state file: less than what is considered a stall
 * of the target (STALL_USEC). Missing storage is worse than losing information that only matters
 * after a crash, and the file system may itself be waiting for memory that depends on that
 * storage. */
#define STATE_WAIT_USEC USEC_PER_SEC
/* Lower runs first: uevents, then results, then the plan, then D-Bus, which any user can keep busy.
 * A change of the exclusion list that precedes a uevent is also known before the plan. */
#define DAEMON_PRIORITY_PLAN (SD_EVENT_PRIORITY_NORMAL + 50)

typedef struct Loop {
        sd_event *event;
        sd_event_source *plan, *wake, *save, *stop_timeout;
        StateFile state;
        bool told_entries;                 /* stacd: already logged that there are too many */
        bool told_complete, told_left_out; /* see report_sources(), list_sources() */
        bool sources_changed, dc_removed;  /* to be signalled on D-Bus, once per plan */
        bool holds_connects;               /* the exclusion list is about to be read */
        bool stopping;
} Loop;

typedef struct Owners { /* see owners.c */
        size_t n_writing;
        int error; /* of the last entry; 0: written */
        int told;  /* error that was reported; 0: none since the registry was complete */
} Owners;

typedef struct Rescans { /* see rescans.c */
        sd_event_source *timer;
        usec_t last, first_removal; /* the last one, the first removal since; 0: none */
} Rescans;

typedef struct Kernel {
        UeventMonitor *monitor;
        RegistryWatch *registry_watch; /* NULL: owners are read along with their controllers only */
        Executor *executor;
        Probes *probes;
        bool options_known, types_missed; /* types_missed: already logged */
        unsigned options;                 /* 1 << FabricsOption */
        unsigned left_out;                /* of these options, those already logged */
        uint64_t waiting_op; /* a connect waiting for options_known, or for the state file; 0:
                              * none */
        usec_t waiting_since;
        uint64_t waiting_words; /* see state_words() */
        Tid *waiting_tid;
        Settings waiting_settings;
        LiveState live;
        int scan_error; /* of the last scan, was reported; 0: none */
        Outages outages;
        sd_event_source *look; /* polls the states */
        Owners owners;
        Rescans rescans;
} Kernel;

typedef struct Memory {
        bool locked, failed;     /* failed: already logged */
        sd_event_source *mounts; /* NULL if not watched */
} Memory;

struct Daemon {
        const DaemonType *type;
        const char *conf_file, *record_file;
        bool tron;
        bool looks_only; /* --dry-run: changes nothing and notifies nobody */
        Inputs inputs;
        Loop loop;
        Kernel kernel;
        Engine *engine;
        struct Recorder *recorder; /* NULL if not recording */
        HostNames names;
        sd_event_source *names_timer, *names_apply;
        usec_t names_apply_at; /* earliest time at which resolved addresses are applied */
        sd_event_source *names_follow;
        usec_t names_follow_at; /* earliest time at which the names in logs are looked up again */
        bool told_names;        /* already logged that there are too many */
        Repeats repeats;
        sd_event_source *repeats_timer;
        NetworkMonitor *network_monitor;   /* NULL if not monitored */
        ExclusionsWatch *exclusions_watch; /* NULL: changes take effect on reload */
        BusConnection *service_connection, *follow_connection;
        sd_bus *bus;                     /* for calls to other services; NULL while D-Bus
                                          * is not available */
        BusService *service;             /* NULL while D-Bus is not available */
        struct Publication *publication; /* stafd only; NULL until the first query */
        bool is_ready;                   /* systemd was notified */
        StafdClient *stafd;              /* stacd only */
        Mdns mdns;                       /* stafd only */
        /* See systemd.h. Of connect_unit_*, that the message was logged. */
        UdevRule udev_rule;
        sd_event_source *udev_rule_watches[4];
        bool connect_unit_failed, connect_unit_masked;
        Memory memory;
        int exit_code;
};

/* Exit codes for conditions that a restart does not fix; the units do not restart a daemon that
 * exited with one of them. LSB values, which systemctl shows by these names. */
enum {
        EXIT_INVALIDARGUMENT = 2,
        EXIT_NOPERMISSION = 4,
        EXIT_NOTCONFIGURED = 6
};

/* Runs a daemon from start to end; returns the process's exit code. */
int daemon_main(const DaemonType *type, int argc, char **argv);

/* daemon.c: starts everything that runs on the loop, once the inputs have been read; the first
 * iteration plans. 0 or a negative errno, which was logged. */
int daemon_start(Daemon *d);
/* Runs until the daemon is told to stop; returns the exit code. */
int daemon_run(Daemon *d);
void daemon_done(Daemon *d);
/* Schedules a plan in this iteration of the loop. */
void daemon_schedule_plan(Daemon *d);
/* Passes on what a source currently says (see engine_set_source(), engine_replace_source()), or
 * that it has ended, to the engine, and to the state file before anything is connected because of
 * it. 0, or -ENOMEM: the set is lost. */
int daemon_set_source(Daemon *d, SourceSet *set);
int daemon_replace_source(Daemon *d, SourceSet *set);
int daemon_drop_source(Daemon *d, const char *key);
usec_t daemon_now(const Daemon *d);
/* Ends the loop with exit_code. */
void daemon_finish(Daemon *d);

/* connections.c: D-Bus. 0 or a negative errno, which was logged. */
int connections_start(Daemon *d);
void connections_end(Daemon *d);

/* inputs.c: passes the configured controllers and the firmware's to the engine. */
int inputs_apply(Daemon *d);

/* names.c: host names of configured controllers, and those in discovery logs. Takes over those of a
 * new configuration; starts due resolutions; handles a finished resolution. */
int names_set(Daemon *d);
void names_resolve(Daemon *d);
void names_resolved(Daemon *d, const Completion *r);
/* stacd: the logs may contain other host names than before. */
void names_follow_logs(Daemon *d);

/* Names without a known address. The caller frees *ret; it is valid until the next resolution or
 * configuration. 0 or -ENOMEM. */
int names_list_unresolved(const Daemon *d, ExplainName **ret, size_t *ret_n);

/* network.c, exclusions.c: watch the host's interfaces and its exclusion list for changes. */
void network_watch(Daemon *d);
void exclusions_watch(Daemon *d);

/* reload.c: 0, or a negative errno if nothing was changed, with the reason, which the caller
 * reports. */
int daemon_reload(Daemon *d, char **ret_reason);

/* memory.c: locks or unlocks the memory as configured; logged once. */
void memory_apply(Daemon *d);
/* A dependency may be mounted later. */
void memory_watch_mounts(Daemon *d);

/* dispatch.c: turns actions into jobs, and completions and uevents into inputs of the engine. */
int dispatch_start(Daemon *d);
/* Starts all actions of a plan. Those that cannot be started end in a later iteration. */
void dispatch_plan(Daemon *d, const Plan *plan);
/* Starts the waiting connect if its wait is over. */
void dispatch_waiting(Daemon *d);
/* Latest time of the next call of dispatch_waiting(). */
usec_t dispatch_waits_until(const Daemon *d);

/* owners.c: has the missing registry entries of our connections written. */
void owners_look(Daemon *d);
/* An entry was written by OPERATION_CONNECT or OPERATION_CLAIM_OWNER, or failed with error. */
void owners_connected(Daemon *d, int instance, int error);
void owners_claimed(Daemon *d, int instance, int error);
/* We use the controller no longer; it belongs to whoever has connected it. */
void owners_let_go(Daemon *d, const Device *device);

/* rescans.c: a namespace has been removed, of any controller, or may have been: soon afterwards the
 * kernel looks for namespaces of our controllers without any, where it may be now. */
void rescans_namespace_removed(Daemon *d);
void rescans_done(Daemon *d);

/* report.c: passes notes to the journal and to D-Bus. */
void report_note(Daemon *d, const Note *n);
/* stafd, after the notes of a plan: signals on D-Bus that the list of discovery controllers has
 * changed, or whether others are still expected to appear. */
void report_sources(Daemon *d);
/* Starts polling for outages; polls at once when the kernel has reported a connected controller. */
int report_start_looking(Daemon *d);
void report_look_soon(Daemon *d, int instance);
/* Logs a message about a subject that a peer can cause repeatedly. */
_printf_(5, 6) void report_repeated(Daemon *d, const char *id, const char *subject, int priority,
                                    const char *format, ...);

/* state.c: state that survives a restart. */
void state_restore(Daemon *d);
void state_schedule_save(Daemon *d);
/* Has a worker write the file. */
void state_save(Daemon *d);
void state_saved(Daemon *d, int error);
/* Records that a source has stated what it wants. */
void state_take_word(Daemon *d);
/* Returns the number of statements that must be in the file before a connect that starts now, for
 * state_has_words(). */
uint64_t state_words(Daemon *d);
/* True if they are in the file, cannot be written at present, or have been waited for long enough
 * since then. Otherwise they are being written, and waited for until state_waits_until(). */
bool state_has_words(Daemon *d, uint64_t n_words, usec_t since);
usec_t state_waits_until(const Daemon *d, usec_t since);
/* Called when the daemon ends: waits for the file for a limited time. */
void state_save_last(Daemon *d);

/* answers.c: the D-Bus backend. */
extern const BusBackend answers_backend_staf, answers_backend_stac;

/* check.c: --check; returns the exit code. With strict, warnings are errors. */
int check_configuration(const DaemonType *type, const char *conf_file, bool strict);
int check_exit_code(const Diagnostics *d, bool strict);
/* dry_run.c: --dry-run, changes nothing; returns the exit code. */
int dry_run(const DaemonType *type, const char *conf_file);
