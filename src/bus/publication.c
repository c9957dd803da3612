/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/publication.h"

#include <bsd/sys/tree.h>
#include <string.h>
#include <sys/queue.h>

#include "base/text.h"

/* A new log starts in the middle, and its entries leave room for many others between any two. */
#define POSITION_FIRST (UINT64_C(1) << 62)
#define POSITION_STEP (UINT64_C(1) << 44)

typedef enum ChangeKind {
        CHANGE_ENTRY,
        CHANGE_ENTRY_GONE,
        CHANGE_DC,
        CHANGE_DC_GONE,
} ChangeKind;

typedef struct Published Published;

typedef struct Change {
        RB_ENTRY(Change) by_stamp;
        TAILQ_ENTRY(Change) gone_entry;      /* ENTRY_GONE, DC_GONE: oldest first */
        LIST_ENTRY(Change) gone_of_dc_entry; /* ENTRY_GONE */
        uint64_t stamp;                      /* 0 if not in the tree */
        ChangeKind kind;
        Published *published; /* not for DC_GONE */
        uint64_t position;    /* ENTRY, ENTRY_GONE */
        DlpEntry dlpe;        /* ENTRY */
        Tid *dc;              /* DC_GONE */
} Change;

/* A discovery controller. */
struct Published {
        RB_ENTRY(Published) by_tid;
        Tid *dc;
        char *device;
        SourceState state;
        uint64_t generation;
        bool is_renewed; /* generation cannot be relied on, or the log has not been put yet */
        uint64_t walk;   /* the last walk in which it was put */
        Change change;
        Change **entries; /* in the log's order */
        size_t n_entries;
        LIST_HEAD(, Change) gone;
};

typedef RB_HEAD(ChangeTree, Change) ChangeTree;
typedef RB_HEAD(PublishedTree, Published) PublishedTree;

struct Publication {
        uint64_t epoch;
        size_t page_max;
        uint64_t last;  /* last stamp assigned */
        uint64_t floor; /* from an older generation, removals are incomplete */
        uint64_t walk, walk_begin;
        bool is_behind; /* something was left for the next walk */
        bool is_complete;
        ChangeTree changes;
        PublishedTree dcs;
        TAILQ_HEAD(, Change) gone;
        size_t n_gone;
};

static int change_compare(const Change *a, const Change *b)
{
        return a->stamp < b->stamp ? -1 : a->stamp > b->stamp;
}

static int published_compare(const Published *a, const Published *b)
{
        return tid_compare(a->dc, b->dc);
}

RB_PROTOTYPE(ChangeTree, Change, by_stamp, change_compare)
RB_GENERATE(ChangeTree, Change, by_stamp, change_compare)
RB_PROTOTYPE(PublishedTree, Published, by_tid, published_compare)
RB_GENERATE(PublishedTree, Published, by_tid, published_compare)

/* ---- changes ---- */

static void publication_unstamp(Publication *p, Change *c)
{
        if (c->stamp > 0)
                (void) RB_REMOVE(ChangeTree, &p->changes, c);
        c->stamp = 0;
}

static void publication_stamp(Publication *p, Change *c)
{
        publication_unstamp(p, c);
        c->stamp = ++p->last;
        (void) RB_INSERT(ChangeTree, &p->changes, c);
}

static void publication_free_gone(Publication *p, Change *c)
{
        publication_unstamp(p, c);
        TAILQ_REMOVE(&p->gone, c, gone_entry);
        p->n_gone--;
        if (c->kind == CHANGE_ENTRY_GONE)
                LIST_REMOVE(c, gone_of_dc_entry);
        (void) tid_free(c->dc);
        free(c);
}

static void publication_add_gone(Publication *p, Change *c)
{
        publication_stamp(p, c);
        TAILQ_INSERT_TAIL(&p->gone, c, gone_entry);
        if (c->kind == CHANGE_ENTRY_GONE)
                LIST_INSERT_HEAD(&c->published->gone, c, gone_of_dc_entry);
        if (++p->n_gone <= PUBLICATION_GONE_MAX)
                return;
        p->floor = TAILQ_FIRST(&p->gone)->stamp;
        publication_free_gone(p, TAILQ_FIRST(&p->gone));
}

