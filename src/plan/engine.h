/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Engine: events in, actions out. Every event only changes an input and marks the controllers it
 * touches; engine_plan() alone decides, over the marked ones. Deterministic: the same events at the
 * same times give the same actions. Time per event is O(log N), but for sets and scans, which cost
 * their length. */

#include "model/configuration.h"
#include "model/engine_input.h"
#include "plan/action.h"
#include "plan/row.h"

typedef struct Engine Engine;

typedef enum NoteKind {      /* what happened, for the journal, the state file and D-Bus */
        NOTE_CONNECTED,      /* by us */
        NOTE_ADOPTED,        /* a connection made by others is what is wanted */
        NOTE_LET_GO,         /* its connection has come back by another way, and is not it */
        NOTE_CONNECT_FAILED, /* first or changed error */
        NOTE_STALLED,        /* beside CONNECT_FAILED or not: its connect held the kernel in vain */
        NOTE_NO_ANSWER,      /* of a row's portal, once for all its rows: first or changed error */
        NOTE_UNASKED,        /* this host could not ask it: likewise, or once for all portals */
        NOTE_DISCONNECTED,   /* by us */
        NOTE_PARKED,         /* the same, for it holds no hosts and its log was read */
        NOTE_DISCONNECT_FAILED,
        NOTE_IN_USE, /* not wanted, kept: the last path to a block device in use */
        NOTE_LOST,   /* removed by others or by the kernel */
        NOTE_REGISTERED,
        NOTE_REGISTER_FAILED,   /* first or changed error */
        NOTE_DEREGISTERED,      /* should error be 0 */
        NOTE_LOG_CHANGED,       /* contents or state */
        NOTE_LOG_FAILED,        /* first or changed error */
        NOTE_LOG_LEFT_OUT,      /* a part of it, for want of room */
        NOTE_REFERRALS_IGNORED, /* its log names more of them than are followed */
        NOTE_SKIPPED,           /* its entry, maybe among others of one source, is not usable */
        NOTE_WANTED,            /* a controller entry is new */
        NOTE_UNWANTED,          /* no source wants it any more, or a rule excludes it */
        NOTE_FOREIGN_NOTICE,    /* somebody else's discovery controller: its log may have changed */
        NOTE_FORGOTTEN,         /* the row ends */
        _NOTE_KIND_MAX,
} NoteKind;

/* "connect failed" */
const char *note_kind_to_string(NoteKind k);

typedef struct Note {
        NoteKind kind;
        /* Valid until the next call of the engine, and as it is by then: of two notes in one plan
         * the first tells of what has passed already. */
        const Row *row;       /* NULL: of a device without one */
        const Device *device; /* FOREIGN_NOTICE: as row */
        int instance;         /* -1: none */
        int error;
        int nvme_status;
} Note;

/* For the eyes of developers: "connected", its controller, what went wrong. 0 or -ENOMEM. */
int note_describe(const Note *n, Properties *p);

typedef struct Plan {
        const Action *actions;
        size_t n_actions;
        const Note *notes;
        size_t n_notes;
        usec_t wake_at; /* plan again then, at the latest */
} Plan;

/* policy and network are moved into the engine. */
int engine_new(Policy *policy, Engine **ret);
Engine *engine_free(Engine *e);
DEFINE_CLEANUP(Engine, engine_free)

/* Inputs. All return 0 or -ENOMEM; after -ENOMEM the engine is usable, the input is lost. */
void engine_set_policy(Engine *e, Policy *policy, usec_t now);
void engine_set_network(Engine *e, Network *network, usec_t now);
/* What it concerns and is not connected is tried at once. */
void engine_reachability_changed(Engine *e, const Reachability *reachability);
/* Takes the set. A set that is not complete keeps the entries of the one it replaces. */
int engine_set_source(Engine *e, SourceSet *set, usec_t now);
/* Likewise, and keeps nothing of the one before: the source itself knows what is left. */
int engine_replace_source(Engine *e, SourceSet *set, usec_t now);
/* The source is gone for good: nothing is wanted because of it. */
void engine_drop_source(Engine *e, const char *key, usec_t now);
/* Before the first scan: a connection that was ours before a restart. It stays until every source
 * has spoken, so all sources must be set by then, the silent ones as SOURCE_UNKNOWN. */
int engine_restore_device(Engine *e, int instance, uint64_t inode);
/* Also by then: something that the run before wanted. It may have been killed while it connected to
 * that; such a connection is ours, be it wanted still or not. What comes in restored sets is
 * remembered without this. */
int engine_remember(Engine *e, const Tid *tid);
/* A connect that stalled before a restart. -EINVAL: it is yet to come. */
int engine_restore_stall(Engine *e, const Stall *stall, usec_t now);
/* The kernel does not connect for the run before any more (the mutex of /dev/nvme-fabrics was free
 * once, and the uevents from before have been handed over). */
void engine_connects_over(Engine *e);
/* What is excluded may be about to change: no connect begins until that is known. */
void engine_hold_connects(Engine *e, bool hold);
/* Somebody says that it is there: its wait for a retry ends, but not the wait for a stall; nor does
 * it end each time, should that be said without end. */
void engine_announced(Engine *e, const Tid *tid, usec_t now);
void engine_retry_now(Engine *e);      /* reload: every wait ends; what stalled goes last */
void engine_reread_logs(Engine *e);    /* reload: every discovery log is read again */
void engine_register_again(Engine *e); /* the host has another name */
void engine_release_all(Engine *e);    /* the daemon stops and gives its connections up */

int engine_kernel_event(Engine *e, KernelEvent event, int instance, usec_t now);
/* Events were lost: everything is read again. */
void engine_kernel_events_lost(Engine *e);
int engine_owner_changed(Engine *e, int instance, usec_t now); /* by the registry; -1: of any */

/* Takes all that the completion points to; one whose operation was replaced is dropped. Uevents
 * that the kernel sent before an operation ended come before its completion. Each action but
 * CANCEL_PROBE ends in one, should it not even begin. */
int engine_complete(Engine *e, Completion completion, usec_t now);

/* Decides. The result is the engine's and valid until the next call of it. */
int engine_plan(Engine *e, usec_t now, const Plan **ret);

/* Looking in. Iteration in order of TID; NULL begins and ends. */
const Row *engine_next_row(const Engine *e, const Row *after);
const Row *engine_find_row(const Engine *e, const Tid *tid);
const SourceSet *engine_next_source(const Engine *e, const SourceSet *after);
const Stalls *engine_stalls(const Engine *e); /* of controllers that were not live since */
const DeviceNode *engine_next_device(const Engine *e, const DeviceNode *after);
const DeviceNode *engine_find_device(const Engine *e, int instance);
const Policy *engine_policy(const Engine *e);
/* No source's word is missing. */
bool engine_knows_sources(const Engine *e);
/* A scan has ended: which connections are ours is known. */
bool engine_knows_kernel(const Engine *e);
/* An operation is under way or a connection still to give up. */
bool engine_is_busy(const Engine *e);
/* The facts as they are now: for explanations, and for tests that plan from scratch. */
Facts engine_facts(const Engine *e, const Row *row);
