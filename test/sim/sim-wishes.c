/* SPDX-License-Identifier: Apache-2.0 */

/* Controllers to be connected: sources that change, become unavailable or incomplete; and what the
 * daemons know of them. */

#include <string.h>

#include "sim-daemon.h"
#include "source/dc_table.h"

/* Always the same for a place; most are not bound to an interface. */
static size_t choose_way(size_t source, size_t place, size_t n_ways)
{
        size_t x = (source * SIM_PLACES + place) * 2654435761U >> 7;

        return x % 3 ? 0 : x / 3 % n_ways;
}

size_t sim_source_target(const Sim *s, const SimDaemon *d, size_t source, size_t place)
{
        const SimTargets *t = &s->kernel.targets;
        bool is_dc = d->role == CONTROLLER_DISCOVERY;
        size_t n = is_dc ? t->n_dcs : t->n_far_ends - t->n_dcs;
        size_t far_end = (is_dc ? 0 : t->n_dcs) + (source * SIM_PLACES_APART + place) % n;

        return t->far_ends[far_end].first + choose_way(source, place, t->far_ends[far_end].n_ways);
}

SourceEntry *sim_source_add(Sim *s, SourceSet *set, size_t target)
{
        Tid *tid;

        CHECK(s, NULL, tid_dup(s->kernel.targets.targets[target].tid, &tid) == 0, "memory");
        return sim_must(source_set_add(set, tid, set->key));
}

static void add_own_entry(Sim *s, SourceSet *set, size_t target)
{
        SourceEntry *entry = sim_source_add(s, set, target);
        bool ncc = sim_target_far_end(&s->kernel.targets, target)->ncc;

        entry->passive = set->kind == SOURCE_NBFT &&
                         sim_target_far_end(&s->kernel.targets, target)->kind == CONTROLLER_IO;
        if (set->kind != SOURCE_DISCOVERY_LOG)
                return;
        entry->dlpe = sim_must(calloc(1, sizeof(*entry->dlpe)));
        *entry->dlpe = (DlpEntry) {
                .subtype = DLPE_NVME,
                .eflags = ncc ? DLPE_EFLAGS_NCC : 0,
                .subnqn = sim_must(strdup("nqn.2024-01.sim:entry")),
                .traddr = sim_must(strdup("10.0.0.1")),
        };
}

/* A source that newly names a target, or clears NCC, has just seen it. */
static void forgive_path(Sim *s, size_t target)
{
        sim_path(s, target)->silent_at = 0;
}

void sim_set_word(Sim *s, SimSource *source, size_t target, uint8_t word)
{
        SimTruth *t = &s->truth[target];
        uint8_t before = source->word[target];
        int told = !!(word & SIM_TOLD) - !!(before & SIM_TOLD);
        int confirmed = !!(word & SIM_CONFIRMED) - !!(before & SIM_CONFIRMED);

        t->n_told += (unsigned) told;
        t->left_to_peer = source->kind != SOURCE_CONFIGURED && source->kind != SOURCE_NBFT;
        t->n_confirmed += (unsigned) confirmed;
        if (source->kind == SOURCE_NBFT)
                t->n_firmware += (unsigned) told;
        source->word[target] = word;
        forgive_path(s, target);
}

void sim_forget_word(Sim *s, SimSource *source)
{
        for (size_t t = 0; t < s->kernel.targets.n_targets; t++)
                if (source->word[t])
                        sim_set_word(s, source, t, 0);
        source->complete = source->present = false;
}

void sim_forget_words(Sim *s, SimDaemon *d)
{
        const SimTargets *t = &s->kernel.targets;

        for (size_t i = 0; i < d->n_sources; i++)
                sim_forget_word(s, &d->sources[i]);
        for (size_t i = 0; i < t->n_targets; i++)
                if (sim_target_far_end(t, i)->kind == d->role) {
                        s->truth[i].told_once = false;
                        s->truth[i].n_ncc_connects = 0;
                }
}