static void publication_end_entry(Publication *p, Change *c)
{
        dlpe_done(&c->dlpe);
        c->kind = CHANGE_ENTRY_GONE;
        publication_add_gone(p, c);
}

static void entry_free(Publication *p, Change *c)
{
        publication_unstamp(p, c);
        dlpe_done(&c->dlpe);
        free(c);
}

/* ---- discovery controllers ---- */

static void published_free(Publication *p, Published *published)
{
        while (!LIST_EMPTY(&published->gone))
                publication_free_gone(p, LIST_FIRST(&published->gone));
        for (size_t i = 0; i < published->n_entries; i++)
                entry_free(p, published->entries[i]);
        publication_unstamp(p, &published->change);
        (void) tid_free(published->dc);
        free(published->device);
        free(published->entries);
        free(published);
}

static int publication_end_log(Publication *p, Published *published)
{
        Change *gone = calloc(1, sizeof(*gone));

        if (!gone)
                return -ENOMEM;
        (void) RB_REMOVE(PublishedTree, &p->dcs, published);
        gone->kind = CHANGE_DC_GONE;
        gone->dc = TAKE_PTR(published->dc);
        published_free(p, published);
        publication_add_gone(p, gone);
        return 0;
}

static Published *publication_find(Publication *p, const Tid *dc)
{
        Published key = { .dc = (Tid *) dc };

        return RB_FIND(PublishedTree, &p->dcs, &key);
}

static Published *publication_add_log(Publication *p, const Tid *dc)
{
        Published *published = calloc(1, sizeof(*published));

        if (!published || tid_dup(dc, &published->dc) < 0 || !(published->device = strdup(""))) {
                if (published)
                        (void) tid_free(published->dc);
                free(published);
                return NULL;
        }
        LIST_INIT(&published->gone);
        published->is_renewed = true;
        published->change = (Change) { .kind = CHANGE_DC, .published = published };
        (void) RB_INSERT(PublishedTree, &p->dcs, published);
        return published;
}

/* ---- two logs ---- */

/* Compares the fields that identify an entry. The others may change. */
static int entry_compare(const DlpEntry *a, const DlpEntry *b)
{
        int r;

        if (a->subtype != b->subtype)
                return a->subtype < b->subtype ? -1 : 1;
        if (a->trtype != b->trtype)
                return a->trtype < b->trtype ? -1 : 1;
        if (a->portid != b->portid)
                return a->portid < b->portid ? -1 : 1;
        if (a->cntlid != b->cntlid)
                return a->cntlid < b->cntlid ? -1 : 1;
        if ((r = strcmp(a->subnqn, b->subnqn)) != 0 || (r = strcmp(a->traddr, b->traddr)) != 0)
                return r;
        return strcmp(a->trsvcid, b->trsvcid);
}

/* An entry of a log and its index. */
typedef struct Place {
        const DlpEntry *dlpe;
        size_t i;
} Place;

static int place_compare(const void *a, const void *b)
{
        const Place *x = a, *y = b;
        int r = entry_compare(x->dlpe, y->dlpe);

        return r != 0 ? r : x->i < y->i ? -1 : x->i > y->i;
}

typedef struct Diff {
        Published *published;
        const DiscoveryLog *log;
        size_t begin, old_end, new_end; /* both are equal before begin and after the ends */
        size_t *from, *to;              /* new to old and old to new: index of the counterpart, or
                                         * NONE */
        Place *old_places, *new_places;
        Change **entries; /* the new entries; NULL: to be added */
} Diff;

#define NONE SIZE_MAX

static void diff_done(Diff *d)
{
        free(d->from);
        free(d->to);
        free(d->old_places);
        free(d->new_places);
        free(d->entries);
}

static bool is_same(const Diff *d, size_t old, size_t new)
{
        return entry_compare(&d->published->entries[old]->dlpe, &d->log->entries[new]) == 0;
}

