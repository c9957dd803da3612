/* SPDX-License-Identifier: Apache-2.0 */

/* How stacd follows stafd: bus/publication.c and source/dc_table.c, driven like by daemon/answers.c
 * and source/stafd_client.c. It queries stafd some time after a signal, page by page; or it reads
 * changed logs one by one, as with an older stafd. It distrusts all logs when stafd disappears. */

#include <string.h>

#include "bus/publication.h"
#include "sim-daemon.h"
#include "source/dc_table.h"

struct SimFollower {
        unsigned run;  /* of stafd; 0: not running */
        bool signaled; /* a change was signaled */
        bool was_complete;
        DcTable table;
        Publication *publication; /* of that run; NULL: not requested yet */
        LogCursor at;
};

/* Small, so that a log takes several pages. */
#define PAGE_MAX 4

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
        if (f) {
                dc_table_done(&f->table);
                (void) publication_free(f->publication);
        }
        free(f);
        return NULL;
}

void sim_follower_restart(Sim *s)
{
        SourceSet *set;

        (void) sim_follower_free(s->follower);
        s->follower = sim_must(calloc(1, sizeof(*s->follower)));
        dc_table_init(&s->follower->table, on_source, s);
        must(dc_table_set_host(&s->follower->table,
                               (DlpeHost) { "nqn.2024-01.sim:other", false, false }));
        /* Until stafd has answered, nothing is known to be unwanted. */
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
        f->publication = publication_free(f->publication);
        dc_table_forget_reads(&f->table);
        must(dc_table_doubt(&f->table));
}

/* Signals of an unknown sender are ignored. */
void sim_follower_signal(Sim *s)
{
        if (s->follower->run == run_of_stafd(s))
                s->follower->signaled = true;
}

void sim_follower_forgotten(Sim *s, const Tid *dc)
{
        if (s->follower->publication && s->follower->run == run_of_stafd(s))
                publication_renew(s->follower->publication, dc);
}

void sim_follower_watch(Sim *s)
{
        bool complete = engine_knows_sources(stafd(s)->engine);

        if (complete != s->follower->was_complete)
                sim_follower_signal(s);
        s->follower->was_complete = complete;
}

/* Reads stafd's list of wanted discovery controllers. */
static void take_list(Sim *s)
{
        const Engine *e = stafd(s)->engine;
        StafdList list = { .complete = engine_knows_sources(e) };

        s->follower->signaled = false;
        list.items = sim_must(calloc(STAFD_CONTROLLERS_MAX, sizeof(*list.items)));
        for (const Row *row = engine_next_row(e, NULL); row; row = engine_next_row(e, row)) {
                if (!row_is_wanted(row))
                        continue;
                StafdListed *item = &list.items[list.n_items++];
                must(tid_dup(row->tid, &item->tid));
                item->device = sim_must(strdup(""));
                item->state = row->log.state;
                item->generation = row->log.generation;
        }
        must(dc_table_apply(&s->follower->table, &list, false, s->now));
        stafd_list_done(&list);
}

static void read_log(Sim *s, const Tid *tid)
{
        const Row *row = engine_find_row(stafd(s)->engine, tid);

        if (!row) { /* an error: decided by the next list */
                must(dc_table_fail_read(&s->follower->table, tid));
                s->follower->signaled = true;
                return;
        }
        const DiscoveryLog *log = row->log.log;
        StafdLog answer = { .state = row->log.state, .generation = row->log.generation };
        answer.entries = sim_must(calloc(log ? log->n_entries + 1 : 1, sizeof(*answer.entries)));
        for (; log && answer.n_entries < log->n_entries; answer.n_entries++)
                must(dlpe_copy(&log->entries[answer.n_entries],
                               &answer.entries[answer.n_entries].dlpe));
        must(dc_table_end_read(&s->follower->table, tid, &answer, s->now));
}

static void publish(Sim *s)
{
        SimFollower *f = s->follower;
        const Engine *e = stafd(s)->engine;

        if (!f->publication)
                must(publication_new(f->run, PAGE_MAX, &f->publication));
        publication_begin(f->publication);
        for (const Row *row = engine_next_row(e, NULL); row; row = engine_next_row(e, row))
                if (row_is_wanted(row))
                        must(publication_put(f->publication, row->tid, "", row->log.state,
                                             row->log.generation, row->log.log));
        must(publication_end(f->publication, engine_knows_sources(e)));
}

/* Returns true if the log is fully known, once there are no more changes to read. */
static bool is_followed(const DcTable *t, const Row *row)
{
        const DiscoveryLog *log = row->log.log;
        const Dc *dc = NULL;

        for (size_t i = 0; i < t->n_dcs; i++)
                if (tid_compare(t->dcs[i]->tid, row->tid) == 0)
                        dc = t->dcs[i];
        if (!dc || !dc->is_listed)
                return false;
        if (!log && row->log.state == SOURCE_UNKNOWN) /* the previous state may be kept */
                return dc->told == SOURCE_UNKNOWN || dc->is_remembered;
        if (dc->told != row->log.state)
                return false;
        if (dc->log.n_entries != (log ? log->n_entries : 0))
                return false;
        for (size_t i = 0; i < dc->log.n_entries; i++)
                if (!dlpe_equal(&dc->log.entries[i].dlpe, &log->entries[i]))
                        return false;
        return true;
}

static void check_followed(Sim *s)
{
        const Engine *e = stafd(s)->engine;

        for (const Row *row = engine_next_row(e, NULL); row; row = engine_next_row(e, row))
                CHECK(s, stacd(s), !row_is_wanted(row) || is_followed(&s->follower->table, row),
                      "what stafd has told of target %zu is not what is known",
                      sim_targets_find(&s->kernel.targets, row->tid));
}

static void take_page(Sim *s)
{
        SimFollower *f = s->follower;
        LogChanges page;

        if (random_chance(&s->kernel.random, 2)) /* it has lost its position */
                f->at = (LogCursor) { 0 };
        publish(s);
        must(publication_page(f->publication, f->at, &page));
        f->at = page.next;
        f->signaled = page.more;
        must(dc_table_take(&f->table, &page, s->now));
        if (!page.more)
                check_followed(s);
        log_changes_done(&page);
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
                (s->seed % 4 == 3 ? take_list : take_page)(s);
        else
                read_log(s, dc_table_begin_read(&f->table)->tid);
}