/* Attempts on a subsystem that is not connected to its CDC are counted until that changes. */
static void refresh_ncc(Sim *s, const SimDaemon *d)
{
        for (size_t i = 0; i < s->kernel.targets.n_targets; i++) {
                if (s->truth[i].n_ncc_connects == 0)
                        continue;
                const Row *row = engine_find_row(d->engine, s->kernel.targets.targets[i].tid);
                if (!row || !row->wanted.ncc)
                        s->truth[i].n_ncc_connects = 0;
        }
}

static void take_word(Sim *s, SimDaemon *d)
{
        refresh_ncc(s, d);
        sim_state_schedule(d, s->now);
        d->n_words++;
        d->has_heard = true;
}

void sim_hear(Sim *s, SimDaemon *d, SimSource *source, SourceSet *set)
{
        source_set_seal(set);
        if (set->state == SOURCE_COMPLETE)
                sim_forget_word(s, source);
        for (size_t i = 0; i < set->n_entries; i++) {
                size_t target = sim_targets_find(&s->kernel.targets, set->entries[i].tid);
                bool starts = !set->restored && !set->entries[i].passive;
                sim_set_word(s, source, target, starts ? SIM_TOLD | SIM_CONFIRMED : SIM_TOLD);
                s->truth[target].told_once = true;
                s->truth[target].failed_at = 0; /* the source has just seen it */
                forgive_path(s, target);
        }
        source->present = true;
        /* mDNS is not waited for if it is not available. */
        source->complete =
                set->state == SOURCE_COMPLETE ||
                (set->kind == SOURCE_DISCOVERED && set->state == SOURCE_UNKNOWN && !set->restored);
        sim_trace(s, d, "%s says %zu, %s%s", set->key, set->n_entries,
                  source_state_to_string(set->state), set->restored ? ", restored" : "");
        sim_tell(s, d, (EngineInput) { .kind = INPUT_SET_SOURCE, .set = set });
        take_word(s, d);
}

void sim_hear_end(Sim *s, SimDaemon *d, SimSource *source)
{
        sim_trace(s, d, "%s has gone", source->key);
        sim_forget_word(s, source);
        sim_tell(s, d, (EngineInput) { .kind = INPUT_DROP_SOURCE, .key = source->key });
        take_word(s, d);
}

SimSource *sim_find_source(SimDaemon *d, const char *key)
{
        for (size_t i = 0; i < d->n_sources; i++)
                if (strcmp(d->sources[i].key, key) == 0)
                        return &d->sources[i];
        abort();
}

void sim_say(Sim *s, SimDaemon *d, size_t source, SourceState state)
{
        SimSource *src = &d->sources[source];
        unsigned percent = state == SOURCE_COMPLETE ? 100 : state == SOURCE_PARTIAL ? 50 : 0;
        SourceSet *set;

        CHECK(s, d, source_set_new(src->key, src->kind, state, &set) == 0, "memory");
        for (size_t i = 0; i < SIM_PLACES; i++) {
                bool must = state == SOURCE_PARTIAL && i == src->newest;
                if (src->listed[i] && (must || random_chance(&s->kernel.random, percent)))
                        add_own_entry(s, set, sim_source_target(s, d, source, i));
        }
        src->dropped = false;
        sim_hear(s, d, src, set);
}

static void drop(Sim *s, SimDaemon *d, SimSource *source)
{
        memset(source->listed, 0, sizeof(source->listed));
        source->dropped = true;
        sim_hear_end(s, d, source);
}

void sim_change_source(Sim *s, SimDaemon *d)
{
        Random *r = &s->kernel.random;
        size_t source = random_below(r, d->n_own_sources);
        SimSource *src = &d->sources[source];

        switch (random_below(r, 12)) {
        case 0:
                drop(s, d, src);
                return;
        case 1:
                if (!src->dropped)
                        sim_say(s, d, source, SOURCE_UNKNOWN);
                return;
        case 2:
                src->newest = random_below(r, SIM_PLACES);
                src->listed[src->newest] = true;
                sim_say(s, d, source, SOURCE_PARTIAL);
                return;
        default:
                for (size_t n = random_below(r, 8) + 1; n > 0; n--)
                        src->listed[random_below(r, SIM_PLACES)] =
                                random_chance(r, d->role == CONTROLLER_IO ? 70 : 15);
        }
        sim_say(s, d, source, SOURCE_COMPLETE);
}