static void diff_trim(Diff *d)
{
        d->old_end = d->published->n_entries;
        d->new_end = d->log->n_entries;
        while (d->begin < d->old_end && d->begin < d->new_end && is_same(d, d->begin, d->begin)) {
                d->from[d->begin] = d->to[d->begin] = d->begin;
                d->begin++;
        }
        while (d->old_end > d->begin && d->new_end > d->begin &&
               is_same(d, d->old_end - 1, d->new_end - 1)) {
                d->old_end--;
                d->new_end--;
                d->from[d->new_end] = d->old_end;
                d->to[d->old_end] = d->new_end;
        }
}

/* Pairs the entries in between with their counterparts; equal entries in order. */
static void diff_pair(Diff *d)
{
        size_t n_old = d->old_end - d->begin, n_new = d->new_end - d->begin, i = 0, j = 0;

        for (size_t k = 0; k < n_old; k++) {
                size_t at = d->begin + k;
                d->to[at] = NONE;
                d->old_places[k] = (Place) { &d->published->entries[at]->dlpe, at };
        }
        for (size_t k = 0; k < n_new; k++) {
                size_t at = d->begin + k;
                d->from[at] = NONE;
                d->new_places[k] = (Place) { &d->log->entries[at], at };
        }
        qsort(d->old_places, n_old, sizeof(*d->old_places), place_compare);
        qsort(d->new_places, n_new, sizeof(*d->new_places), place_compare);
        while (i < n_old && j < n_new) {
                int r = entry_compare(d->old_places[i].dlpe, d->new_places[j].dlpe);
                if (r == 0) {
                        d->to[d->old_places[i].i] = d->new_places[j].i;
                        d->from[d->new_places[j].i] = d->old_places[i].i;
                }
                i += r <= 0;
                j += r >= 0;
        }
}

/* Positions keep the order: an entry that has moved is removed and added again. Of two that
 * conflict, this is the one that has moved farther. */
static void diff_part_moved(Diff *d)
{
        size_t old = d->begin, new = d->begin;

        while (old < d->old_end && new < d->new_end) {
                if (d->to[old] == NONE)
                        old++;
                else if (d->from[new] == NONE)
                        new ++;
                else if (d->from[new] == old) {
                        old++;
                        new ++;
                } else if (d->from[new] - old > d->to[old] - new) {
                        d->to[d->from[new]] = NONE;
                        d->from[new ++] = NONE;
                } else {
                        d->from[d->to[old]] = NONE;
                        d->to[old++] = NONE;
                }
        }
}

static int diff_init(Diff *d, Published *published, const DiscoveryLog *log)
{
        size_t n_old = published->n_entries + 1, n_new = log->n_entries + 1;

        *d = (Diff) { .published = published, .log = log };
        d->from = calloc(n_new, sizeof(*d->from));
        d->to = calloc(n_old, sizeof(*d->to));
        d->old_places = calloc(n_old, sizeof(*d->old_places));
        d->new_places = calloc(n_new, sizeof(*d->new_places));
        d->entries = calloc(n_new, sizeof(*d->entries));
        return d->from && d->to && d->old_places && d->new_places && d->entries ? 0 : -ENOMEM;
}

/* ---- positions ---- */

/* Assigns positions between the neighbours to the entries from begin to end. False if there is no
 * room. */
static bool diff_place_run(Diff *d, size_t begin, size_t end)
{
        uint64_t n = end - begin, first, step = POSITION_STEP;
        const Change *before = begin > 0 ? d->entries[begin - 1] : NULL;
        const Change *behind = end < d->log->n_entries ? d->entries[end] : NULL;

        if (before && behind) {
                step = MIN(step, (behind->position - before->position) / (n + 1));
                first = before->position + step;
        } else if (before)
                first = before->position + step;
        else if (behind)
                first = behind->position - n * step;
        else
                first = POSITION_FIRST;
        if (step == 0 || (before && first <= before->position) ||
            (behind && first >= behind->position) || first > UINT64_MAX - n * step)
                return false;
        for (size_t i = begin; i < end; i++)
                d->entries[i]->position = first + (i - begin) * step;
        return true;
}

static bool diff_place(Diff *d)
{
        size_t n = d->log->n_entries;

        for (size_t i = 0, end; i < n; i = end) {
                for (end = i; end < n && d->from[end] == NONE;)
                        end++;
                if (end > i && !diff_place_run(d, i, end))
                        return false;
                end += end == i;
        }
        return true;
}

