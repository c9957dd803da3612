/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Test fixture: an engine and its inputs. Controllers have short names: "a" is the I/O controller
 * of subsystem nqn.2024-01.lab:a, or the discovery controller with that NQN; "dc" is the one with
 * the well-known NQN. All are behind one portal, except that "a@192.0.2.7" is behind another. */

#include <stddef.h>
#include <string.h>

#include "base/testing.h"
#include "plan/engine.h"
#include "plan/test-ends.h"

typedef struct Story {
        Engine *engine;
        const Plan *plan;   /* the latest */
        Action actions[64]; /* of the latest plan, if portals were probed in between */
        Note notes[512];
        Plan merged;
        bool by_hand;                   /* probes, too; otherwise each portal answers at once */
        uint64_t begun[_OPERATION_MAX]; /* operations that story_take() has not taken yet */
        usec_t now;
        ControllerKind role;
        const char *transport; /* NULL: "tcp" */
} Story;

Tid *story_tid(const Story *s, const char *name);
Device *story_device(const Story *s, int instance, uint64_t inode, const char *name);
Policy *story_policy(const Story *s);
const Plan *story_plan(Story *s);
/* Plans, and takes the operation that was begun last; the caller completes it. */
uint64_t story_take(Story *s, Operation operation);
/* Plans, and returns the only action with this operation. */
const Action *story_act(Story *s, Operation operation);
void story_expect_nothing(Story *s);
/* Number of notes of this kind in the latest plan. */
size_t story_count_notes(const Story *s, NoteKind kind);
const Row *story_find(const Story *s, const char *name);
void story_expect_reason(const Story *s, const char *name, Reason reason);
/* names: separated by spaces */
SourceSet *story_set(const Story *s, const char *key, SourceKind kind, SourceState state,
                     const char *names);
void story_say(Story *s, const char *key, SourceState state, const char *names);
void story_remember(Story *s, const char *key, const char *names);
void story_uevent(Story *s, KernelEvent event, int instance);
/* Completes the requested scan with up to two devices. */
void story_scan(Story *s, Device *a, Device *b);
void story_read_device(Story *s, uint64_t op_id, int instance, Device *d);
/* Completes the requested connect successfully, with all uevents and reads that follow. */
void story_connect_as(Story *s, int instance, uint64_t inode, const char *name);
void story_disconnect(Story *s, int instance);
DiscoveryLog *story_log(uint16_t portid);
void story_wait_for(Story *s, usec_t t);
void story_begin(Story *s, ControllerKind role);
void story_end(Story *s);

/* The kernel has been scanned and has no controllers. */
#define STORY(role)                                                                                \
        _cleanup_(story_end) Story s;                                                              \
        story_begin(&s, role);                                                                     \
        story_scan(&s, NULL, NULL)
