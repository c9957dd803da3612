/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: sources, and the rows created from them. */

#include "plan/engine.h"

typedef struct SourceNode {
        RB_ENTRY(SourceNode) by_key;
        const char *key; /* set->key */
        SourceSet *set;
        size_t n_entries; /* number of its entries included in Engine.n_entries */
        bool skips_more;  /* it skips more entries than before: to be noted */
        /* For SOURCE_REFERRAL, while referrals are followed: */
        bool is_led_to;
        Row *parent; /* row whose log it is */
} SourceNode;

RB_HEAD(SourceTree, SourceNode);
RB_PROTOTYPE(SourceTree, SourceNode, by_key, source_node_compare);

/* engine-sources.c */
/* Returns the row of an identity; creates it if necessary. */
int engine_get_controller(Engine *e, const Tid *tid, Row **ret);
void engine_forget_controller(Engine *e, Row *row);
void engine_bury_controllers(Engine *e);
/* Starts the quiet time, which applies if the row is not wanted. */
void engine_begin_quiet_time(Row *row, usec_t now);
/* Ends a wait: the reason for it may have disappeared. */
void engine_retry_controller(Engine *e, Row *row);
void engine_refresh_wanted(Engine *e, Row *row, usec_t now);
SourceNode *engine_find_source(const Engine *e, const char *key);
/* Notes what sources newly skip that has no row. */
void engine_note_skipped(Engine *e);
void engine_free_sources(Engine *e);

/* engine-log_room.c: limits the total number of log entries; depends on the referrals. */
void engine_bound_logs(Engine *e);

/* engine-referrals.c: turns referrals in logs into sources. Returns 0 or -ENOMEM. */
int engine_follow_referrals(Engine *e, usec_t now);
