/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Engine: events in, actions out. Each event only changes an input and marks the controllers
 * concerned; engine_plan() alone decides, for the marked ones. Deterministic: the same events at
 * the same times yield the same actions. An event takes O(log N) time; source sets and scans take
 * time proportional to their length. */

#include "model/configuration.h"
#include "model/engine_input.h"
#include "plan/action.h"
#include "plan/row.h"

typedef struct Engine Engine;

typedef enum NoteKind {      /* events for the journal, the state file and D-Bus */
        NOTE_CONNECTED,      /* by us */
        NOTE_ADOPTED,        /* an existing connection of another program is used */
        NOTE_LEFT_TO_OWNER,  /* a discovery controller that another program owns */
        NOTE_LET_GO,         /* its connection now uses another path and no longer matches */
        NOTE_CONNECT_FAILED, /* first failure or changed error */
        NOTE_STALLED,      /* with or without CONNECT_FAILED: its connect held the kernel in vain */
        NOTE_NO_ANSWER,    /* from its portal, once for all rows of the portal: first failure or
                              changed error */
        NOTE_UNASKED,      /* this host could not probe it: likewise, or once for all portals */
        NOTE_DISCONNECTED, /* by us */
        NOTE_PARKED,       /* by us: no persistent connection, and its log was read */
        NOTE_DISCONNECT_FAILED,
        NOTE_IN_USE, /* not wanted, but kept: last path to a block device in use */
        NOTE_LOST,   /* removed by others or the kernel */
        NOTE_REGISTERED,
        NOTE_REGISTER_FAILED,   /* first failure or changed error */
        NOTE_DEREGISTERED,      /* if error is 0 */
        NOTE_LOG_CHANGED,       /* contents or state */
        NOTE_LOG_FAILED,        /* first failure or changed error */
        NOTE_LOG_PARTIAL,       /* entries may be missing in what its controller sent */
        NOTE_LOG_LEFT_OUT,      /* a part of the log, for lack of room */
        NOTE_REFERRALS_IGNORED, /* its log names more referrals than are followed */
        NOTE_SKIPPED,           /* its entry, possibly among others of the source, is not usable; or
                                   one of set that has no row */
        NOTE_WANTED,            /* newly wanted by a source */
        NOTE_UNWANTED,          /* no longer wanted by any source, or excluded by a rule */
        NOTE_FOREIGN_NOTICE,    /* the log of another program's DC may have changed */
        NOTE_FORGOTTEN,         /* the row is removed */
        _NOTE_KIND_MAX,
} NoteKind;

/* "connect failed" */
const char *note_kind_to_string(NoteKind k);

typedef struct Note {
        NoteKind kind;
        /* Valid until the next call of the engine, and in the state of the end of the plan: of two
         * notes for the same row, the first one reports a state that has already changed. */
        const Row *row;       /* NULL: of a device without a row, or of set */
        const Device *device; /* FOREIGN_NOTICE: valid as long as row */
        const SourceSet *set; /* SKIPPED without a row: valid as long as row */
        int instance;         /* -1: none */
        int error;
        int nvme_status;
} Note;

/* For developers: "connected", the controller, the error. Returns 0 or -ENOMEM. */
int note_describe(const Note *n, Properties *p);

typedef struct Plan {
        const Action *actions;
        size_t n_actions;
        const Note *notes;
        size_t n_notes;
        usec_t wake_at; /* time of the next plan, at the latest */
} Plan;

/* Moves policy and network into the engine. */
int engine_new(Policy *policy, Engine **ret);
Engine *engine_free(Engine *e);
DEFINE_CLEANUP(Engine, engine_free)