static void diff_forget_all(Diff *d)
{
        for (size_t i = 0; i < d->published->n_entries; i++)
                d->to[i] = NONE;
        for (size_t i = 0; i < d->log->n_entries; i++)
                d->from[i] = NONE;
}

static Change *entry_new(Published *published, const DlpEntry *dlpe)
{
        Change *c = calloc(1, sizeof(*c));

        if (!c || dlpe_copy(dlpe, &c->dlpe) < 0) {
                free(c);
                return NULL;
        }
        c->kind = CHANGE_ENTRY;
        c->published = published;
        return c;
}

/* Everything that can fail. */
static int diff_make(Diff *d)
{
        for (size_t i = 0; i < d->log->n_entries; i++)
                if (d->from[i] != NONE)
                        d->entries[i] = d->published->entries[d->from[i]];
                else if (!(d->entries[i] = entry_new(d->published, &d->log->entries[i])))
                        return -ENOMEM;
        return 0;
}

static void diff_unmake(Publication *p, Diff *d)
{
        for (size_t i = 0; i < d->log->n_entries; i++)
                if (d->from[i] == NONE && d->entries[i])
                        entry_free(p, d->entries[i]);
        memset(d->entries, 0, d->log->n_entries * sizeof(*d->entries));
}

static int diff_make_placed(Publication *p, Diff *d)
{
        int r = diff_make(d);

        if (r >= 0 && !diff_place(d)) { /* reassign all positions */
                diff_unmake(p, d);
                diff_forget_all(d);
                r = diff_make(d);
                (void) diff_place(d);
        }
        if (r < 0)
                diff_unmake(p, d);
        return r;
}

/* Updates the fields that may change while an entry stays. */
static void publication_update_entry(Publication *p, Change *c, const DlpEntry *to)
{
        if (dlpe_equal(&c->dlpe, to))
                return;
        c->dlpe.adrfam = to->adrfam;
        c->dlpe.treq = to->treq;
        c->dlpe.asqsz = to->asqsz;
        c->dlpe.eflags = to->eflags;
        c->dlpe.sectype = to->sectype;
        c->dlpe.bad_nqn = to->bad_nqn;
        publication_stamp(p, c);
}

static int publication_update_log(Publication *p, Published *published, const DiscoveryLog *log)
{
        _cleanup_(diff_done) Diff d;

        int r = diff_init(&d, published, log);
        if (r < 0)
                return r;
        diff_trim(&d);
        diff_pair(&d);
        diff_part_moved(&d);
        r = diff_make_placed(p, &d);
        if (r < 0)
                return r;
        for (size_t i = 0; i < published->n_entries; i++)
                if (d.to[i] == NONE)
                        publication_end_entry(p, published->entries[i]);
        for (size_t i = 0; i < log->n_entries; i++)
                if (d.from[i] == NONE)
                        publication_stamp(p, d.entries[i]);
                else
                        publication_update_entry(p, d.entries[i], &log->entries[i]);
        free(published->entries);
        published->entries = TAKE_PTR(d.entries);
        published->n_entries = log->n_entries;
        return 0;
}

/* ---- a walk ---- */

void publication_begin(Publication *p)
{
        p->walk++;
        p->walk_begin = p->last;
        p->is_behind = false;
}

int publication_put(Publication *p, const Tid *dc, const char *device, SourceState state,
                    uint64_t generation, const DiscoveryLog *log)
{
        static const DiscoveryLog none;
        Published *published = publication_find(p, dc);
        int r = 0;

        if (published) {
                published->walk = p->walk;
                if (!published->is_renewed && published->state == state &&
                    published->generation == generation && streq(published->device, device))
                        return 0;
        }
        if (p->last - p->walk_begin >= p->page_max) {
                p->is_behind = true;
                return 0;
        }
        if (!published && !(published = publication_add_log(p, dc)))
                return -ENOMEM;
        published->walk = p->walk;
        if (published->is_renewed || published->generation != generation)
                r = publication_update_log(p, published, log ? log : &none);
        if (r >= 0)
                r = text_replace(&published->device, device);
        if (r < 0)
                return r;
        published->state = state;
        published->generation = generation;
        published->is_renewed = false;
        publication_stamp(p, &published->change);
        return 0;
}

