/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What one source wants, with how far its word goes. Immutable; the engine takes ownership. */

#include "base/macro.h"
#include "model/dlp.h"
#include "model/secret.h"
#include "model/settings.h"
#include "model/tid.h"

typedef enum SourceKind { /* strongest origin first */
        SOURCE_CONFIGURED,
        SOURCE_NBFT,
        SOURCE_REFERRAL,
        SOURCE_DISCOVERED,    /* mDNS */
        SOURCE_DISCOVERY_LOG, /* stacd: one set for each discovery controller */
        _SOURCE_KIND_MAX,
        _SOURCE_KIND_INVALID = -EINVAL,
} SourceKind;

/* "configured", "nbft", "referral", "discovered", "discovery log" */
const char *source_kind_to_string(SourceKind k);
SourceKind source_kind_from_string(const char *s);

typedef enum SourceState {
        SOURCE_UNKNOWN,  /* could not ask: entries are what was last known; nothing is removed */
        SOURCE_PARTIAL,  /* may miss entries: only adds */
        SOURCE_COMPLETE, /* what is not in it is not wanted by this source */
        _SOURCE_STATE_MAX,
        _SOURCE_STATE_INVALID = -EINVAL,
} SourceState;

const char *source_state_to_string(SourceState s);
SourceState source_state_from_string(const char *s);

typedef struct SourceEntry {
        Tid *tid;
        char *where; /* provenance: "/etc/stas/stacd.conf:12", "nvme0 (tcp, …) entry 3" */
        Settings settings;
        Secret *dhchap_secret, *dhchap_ctrl_secret;
        DlpEntry *dlpe; /* NULL unless it came from a discovery log */
        size_t order;   /* of adding: source_set_seal() keeps the first of equal ones by it */
        bool restored;  /* only remembered: keeps what is connected, starts nothing */
        bool tentative; /* goes when its source names it no more, also with a set that only adds */
        bool passive;   /* not for us to connect: it is kept, and neither started nor made ours */
        const char *problem; /* a constant: why it is passive for not being usable, else NULL */
} SourceEntry;

typedef struct SourceSet {
        char *key; /* unique: "config", or "dc " and the controller's text */
        SourceKind kind;
        SourceState state;
        bool restored; /* read back from the state file: keeps what is connected, starts nothing */
        SourceEntry *entries; /* sorted by tid, no two the same, after source_set_seal() */
        size_t n_entries, n_allocated;
} SourceSet;

int source_set_new(const char *key, SourceKind kind, SourceState state, SourceSet **ret);
SourceSet *source_set_free(SourceSet *s);
DEFINE_CLEANUP(SourceSet, source_set_free)

/* Appends an entry (zeroed but for its settings) that takes tid and a copy of where; the result is
 * valid until the next append. NULL: out of memory, tid is freed. */
SourceEntry *source_set_add(SourceSet *s, Tid *tid, const char *where);
/* Sorts; of entries with one identity the first added stays. */
void source_set_seal(SourceSet *s);
/* Drops the entries that are not kept; kept has an element for each. */
void source_set_keep(SourceSet *s, const bool *kept);
/* After seal. NULL: not there. */
const SourceEntry *source_set_find(const SourceSet *s, const Tid *tid);
bool source_entry_equal(const SourceEntry *a, const SourceEntry *b);
