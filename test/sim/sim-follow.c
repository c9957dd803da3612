/* SPDX-License-Identifier: Apache-2.0 */

/* How stacd follows stafd: source/dc_table.c, with what source/stafd_client.c does for it. It asks
 * after a signal, late, reads the logs that are new one by one, and doubts everything when stafd
 * goes. */

#include <string.h>

#include "sim-daemon.h"
#include "source/dc_table.h"

struct SimFollower {
        unsigned run;  /* of stafd; 0: it is not there */
        bool signaled; /* it says that something is new */
        bool was_complete;
        DcTable table;
};

static SimDaemon *stafd(Sim *s)
{
        return &s->daemons[CONTROLLER_DISCOVERY];
}

static SimDaemon *stacd(Sim *s)
{
        return &s->daemons[CONTROLLER_IO];
}

static void must(int r)
{
        if (r < 0)
                abort();
}

static void on_source(SourceSet *set, const char *key, void *userdata)
{
        Sim *s = userdata;
        SimSource *source = sim_find_source(stacd(s), key);

        if (set)
                sim_hear(s, stacd(s), source, set);
        else
                sim_hear_end(s, stacd(s), source);
}

SimFollower *sim_follower_free(SimFollower *f)
{
        if (f)
                dc_table_done(&f->table);
        free(f);
        return NULL;
}

void sim_follower_restart(Sim *s)
{
        SourceSet *set;

        (void) sim_follower_free(s->follower);
        s->follower = sim_must(calloc(1, sizeof(*s->follower)));
        dc_table_init(&s->follower->table, on_source, s);
        must(dc_table_set_host(&s->follower->table, "nqn.2024-01.sim:other", false));
        /* Until stafd has spoken, nothing is known to be unwanted. */
        must(source_set_new(STAFD_SOURCE_KEY, SOURCE_DISCOVERY_LOG, SOURCE_UNKNOWN, &set));
        on_source(set, STAFD_SOURCE_KEY, s);
}

void sim_follower_expect(Sim *s, const SimSource *source)
{
        if (source > &stacd(s)->sources[stacd(s)->n_own_sources])
                must(dc_table_expect(&s->follower->table, source->key));
}

static unsigned run_of_stafd(const Sim *s)
{
        const SimDaemon *d = &s->daemons[CONTROLLER_DISCOVERY];

        return d->engine ? d->n_starts : 0;
}

static void notice_stafd(Sim *s, unsigned run)
{
        SimFollower *f = s->follower;

        sim_trace(s, stacd(s), run ? "stafd is there" : "stafd has gone");
        f->run = run;
        f->signaled = run > 0;
        dc_table_forget_reads(&f->table);
        must(dc_table_doubt(&f->table));
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
        StafdList list = { .complete = engine_knows_sources(e) };

        s->follower->signaled = false;
        list.items = sim_must(calloc(STAFD_CONTROLLERS_MAX, sizeof(*list.items)));
        for (const Controller *c = engine_next_controller(e, NULL); c;
             c = engine_next_controller(e, c)) {
                if (!controller_is_wanted(c))
                        continue;
                StafdListed *item = &list.items[list.n_items++];
                must(tid_dup(c->tid, &item->tid));
                item->device = sim_must(strdup(""));
                item->state = c->log.state;
                item->generation = c->log.generation;
        }
        must(dc_table_apply(&s->follower->table, &list, false, s->now));
        stafd_list_done(&list);
}

static void read_log(Sim *s, const Tid *tid)
{
        const Controller *c = engine_find_controller(stafd(s)->engine, tid);

        if (!c) { /* an error: the next list will tell */
                must(dc_table_fail_read(&s->follower->table, tid));
                s->follower->signaled = true;
                return;
        }
        const DiscoveryLog *log = c->log.log;
        StafdLog answer = { .state = c->log.state, .generation = c->log.generation };
        answer.entries = sim_must(calloc(log ? log->n_entries + 1 : 1, sizeof(*answer.entries)));
        for (; log && answer.n_entries < log->n_entries; answer.n_entries++)
                must(dlpe_copy(&log->entries[answer.n_entries], &answer.entries[answer.n_entries]));
        must(dc_table_end_read(&s->follower->table, tid, &answer, s->now));
}

static bool is_due(const SimFollower *f)
{
        for (size_t i = 0; i < f->table.n_dcs; i++)
                if (f->table.dcs[i]->is_due)
                        return true;
        return false;
}

bool sim_follower_is_busy(const Sim *s)
{
        const SimFollower *f = s->follower;

        if (!s->daemons[CONTROLLER_IO].engine)
                return false;
        return f->run != run_of_stafd(s) || f->signaled || is_due(f) || f->table.next_at <= s->now;
}

usec_t sim_follower_wake_at(const Sim *s)
{
        return s->daemons[CONTROLLER_IO].engine ? s->follower->table.next_at : USEC_INFINITY;
}

void sim_follower_step(Sim *s)
{
        SimFollower *f = s->follower;

        if (!sim_follower_is_busy(s))
                return;
        if (f->table.next_at <= s->now)
                dc_table_elapse(&f->table, s->now);
        else if (f->run != run_of_stafd(s))
                notice_stafd(s, run_of_stafd(s));
        else if (f->signaled && (!is_due(f) || random_chance(&s->kernel.random, 50)))
                take_list(s);
        else
                read_log(s, dc_table_begin_read(&f->table)->tid);
}
