/* SPDX-License-Identifier: Apache-2.0 */

/* Determines what must be wanted because of referrals. The engine walks from the roots; here depths
 * are lowered until nothing changes. Each discovery target is a source of stafd, after its own
 * ones. */

#include <stdio.h>

#include "base/text.h"
#include "sim-daemon.h"

enum {
        DEPTH_MAX = 8,
};

typedef struct Oracle {
        Sim *s;
        SimDaemon *d;
        size_t n;        /* number of discovery targets */
        unsigned *depth; /* DEPTH_MAX + 1: not reached */
} Oracle;

size_t sim_n_dc_targets(const Sim *s)
{
        const SimTargets *t = &s->kernel.targets;

        return t->far_ends[t->n_dcs - 1].first + t->far_ends[t->n_dcs - 1].n_ways;
}

void sim_referral_source_init(const Sim *s, SimSource *source, size_t dc)
{
        const Tid *tid = s->kernel.targets.targets[dc].tid;
        _cleanup_free_ char *text = sim_must(tid_to_string(tid));

        source->kind = SOURCE_REFERRAL;
        (void) snprintf(source->key, sizeof(source->key), "referrals of %s as %s", text,
                        tid->host_nqn);
}

static SimSource *source_of(const Oracle *o, size_t dc)
{
        return &o->d->sources[o->d->n_own_sources + dc];
}

static const DiscoveryLog *log_of(const Oracle *o, size_t dc)
{
        const Row *row = engine_find_row(o->d->engine, o->s->kernel.targets.targets[dc].tid);

        return row ? row->log.log : NULL;
}

/* Returns the next target named by the log, or remembered from it; SIZE_MAX: no more. */
static size_t next_child(const Oracle *o, size_t dc, size_t *i)
{
        const DiscoveryLog *log = log_of(o, dc);

        for (; log && *i < log->n_entries; (*i)++) {
                const DlpEntry *e = &log->entries[*i];
                size_t child = e->subtype == DLPE_REFERRAL
                                       ? sim_targets_referral(&o->s->kernel.targets, dc, e->portid,
                                                              !streq(e->subnqn, NQN_DISCOVERY))
                                       : SIZE_MAX;
                if (child != SIZE_MAX) {
                        (*i)++;
                        return child;
                }
        }
        for (; !log && *i < o->n; (*i)++)
                if (source_of(o, dc)->word[*i])
                        return (*i)++;
        return SIZE_MAX;
}

static bool is_told_by_others(const Oracle *o, size_t dc)
{
        for (size_t i = 0; i < o->d->n_own_sources; i++)
                if (o->d->sources[i].word[dc])
                        return true;
        return false;
}

static bool lower(Oracle *o, size_t dc)
{
        size_t i = 0, child;
        bool changed = false;

        if (o->depth[dc] >= DEPTH_MAX || !sim_is_allowed(o->s, dc))
                return false;
        while ((child = next_child(o, dc, &i)) != SIZE_MAX) {
                if (o->depth[child] <= o->depth[dc] + 1)
                        continue;
                o->depth[child] = o->depth[dc] + 1;
                changed = true;
        }
        return changed;
}

static void find_depths(Oracle *o)
{
        bool changed = true;

        for (size_t i = 0; i < o->n; i++)
                o->depth[i] = is_told_by_others(o, i) ? 0 : DEPTH_MAX + 1;
        while (changed) {
                changed = false;
                for (size_t i = 0; i < o->n; i++)
                        changed |= lower(o, i);
        }
}

static bool is_source(const Oracle *o, size_t dc)
{
        return o->depth[dc] < DEPTH_MAX && sim_is_allowed(o->s, dc);
}

static void refresh(Oracle *o, size_t dc)
{
        SimSource *source = source_of(o, dc);
        _cleanup_free_ bool *named = sim_must(calloc(o->n, sizeof(*named)));
        size_t i = 0, child;

        if (!log_of(o, dc))
                return; /* remembered entries are kept */
        while ((child = next_child(o, dc, &i)) != SIZE_MAX)
                named[child] = true;
        source->present = true;
        for (size_t t = 0; t < o->n; t++) {
                uint8_t word = named[t] ? SIM_TOLD | SIM_CONFIRMED : 0;
                if (word == source->word[t])
                        continue;
                if (!source->word[t])
                        o->s->truth[t].failed_at = 0; /* the source has just seen it */
                sim_set_word(o->s, source, t, word);
        }
}

static bool is_unsure(const Oracle *o)
{
        for (size_t i = 0; i < o->d->n_own_sources; i++)
                if (o->d->sources[i].present && !o->d->sources[i].complete)
                        return true;
        return false;
}

static bool is_kept_by_another(const Oracle *o, const bool *kept, size_t dc)
{
        for (size_t i = 0; i < o->n; i++)
                if ((kept[i] || is_source(o, i)) && source_of(o, i)->word[dc])
                        return true;
        return false;
}

/* While a source is not complete: keeps remembered entries of targets that were not requested yet,
 * and of targets named by these. */
static void keep_doubtful(const Oracle *o, bool *kept)
{
        bool changed = is_unsure(o);

        while (changed) {
                changed = false;
                for (size_t i = 0; i < o->n; i++) {
                        if (kept[i] || is_source(o, i) || !source_of(o, i)->present)
                                continue;
                        kept[i] = !o->s->truth[i].told_once ||
                                  (o->depth[i] > DEPTH_MAX && sim_is_allowed(o->s, i) &&
                                   is_kept_by_another(o, kept, i));
                        changed |= kept[i];
                }
        }
}

void sim_follow_referrals(Sim *s, SimDaemon *d)
{
        Oracle o = { .s = s, .d = d, .n = sim_n_dc_targets(s) };
        _cleanup_free_ unsigned *depth = sim_must(calloc(o.n, sizeof(*depth)));
        _cleanup_free_ bool *kept = sim_must(calloc(o.n, sizeof(*kept)));

        o.depth = depth;
        find_depths(&o);
        for (size_t i = 0; i < o.n; i++)
                if (is_source(&o, i))
                        refresh(&o, i);
        for (size_t i = 0; i < o.n; i++)
                s->truth[i].told_once = s->truth[i].told_once || s->truth[i].n_told > 0;
        keep_doubtful(&o, kept);
        for (size_t i = 0; i < o.n; i++)
                if (!is_source(&o, i) && !kept[i] && source_of(&o, i)->present)
                        sim_forget_word(s, source_of(&o, i));
}

/* The final state, when all logs have been read: from the logs, independent of the engines. */
void sim_add_referrals(const Sim *s, bool *wanted)
{
        const SimTargets *t = &s->kernel.targets;
        size_t n = sim_n_dc_targets(s);
        _cleanup_free_ bool *next = sim_must(calloc(n, sizeof(*next)));

        for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
                for (size_t dc = 0; dc < n; dc++) {
                        const uint8_t *referrals = sim_target_far_end(t, dc)->referrals;
                        if (!wanted[dc] || !sim_is_allowed(s, dc))
                                continue;
                        for (size_t i = 0; i < t->n_dcs; i++) {
                                size_t child =
                                        referrals[i]
                                                ? sim_targets_referral(t, dc, i, referrals[i] == 2)
                                                : SIZE_MAX;
                                if (child != SIZE_MAX)
                                        next[child] = true;
                        }
                }
                for (size_t dc = 0; dc < n; dc++)
                        wanted[dc] = wanted[dc] || next[dc];
        }
}
