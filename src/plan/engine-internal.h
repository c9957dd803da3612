/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the engine share; nobody else includes it. */

#include "plan/engine.h"

/* A connection that ends sooner than this counts as a failed try: a target that accepts and drops
 * us is not hammered. */
#define ENGINE_STABLE_USEC (10 * USEC_PER_SEC)

typedef struct SourceNode {
        RB_ENTRY(SourceNode) by_key;
        const char *key; /* set->key */
        SourceSet *set;
} SourceNode;

typedef struct RestoredDevice {
        LIST_ENTRY(RestoredDevice) entry;
        int instance;
        uint64_t inode;
} RestoredDevice;

RB_HEAD(SourceTree, SourceNode);
RB_HEAD(ControllerTree, Controller);
RB_HEAD(OpTree, Controller);
RB_HEAD(DeadlineTree, Controller);
RB_HEAD(TurnTree, Controller);
RB_HEAD(InstanceTree, DeviceNode);
RB_HEAD(DeviceTree, DeviceNode);
TAILQ_HEAD(ControllerQueue, Controller);
TAILQ_HEAD(DeviceQueue, DeviceNode);

typedef struct Scan {
        bool wanted;
        uint64_t op_id;   /* 0: none under way */
        uint64_t touched; /* the counter when it began */
} Scan;

typedef struct Output {
        Action *actions;
        size_t n_actions, n_actions_allocated;
        Note *notes;
        size_t n_notes, n_notes_allocated;
        Plan plan;
        bool handed_out; /* the next call starts with an empty one */
} Output;

struct Engine {
        Policy *policy;
        Network network;
        struct SourceTree sources;
        size_t n_incomplete; /* sources that are not SOURCE_COMPLETE */
        struct ControllerTree controllers;
        struct OpTree ops;
        struct DeadlineTree deadlines;
        struct TurnTree turns;
        struct ControllerQueue dirty, graveyard;
        struct InstanceTree instances;
        struct DeviceTree devices; /* of our kind, by TID */
        struct DeviceQueue unread; /* appeared while we were connecting: probably that connection */
        LIST_HEAD(, RestoredDevice) restored;
        Controller *connecting;
        Scan scan;
        bool actual_known, releasing;
        uint64_t last_op_id, last_turn, touched;
        Output output;
};

RB_PROTOTYPE(SourceTree, SourceNode, by_key, source_node_compare);
RB_PROTOTYPE(ControllerTree, Controller, by_tid, controller_compare);
RB_PROTOTYPE(OpTree, Controller, by_op, controller_compare_op);
RB_PROTOTYPE(DeadlineTree, Controller, by_deadline, controller_compare_deadline);
RB_PROTOTYPE(TurnTree, Controller, by_turn, controller_compare_turn);
RB_PROTOTYPE(InstanceTree, DeviceNode, by_instance, device_node_compare_instance);
RB_PROTOTYPE(DeviceTree, DeviceNode, by_tid, device_node_compare_tid);

/* engine.c */
void engine_begin(Engine *e); /* first in each input function */
void engine_note(Engine *e, NoteKind kind, const Controller *c, int error);
int engine_act(Engine *e, ActionKind kind, Action **ret);
void engine_mark_dirty(Engine *e, Controller *c);
void engine_mark_all_dirty(Engine *e);

/* engine-sources.c */
/* The row of an identity, made if there is none. */
int engine_get_controller(Engine *e, const Tid *tid, Controller **ret);
void engine_forget_controller(Engine *e, Controller *c);
void engine_bury_controllers(Engine *e);
void engine_refresh_wanted(Engine *e, Controller *c, usec_t now);
void engine_free_sources(Engine *e);

/* engine-devices.c */
int engine_get_device(Engine *e, int instance, DeviceNode **ret);
DeviceNode *engine_lookup_device(const Engine *e, int instance);
void engine_remove_device(Engine *e, DeviceNode *n, usec_t now);
/* What is known of the device may be of an earlier one with its name; a read will tell. */
bool engine_is_reading(const DeviceNode *n);
int engine_request_read(Engine *e, DeviceNode *n);
int engine_read_unread(Engine *e);
/* Looks for a device for a row that has none. */
void engine_match_controller(Engine *e, Controller *c, usec_t now);
void engine_attach(Engine *e, Controller *c, DeviceNode *n, usec_t now);
void engine_detach(Controller *c);
/* The row whose connect made the device is told how that ended. */
void engine_end_settling(Engine *e, DeviceNode *n, usec_t now);
void engine_free_devices(Engine *e);

/* engine-ops.c */
void controller_set_op(Engine *e, Controller *c, OpKind kind, uint64_t id);
void controller_forget_log_state(Engine *e, Controller *c);
/* One more failure in a row: sets the time of the next try. */
void controller_fail_attempt(Engine *e, Controller *c, usec_t now);
