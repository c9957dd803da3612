/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: sources and the rows that they make. */

#include "plan/engine.h"

typedef struct SourceNode {
        RB_ENTRY(SourceNode) by_key;
        const char *key; /* set->key */
        SourceSet *set;
        size_t n_entries; /* of it, that are counted */
        /* Of SOURCE_REFERRAL, while referrals are followed: */
        bool is_led_to;
        Row *parent; /* whose log it is */
} SourceNode;

RB_HEAD(SourceTree, SourceNode);
RB_PROTOTYPE(SourceTree, SourceNode, by_key, source_node_compare);

/* engine-sources.c */
/* The row of an identity, made if there is none. */
int engine_get_controller(Engine *e, const Tid *tid, Row **ret);
void engine_forget_controller(Engine *e, Row *row);
void engine_bury_controllers(Engine *e);
/* From now on the row is not wanted, should it be so. */
void engine_begin_quiet_time(Row *row, usec_t now);
/* The reason for a wait may have gone. */
void engine_retry_controller(Engine *e, Row *row);
void engine_refresh_wanted(Engine *e, Row *row, usec_t now);
SourceNode *engine_find_source(const Engine *e, const char *key);
void engine_free_sources(Engine *e);

/* engine-log_room.c: what all logs together have is bounded; by where referrals lead. */
void engine_bound_logs(Engine *e);

/* engine-referrals.c: the logs' referrals become sources. 0 or -ENOMEM. */
int engine_follow_referrals(Engine *e, usec_t now);