void publication_renew(Publication *p, const Tid *dc)
{
        Published *published = publication_find(p, dc);

        if (published)
                published->is_renewed = true;
}

int publication_end(Publication *p, bool complete)
{
        Published *published, *next;
        int r = 0;

        p->is_complete = complete;
        for (published = RB_MIN(PublishedTree, &p->dcs); published && r >= 0; published = next) {
                next = RB_NEXT(PublishedTree, &p->dcs, published);
                if (published->walk != p->walk)
                        r = publication_end_log(p, published);
        }
        return r;
}

/* ---- pages ---- */

static int page_open_log(LogChanges *page, const Published *published)
{
        ChangedLog *l = log_changes_add(page);

        if (!l || tid_dup(published->dc, &l->dc) < 0 ||
            text_replace(&l->device, published->device) < 0)
                return -ENOMEM;
        l->state = published->state;
        l->generation = published->generation;
        l->n_entries = published->n_entries;
        return 0;
}

static int page_add_entry(ChangedLog *l, const Change *c)
{
        LogEntry *e = changed_log_add(l);

        if (!e)
                return -ENOMEM;
        e->position = c->position;
        return dlpe_copy(&c->dlpe, &e->dlpe);
}

static int page_add_gone(LogChanges *page, const Change *c)
{
        Tid *dc;
        int r = tid_dup(c->dc, &dc);

        return r < 0 ? r : log_changes_add_gone(page, dc);
}

/* open: the discovery controller whose log is the last of the page. */
static int page_add(LogChanges *page, const Change *c, const Published **open)
{
        int r = c->kind == CHANGE_DC_GONE || c->published == *open
                        ? 0
                        : page_open_log(page, c->published);
        ChangedLog *l = page->n_logs > 0 ? &page->logs[page->n_logs - 1] : NULL;

        if (r < 0)
                return r;
        *open = c->published;
        switch (c->kind) {
        case CHANGE_ENTRY:
                return page_add_entry(l, c);
        case CHANGE_ENTRY_GONE:
                return changed_log_add_gone(l, c->position);
        case CHANGE_DC:
                l->finished = true;
                return 0;
        case CHANGE_DC_GONE:
                return page_add_gone(page, c);
        }
        return 0;
}

int publication_page(Publication *p, LogCursor at, LogChanges *ret)
{
        bool whole = at.epoch != p->epoch || at.generation > p->last || at.start < p->floor;
        _cleanup_log_changes_ LogChanges page = { .next = at, .whole = whole };
        const Published *open = NULL;

        if (whole)
                page.next = (LogCursor) { .epoch = p->epoch, .start = p->last };
        Change key = { .stamp = page.next.generation + 1 };
        Change *c = RB_NFIND(ChangeTree, &p->changes, &key);

        for (size_t n = 0; c && n < p->page_max; n++) {
                int r = page_add(&page, c, &open);
                if (r < 0)
                        return r;
                page.next.generation = c->stamp;
                c = RB_NEXT(ChangeTree, &p->changes, c);
        }
        page.more = c || p->is_behind;
        if (!page.more)
                page.next.generation = page.next.start = p->last;
        page.complete = p->is_complete && !page.more;
        *ret = page;
        page = (LogChanges) { 0 };
        return 0;
}

int publication_new(uint64_t epoch, size_t page_max, Publication **ret)
{
        Publication *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->epoch = epoch;
        p->page_max = page_max;
        RB_INIT(&p->changes);
        RB_INIT(&p->dcs);
        TAILQ_INIT(&p->gone);
        *ret = p;
        return 0;
}

Publication *publication_free(Publication *p)
{
        Published *published;

        if (!p)
                return NULL;
        while ((published = RB_MIN(PublishedTree, &p->dcs))) {
                (void) RB_REMOVE(PublishedTree, &p->dcs, published);
                published_free(p, published);
        }
        while (!TAILQ_EMPTY(&p->gone))
                publication_free_gone(p, TAILQ_FIRST(&p->gone));
        free(p);
        return NULL;
}
