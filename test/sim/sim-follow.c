/* SPDX-License-Identifier: Apache-2.0 */

/* How stacd follows stafd (source/stafd_client.c): it asks after a signal, late, reads the logs
 * that are new one by one, and doubts everything when stafd goes. */

#include "base/array.h"
#include "base/text.h"
#include "sim-daemon.h"

typedef struct Followed {
        bool is_known, is_listed, is_due, is_read, is_remembered;
        uint64_t generation;
        SourceState state, told; /* told: _SOURCE_STATE_INVALID: nothing yet */
        DlpEntry *entries;       /* stay when stafd goes: what was last known */
        size_t n_entries;
} Followed;

struct SimFollower {
        unsigned run;  /* of stafd; 0: it is not there */
        bool signaled; /* it says that something is new */
        bool was_complete;
        SourceState told;
        Followed *dcs; /* by target */
        bool *expected;
        size_t n;
};

static SimDaemon *stafd(Sim *s)
{
        return &s->daemons[CONTROLLER_DISCOVERY];
}

static SimDaemon *stacd(Sim *s)
{
        return &s->daemons[CONTROLLER_IO];
}

static SimSource *list_source(Sim *s)
{
        return &stacd(s)->sources[stacd(s)->n_own_sources];
}

static SimSource *dc_source(Sim *s, size_t dc)
{
        return list_source(s) + 1 + dc;
}

SimFollower *sim_follower_new(const Sim *s)
{
        const SimDaemon *d = &s->daemons[CONTROLLER_IO];
        SimFollower *f = sim_must(calloc(1, sizeof(*f)));

        f->n = d->n_sources - d->n_own_sources - 1;
        f->dcs = sim_must(calloc(f->n, sizeof(*f->dcs)));
        f->expected = sim_must(calloc(f->n, sizeof(*f->expected)));
        f->told = SOURCE_UNKNOWN;
        return f;
}

static void forget_entries(Followed *dc)
{
        for (size_t i = 0; i < dc->n_entries; i++)
                dlpe_done(&dc->entries[i]);
        free(dc->entries);
        dc->entries = NULL;
        dc->n_entries = 0;
}

SimFollower *sim_follower_free(SimFollower *f)
{
        for (size_t i = 0; f && i < f->n; i++)
                forget_entries(&f->dcs[i]);
        if (f) {
                free(f->dcs);
                free(f->expected);
        }
        free(f);
        return NULL;
}

static void tell_list(Sim *s, SourceState state)
{
        SourceSet *set;

        if (s->follower->told == state)
                return;
        if (source_set_new(list_source(s)->key, SOURCE_DISCOVERY_LOG, state, &set) < 0)
                abort();
        s->follower->told = state;
        sim_hear(s, stacd(s), list_source(s), set);
}

void sim_follower_restart(Sim *s)
{
        (void) sim_follower_free(s->follower);
        s->follower = sim_follower_new(s);
        s->follower->told = SOURCE_COMPLETE;
        tell_list(s, SOURCE_UNKNOWN); /* until stafd has spoken */
}

void sim_follower_expect(Sim *s, const SimSource *source)
{
        ptrdiff_t dc = source - dc_source(s, 0);

        if (dc >= 0)
                s->follower->expected[dc] = true;
}

static void tell(Sim *s, size_t dc, SourceState state)
{
        const SimTargets *t = &s->kernel.targets;
        Followed *f = &s->follower->dcs[dc];
        SourceSet *set;

        /* Nothing to say about it: the remembered entries are worth more. */
        if (f->is_remembered && state == SOURCE_UNKNOWN && f->n_entries == 0)
                return;
        if (source_set_new(dc_source(s, dc)->key, SOURCE_DISCOVERY_LOG, state, &set) < 0)
                abort();
        for (size_t i = 0; i < f->n_entries; i++) {
                if (f->entries[i].subtype != DLPE_NVME)
                        continue;
                size_t target = sim_targets_way(t, t->n_dcs + f->entries[i].portid,
                                                t->targets[dc].tid->host_iface);
                SourceEntry *entry = sim_source_add(s, set, target);
                entry->dlpe = sim_must(calloc(1, sizeof(*entry->dlpe)));
                if (dlpe_copy(&f->entries[i], entry->dlpe) < 0)
                        abort();
        }
        f->is_remembered = false;
        f->told = state;
        sim_hear(s, stacd(s), dc_source(s, dc), set);
}

static void doubt(Sim *s, size_t dc)
{
        Followed *f = &s->follower->dcs[dc];

        f->is_read = false;
        if (f->told != SOURCE_UNKNOWN)
                tell(s, dc, SOURCE_UNKNOWN);
}

static void doubt_all(Sim *s)
{
        for (size_t i = 0; i < s->follower->n; i++)
                if (s->follower->dcs[i].is_known)
                        doubt(s, i);
        tell_list(s, SOURCE_UNKNOWN);
}

