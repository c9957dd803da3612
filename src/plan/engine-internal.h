/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the engine's files; not to be included elsewhere. */

#include "plan/engine-log.h"
#include "plan/engine-matching.h"
#include "plan/engine-portals.h"
#include "plan/engine-registration.h"
#include "plan/engine-sources.h"
#include "plan/engine-stalls.h"
#include "plan/engine.h"
#include "plan/flaps.h"
#include "plan/remembered.h"

/* A connection that ends sooner than this is treated as a failed attempt, so as not to hammer a
 * target that accepts and drops us. */
#define ENGINE_STABLE_USEC (10 * USEC_PER_SEC)

/* Added to the rank of rows that have stalled: outweighs the number of failures. */
#define ENGINE_STALLED_RANK 1000000

/* Delay before a failed scan is retried. */
#define ENGINE_SCAN_RETRY_USEC (5 * USEC_PER_SEC)
/* At most two scans begin within this time, however many events are lost. */
#define ENGINE_SCAN_PACE_USEC (1 * USEC_PER_SEC)

/* Each notice starts a unit: systemd refuses the sixth start within ten seconds
 * (DefaultStartLimitBurst=, systemd-system.conf(5)). */
#define ENGINE_NOTICE_PACE (3 * USEC_PER_SEC)

typedef struct RestoredDevice {
        RB_ENTRY(RestoredDevice) by_instance;
        int instance;
        uint64_t inode;
} RestoredDevice;

RB_HEAD(RowTree, Row);
RB_HEAD(OpTree, Row);
RB_HEAD(DeadlineTree, Row);
RB_HEAD(TurnTree, Row);
RB_HEAD(InstanceTree, DeviceNode);
RB_HEAD(DeviceTree, DeviceNode);
RB_HEAD(RestoredTree, RestoredDevice);
TAILQ_HEAD(RowQueue, Row);
TAILQ_HEAD(DeviceQueue, DeviceNode);

typedef struct Scan {
        bool wanted;
        uint64_t op_id;   /* 0: no scan under way */
        uint64_t touched; /* Engine.touched when the scan began */
        usec_t at;        /* earliest next scan */
        usec_t begun;     /* when the last scan began */
} Scan;

typedef struct Output {
        Action *actions;
        size_t n_actions, n_actions_allocated;
        Note *notes;
        size_t n_notes, n_notes_allocated;
        Plan plan;
        bool handed_out; /* the next call begins with an empty plan */
} Output;

struct Engine {
        Policy *policy;
        Network network;
        struct SourceTree sources;
        size_t n_entries;    /* of all sources */
        size_t n_incomplete; /* sources that are not SOURCE_COMPLETE */
        struct RowTree controllers;
        struct OpTree ops;
        struct DeadlineTree deadlines;
        struct TurnTree turns;
        size_t n_turns;
        Portals portals;
        Stalls stalls;
        Flaps flaps;
        LIST_HEAD(, Row) unclaimed; /* never wanted by a source */
        struct RowQueue dirty, graveyard;
        struct InstanceTree instances;
        struct DeviceTree devices; /* of our kind, by TID */
        struct DeviceQueue settling;
        struct DeviceQueue rowless; /* may need a row */
        struct DeviceQueue notices; /* discovery controllers whose change notification has not been
                                       handled yet */
        struct DeviceQueue unread;  /* appeared during a connect: probably its result */
        struct RestoredTree restored; /* not found in the kernel yet */
        Remembered remembered;        /* kept until connects_over, and its results are known */
        Row *connecting;
        usec_t connecting_since;
        bool connecting_excused; /* its network was down at some time */
        Scan scan;
        bool actual_known, connects_over, releasing, connects_held;
        bool skips_more;        /* at least one source does, see SourceNode */
        bool referrals_changed; /* sources or logs have changed: follow referrals again */
        uint64_t last_op_id, last_turn, touched;
        Output output;
};

RB_PROTOTYPE(RowTree, Row, by_tid, row_compare);
RB_PROTOTYPE(OpTree, Row, by_op, row_compare_op);
RB_PROTOTYPE(DeadlineTree, Row, by_deadline, row_compare_deadline);
RB_PROTOTYPE(TurnTree, Row, by_turn, row_compare_turn);
RB_PROTOTYPE(InstanceTree, DeviceNode, by_instance, device_node_compare_instance);
RB_PROTOTYPE(DeviceTree, DeviceNode, by_tid, device_node_compare_tid);
RB_PROTOTYPE(RestoredTree, RestoredDevice, by_instance, restored_device_compare);

/* engine.c */
void engine_begin(Engine *e); /* called first by each input function */
void engine_note(Engine *e, NoteKind kind, const Row *row, int error);
void engine_note_device(Engine *e, NoteKind kind, const DeviceNode *n);
void engine_note_set(Engine *e, NoteKind kind, const SourceSet *set);
int engine_act(Engine *e, Operation operation, Action **ret);
void engine_mark_dirty(Engine *e, Row *row);
void engine_mark_all_dirty(Engine *e);
void engine_mark_users_dirty(Engine *e, DeviceNode *n);

/* engine-devices.c */
int engine_get_device(Engine *e, int instance, DeviceNode **ret);
DeviceNode *engine_lookup_device(const Engine *e, int instance);
/* The instance is no longer valid, not even if a running scan reports it. */
int engine_forget_instance(Engine *e, int instance, usec_t now);
/* The controller was removed. The device that is being read under its name may be another one. */
void engine_end_device(Engine *e, DeviceNode *n, usec_t now);
int engine_request_read(Engine *e, DeviceNode *n);
/* Results of reads under way may predate the latest events: read again. */
void engine_distrust_reads(Engine *e);
void engine_request_scan(Engine *e);
/* Schedules a scan to make up for an input that was lost or not read (r < 0). Returns r. */
int engine_recover(Engine *e, int r, usec_t now);
int engine_read_unread(Engine *e);
int engine_read_device_ended(Engine *e, Completion *end, usec_t now);
int engine_scan_ended(Engine *e, Completion *end, usec_t now);
/* The device was made by the row's connect. */
void engine_begin_settling(Engine *e, DeviceNode *n, Row *row, uint64_t inode);
/* The device that the row's connect made was removed before it could be read. */
void engine_lose_settling(Engine *e, DeviceNode *n, usec_t now);
void engine_free_devices(Engine *e);

/* engine-notices.c: a discovery log may have changed; the notice is dropped; notices of controllers
 * that are not ours are reported. */
void engine_begin_notice(Engine *e, DeviceNode *n);
void engine_end_notice(Engine *e, DeviceNode *n);
void engine_tell_notices(Engine *e, usec_t now);
/* Returns the time of the next call if nothing happens before. */
usec_t engine_next_notice(const Engine *e, usec_t now);

/* engine-ops.c */
void row_set_op(Engine *e, Row *row, Operation operation, uint64_t id);
/* We ended the connection: permanently, or until the log is to be read again. */
void engine_note_end(Engine *e, Row *row, usec_t now);
/* Sets the NVMe status of the last note. */
void engine_note_status(Engine *e, int nvme_status);
/* Returns true if the kernel cancelled the command and dropped the connection because the
 * controller did not answer, or the connection broke by itself. */
bool engine_command_is_lost(int error);
/* Checks after a failed command whether the device is still the same, and live. */
void engine_look_after(Engine *e, Row *row, const Completion *end);