/* Returns true if no other source names the target. */
static bool is_alone(const Sim *s, const SimDaemon *d, size_t source, size_t place)
{
        size_t target = sim_source_target(s, d, source, place);
        const SimSource *src = &d->sources[source];

        for (size_t i = 0; i < SIM_PLACES; i++)
                if (i != place && src->listed[i] && sim_source_target(s, d, source, i) == target)
                        return false;
        return s->truth[target].n_told == !!src->word[target];
}

void sim_flap(Sim *s)
{
        SimDaemon *d = &s->daemons[CONTROLLER_IO];
        size_t source = 1;
        bool *listed = &d->sources[source].listed[s->flap_place];

        if (!s->flaps || !d->engine || d->sources[source].dropped)
                return;
        for (int i = 0; i < 8; i++) /* otherwise it would end before anything has happened */
                sim_daemon_advance(s, d);
        if (!is_alone(s, d, source, s->flap_place)) {
                s->flap_place = (s->flap_place + 1) % SIM_PLACES;
                return;
        }
        const Row *row = engine_find_row(
                d->engine,
                s->kernel.targets.targets[sim_source_target(s, d, source, s->flap_place)].tid);
        if (*listed != (row && row->node))
                return;
        *listed ^= true;
        sim_say(s, d, source, SOURCE_COMPLETE);
}

void sim_forgive(Sim *s)
{
        for (size_t t = 0; t < s->kernel.targets.n_targets; t++)
                s->truth[t].failed_at = 0;
        for (size_t i = 0; i < s->kernel.targets.n_portals * SIM_WAYS; i++)
                s->paths[i].silent_at = 0;
        for (size_t i = 0; i < s->n_connections_allocated; i++)
                s->connections[i].busy_at = 0;
}

static void init_own_source(Sim *s, const SimDaemon *d, SimSource *source, size_t i)
{
        source->kind = i % 4 == 0                                       ? SOURCE_CONFIGURED
                       : i == 1 && s->flaps && d->role == CONTROLLER_IO ? SOURCE_DISCOVERY_LOG
                       : (i + s->seed) % 4 == 0                         ? SOURCE_NBFT
                       : d->role == CONTROLLER_IO                       ? SOURCE_DISCOVERY_LOG
                                                                        : SOURCE_DISCOVERED;
        (void) snprintf(source->key, sizeof(source->key), "source %zu", i);
        for (size_t t = 0; t < SIM_PLACES; t++)
                source->listed[t] =
                        random_chance(&s->kernel.random, d->role == CONTROLLER_IO ? 60 : 10);
}

/* The source for a discovery controller that stafd reports. */
static void init_followed(const Sim *s, SimSource *source, size_t dc)
{
        char *key = sim_must(dc_source_key(s->kernel.targets.targets[dc].tid));

        (void) snprintf(source->key, sizeof(source->key), "%s", key);
        free(key);
}

void sim_sources_init(Sim *s, SimDaemon *d, size_t n_sources)
{
        const SimTargets *t = &s->kernel.targets;
        size_t n_dc_targets = sim_n_dc_targets(s);

        d->n_own_sources = n_sources;
        d->n_sources = n_sources + n_dc_targets + (d->role == CONTROLLER_IO);
        d->sources = sim_must(calloc(d->n_sources, sizeof(*d->sources)));
        for (size_t i = 0; i < d->n_sources; i++) {
                SimSource *source = &d->sources[i];
                source->word = sim_must(calloc(t->n_targets, sizeof(*source->word)));
                source->kind = SOURCE_DISCOVERY_LOG;
                if (i < n_sources)
                        init_own_source(s, d, source, i);
                else if (d->role == CONTROLLER_DISCOVERY)
                        sim_referral_source_init(s, source, i - n_sources);
                else if (i == n_sources)
                        (void) snprintf(source->key, sizeof(source->key), STAFD_SOURCE_KEY);
                else
                        init_followed(s, source, i - n_sources - 1);
        }
}

void sim_sources_done(SimDaemon *d)
{
        for (size_t i = 0; i < d->n_sources; i++)
                free(d->sources[i].word);
        free(d->sources);
}