static void notice_stafd(Sim *s, unsigned run)
{
        SimFollower *f = s->follower;

        sim_trace(s, stacd(s), run ? "stafd is there" : "stafd has gone");
        f->run = run;
        f->signaled = run > 0;
        for (size_t i = 0; i < f->n; i++)
                f->dcs[i].is_due = false;
        doubt_all(s);
}

static void add(Sim *s, size_t dc)
{
        Followed *f = &s->follower->dcs[dc];

        *f = (Followed) {
                .is_known = true,
                .is_listed = true,
                .is_due = true,
                .is_remembered = s->follower->expected[dc],
                .told = _SOURCE_STATE_INVALID,
        };
        s->follower->expected[dc] = false;
        tell(s, dc, SOURCE_UNKNOWN);
}

static void take_item(Sim *s, const Controller *c)
{
        size_t dc = sim_targets_find(&s->kernel.targets, c->tid);
        Followed *f = &s->follower->dcs[dc];

        if (!f->is_known) {
                add(s, dc);
                return;
        }
        f->is_listed = true;
        if (!f->is_read || f->generation != c->log.generation || f->state != c->log.state)
                f->is_due = true;
}

static void take_absence(Sim *s, bool complete)
{
        SimFollower *f = s->follower;

        for (size_t i = 0; i < f->n; i++) {
                Followed *dc = &f->dcs[i];
                if (complete && f->expected[i])
                        sim_hear_end(s, stacd(s), dc_source(s, i));
                f->expected[i] = f->expected[i] && !complete;
                if (!dc->is_known || dc->is_listed)
                        continue;
                if (complete) {
                        sim_hear_end(s, stacd(s), dc_source(s, i));
                        forget_entries(dc);
                        *dc = (Followed) { 0 };
                        continue;
                }
                dc->is_due = false;
                doubt(s, i);
        }
}

static unsigned run_of_stafd(const Sim *s)
{
        const SimDaemon *d = &s->daemons[CONTROLLER_DISCOVERY];

        return d->engine ? d->n_starts : 0;
}

/* A sender that is not known yet is not listened to. */
void sim_follower_signal(Sim *s)
{
        if (s->follower->run == run_of_stafd(s))
                s->follower->signaled = true;
}

void sim_follower_watch(Sim *s)
{
        bool complete = engine_knows_sources(stafd(s)->engine);

        if (complete != s->follower->was_complete)
                sim_follower_signal(s);
        s->follower->was_complete = complete;
}

/* stafd lists the discovery controllers that it wants. */
static void take_list(Sim *s)
{
        const Engine *e = stafd(s)->engine;
        bool complete = engine_knows_sources(e);

        s->follower->signaled = false;
        for (size_t i = 0; i < s->follower->n; i++)
                s->follower->dcs[i].is_listed = false;
        for (const Controller *c = engine_next_controller(e, NULL); c;
             c = engine_next_controller(e, c))
                if (controller_is_wanted(c))
                        take_item(s, c);
        take_absence(s, complete);
        tell_list(s, complete ? SOURCE_COMPLETE : SOURCE_PARTIAL);
}

static void read_log(Sim *s, size_t dc)
{
        const Controller *c =
                engine_find_controller(stafd(s)->engine, s->kernel.targets.targets[dc].tid);
        Followed *f = &s->follower->dcs[dc];

        f->is_due = false;
        if (!c) { /* an error: the next list will tell */
                doubt(s, dc);
                s->follower->signaled = true;
                return;
        }
        f->state = c->log.state;
        f->generation = c->log.generation;
        f->is_read = true;
        const DiscoveryLog *log = c->log.log;
        if (log && (log->n_entries > 0 || f->state != SOURCE_UNKNOWN)) {
                forget_entries(f);
                f->entries = sim_must(calloc(log->n_entries, sizeof(*f->entries)));
                for (size_t i = 0; i < log->n_entries; i++)
                        if (dlpe_copy(&log->entries[i], &f->entries[f->n_entries++]) < 0)
                                abort();
        }
        tell(s, dc, f->state);
}

static size_t find_due(const SimFollower *f, size_t from)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->dcs[(from + i) % f->n].is_due)
                        return (from + i) % f->n;
        return SIZE_MAX;
}

bool sim_follower_is_busy(const Sim *s)
{
        const SimFollower *f = s->follower;

        if (!s->daemons[CONTROLLER_IO].engine)
                return false;
        return f->run != run_of_stafd(s) || f->signaled || find_due(f, 0) != SIZE_MAX;
}

void sim_follower_step(Sim *s)
{
        SimFollower *f = s->follower;

        if (!sim_follower_is_busy(s))
                return;
        size_t due = find_due(f, random_below(&s->kernel.random, f->n));
        if (f->run != run_of_stafd(s))
                notice_stafd(s, run_of_stafd(s));
        else if (f->signaled && (due == SIZE_MAX || random_chance(&s->kernel.random, 50)))
                take_list(s);
        else
                read_log(s, due);
}
