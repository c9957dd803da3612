/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The controllers that one source wants, and how complete this information is. Immutable; the
 * engine takes ownership. */

#include "base/macro.h"
#include "model/dlp.h"
#include "model/secret.h"
#include "model/settings.h"
#include "model/tid.h"

typedef enum SourceKind { /* in descending precedence */
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
        SOURCE_UNKNOWN,  /* cannot be queried: last known entries, nothing is removed */
        SOURCE_PARTIAL,  /* entries may be missing: only adds */
        SOURCE_COMPLETE, /* anything not in the set is not wanted by this source */
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
        DlpEntry *dlpe; /* NULL if not from a discovery log */
        size_t order;   /* of insertion; of equal entries source_set_seal() keeps the first */
        bool restored;  /* only remembered: keeps existing connections, but does not start any */
        bool tentative; /* dropped once no longer named by its source, even if the set only adds */
        bool passive;   /* not ours: existing connections are kept; none is started or adopted */
        const char *problem; /* a constant: why it is passive if it is not usable, else NULL */
        bool demands_tls;    /* according to the discovery log that names it */
} SourceEntry;

/* An entry of a discovery log that names no controller. */
typedef struct SkippedEntry {
        char *where;
        DlpEntry dlpe;
        const char *problem; /* a constant */
} SkippedEntry;

typedef struct SourceSet {
        char *key; /* unique: "config", or "dc " and the controller's text */
        SourceKind kind;
        SourceState state;
        bool restored; /* read from the state file: keeps existing connections, but does not start
                          any */
        SourceEntry *entries; /* sorted by tid and unique after source_set_seal() */
        size_t n_entries, n_allocated;
        SkippedEntry *skipped; /* in their order */
        size_t n_skipped, n_skipped_allocated;
} SourceSet;

int source_set_new(const char *key, SourceKind kind, SourceState state, SourceSet **ret);
SourceSet *source_set_free(SourceSet *s);
DEFINE_CLEANUP(SourceSet, source_set_free)

/* Appends an entry, zeroed except for its settings. Takes ownership of tid and copies where. The
 * result is valid until the next append. Returns NULL if out of memory; tid is freed then, too. */
SourceEntry *source_set_add(SourceSet *s, Tid *tid, const char *where);
/* Appends copies of an entry and its provenance to those skipped. Returns 0 or -ENOMEM. */
int source_set_skip(SourceSet *s, const DlpEntry *e, const char *where, const char *problem);
/* The number of entries that are not used, whether they name a controller or not. */
size_t source_set_count_unusable(const SourceSet *s);
bool source_sets_skip_same(const SourceSet *a, const SourceSet *b);
/* Sorts the entries. Of those with the same identity, the first one added is kept. */
void source_set_seal(SourceSet *s);
/* Drops all entries i for which kept[i] is false. */
void source_set_keep(SourceSet *s, const bool *kept);
/* To be called after source_set_seal(). Returns NULL if not found. */
const SourceEntry *source_set_find(const SourceSet *s, const Tid *tid);
bool source_entry_equal(const SourceEntry *a, const SourceEntry *b);