/* Inputs. All return 0 or -ENOMEM; after -ENOMEM the engine is usable, the input is lost. */
void engine_set_policy(Engine *e, Policy *policy, usec_t now);
void engine_set_network(Engine *e, Network *network, usec_t now);
/* Controllers concerned that are not connected are retried at once. */
void engine_reachability_changed(Engine *e, const Reachability *reachability);
/* Takes ownership of the set. If it is not complete, entries of the previous set are kept. */
int engine_set_source(Engine *e, SourceSet *set, usec_t now);
/* Likewise, but keeps nothing of the previous set: the source itself knows which entries remain. */
int engine_replace_source(Engine *e, SourceSet *set, usec_t now);
/* The source is removed permanently, with its claims. */
void engine_drop_source(Engine *e, const char *key, usec_t now);
/* Before the first scan: a connection that was ours before a restart. It is kept until all sources
 * are complete, so all sources must be set by then; those without data as SOURCE_UNKNOWN. */
int engine_restore_device(Engine *e, int instance, uint64_t inode);
/* Also before the first scan: a controller that the previous run wanted. That run may have been
 * killed while connecting it; such a connection is ours, even if it is no longer wanted. Entries of
 * restored sets are remembered without this call. */
int engine_remember(Engine *e, const Tid *tid);
/* A connect that stalled before a restart. Returns -EINVAL if it took no time or has not ended yet.
 */
int engine_restore_stall(Engine *e, const Stall *stall, usec_t now);
/* The kernel no longer connects on behalf of the previous run: the mutex of /dev/nvme-fabrics was
 * free once, and the uevents from before have been passed to the engine. */
void engine_connects_over(Engine *e);
/* Exclusions may be about to change: no connect is started until they are known. */
void engine_hold_connects(Engine *e, bool hold);
/* The controller was announced: its wait for a retry ends, but not the wait after a stall.
 * Announcements end a wait at a limited rate only. */
void engine_announced(Engine *e, const Tid *tid, usec_t now);
void engine_retry_now(Engine *e);      /* reload: end all waits; stalled rows go last */
void engine_reread_logs(Engine *e);    /* reload: read all discovery logs again */
void engine_register_again(Engine *e); /* the name of the host has changed */
void engine_release_all(Engine *e);    /* the daemon stops and disconnects its controllers */

int engine_kernel_event(Engine *e, KernelEvent event, int instance, usec_t now);
/* Events were lost: read everything again. */
void engine_kernel_events_lost(Engine *e);
int engine_owner_changed(Engine *e, int instance, usec_t now); /* by the registry; -1: of any */

/* Takes ownership of everything the completion points to. A completion whose operation was replaced
 * is dropped. Uevents that the kernel sent before an operation ended must be passed before its
 * completion. Each action except CANCEL_PROBE ends in a completion, even if it could not be
 * started. */
int engine_complete(Engine *e, Completion completion, usec_t now);

/* Decides. The result is owned by the engine and valid until its next call. */
int engine_plan(Engine *e, usec_t now, const Plan **ret);

/* Queries. Iterations are in order of TID; NULL starts and ends them. */
const Row *engine_next_row(const Engine *e, const Row *after);
const Row *engine_find_row(const Engine *e, const Tid *tid);
const SourceSet *engine_next_source(const Engine *e, const SourceSet *after);
const Stalls *engine_stalls(const Engine *e); /* of controllers that were not live since */
const DeviceNode *engine_next_device(const Engine *e, const DeviceNode *after);
const DeviceNode *engine_find_device(const Engine *e, int instance);
/* Another controller is live that was reached through the row's portal. */
bool engine_has_live_neighbour(const Engine *e, const Row *row);
const Policy *engine_policy(const Engine *e);
const Network *engine_network(const Engine *e);
/* Returns true if all sources are complete. */
bool engine_knows_sources(const Engine *e);
/* Returns true if a scan has ended, so that the connections that are ours are known. */
bool engine_knows_kernel(const Engine *e);
/* Returns true if an operation is under way or a connection must still be disconnected. */
bool engine_is_busy(const Engine *e);
/* Returns the current facts, for explanations and for tests that plan from scratch. */
Facts engine_facts(const Engine *e, const Row *row);
