/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/executor.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "exec/clock.h"
#include "exec/jobs.h"
#include "exec/thread.h"

#define WORKER_IDLE (10 * USEC_PER_SEC)
/* Jobs that take longer are slow. */
#define SLOW_USEC USEC_PER_SEC
/* Number of slow controllers remembered; the oldest are dropped first. */
#define SLOW_MAX 512

/* A queued or running job, allocated with its result, so that reporting needs no memory. */
typedef struct Work {
        STAILQ_ENTRY(Work) entry;
        LIST_ENTRY(Work) running_entry;
        usec_t begun;
        bool is_slow; /* expected to be */
        Job job;
        Completion completion;
} Work;

typedef STAILQ_HEAD(WorkList, Work) WorkList;

typedef struct Pool Pool;

typedef struct LaneQueue {
        Pool *pool;
        Lane lane;
        WorkList queue, slow; /* slow: those expected to be slow */
        LIST_HEAD(, Work) running;
        pthread_cond_t wake, ended; /* ended: a job completed */
        unsigned n_queued, n_threads, n_idle;
} LaneQueue;

/* Shared by the loop and the workers. A worker that hangs in the kernel may outlive the executor:
 * the last user frees it. */
struct Pool {
        pthread_mutex_t lock;
        unsigned n_users; /* the executor and every thread */
        bool closed;      /* the executor is freed, and event_fd closed */
        int event_fd;
        LaneQueue lanes[_LANE_MAX];
        WorkList results;
        uint64_t slow[SLOW_MAX]; /* Job.whom of slow controllers; 0: free */
        size_t next_slow;
        JobContext context;
        usec_t idle; /* constant after startup */
};

struct Executor {
        Pool *pool;
        sd_event_source *source;
        CompletionHandler handler;
        void *userdata;
        bool looks_only;
};

static void work_free(Work *w)
{
        job_done(&w->job);
        completion_done(&w->completion);
        free(w);
}

static void work_list_free(WorkList *l)
{
        for (Work *w; (w = STAILQ_FIRST(l));) {
                STAILQ_REMOVE_HEAD(l, entry);
                work_free(w);
        }
}

static void pool_free(Pool *p)
{
        for (Lane l = 0; l < _LANE_MAX; l++) {
                (void) pthread_cond_destroy(&p->lanes[l].wake);
                (void) pthread_cond_destroy(&p->lanes[l].ended);
        }
        (void) pthread_mutex_destroy(&p->lock);
        job_context_done(&p->context);
        free(p);
}

/* Drops a reference; called with the lock held, and releases it. */
static void pool_leave(Pool *p)
{
        bool is_last = --p->n_users == 0;
        (void) pthread_mutex_unlock(&p->lock);
        if (is_last)
                pool_free(p);
}

static void init_lanes(Pool *p)
{
        for (Lane l = 0; l < _LANE_MAX; l++) {
                p->lanes[l] = (LaneQueue) { .pool = p, .lane = l };
                STAILQ_INIT(&p->lanes[l].queue);
                STAILQ_INIT(&p->lanes[l].slow);
                LIST_INIT(&p->lanes[l].running);
                thread_cond_init(&p->lanes[l].wake);
                thread_cond_init(&p->lanes[l].ended);
        }
}

static int pool_new(const ExecutorConfig *config, Pool **ret)
{
        Pool *p = calloc(1, sizeof(*p));
        if (!p || job_context_init(&p->context, config) < 0) {
                free(p);
                return -ENOMEM;
        }
        p->n_users = 1;
        p->event_fd = -1;
        p->idle = config->idle > 0 ? config->idle : WORKER_IDLE;
        STAILQ_INIT(&p->results);
        (void) pthread_mutex_init(&p->lock, NULL);
        init_lanes(p);
        *ret = p;
        return 0;
}

/* ---- slow controllers; called under the lock ---- */

static uint64_t *find_slow(Pool *p, uint64_t whom)
{
        for (size_t i = 0; whom != 0 && i < SLOW_MAX; i++)
                if (p->slow[i] == whom)
                        return &p->slow[i];
        return NULL;
}

/* An error status counts as an answer. */
static bool was_slow(const Work *w)
{
        const Completion *c = &w->completion;

        return now_monotonic() - w->begun > SLOW_USEC ||
               (c->error < 0 && c->error != -EBADMSG && c->nvme_status == 0);
}

static void remember_speed(Pool *p, const Work *w)
{
        uint64_t *known = find_slow(p, w->job.whom);

        if (known && !was_slow(w))
                *known = 0;
        if (known || w->job.whom == 0 || !was_slow(w))
                return;
        p->slow[p->next_slow] = w->job.whom;
        p->next_slow = (p->next_slow + 1) % SLOW_MAX;
}

/* Includes running jobs that exceeded the limit. */
static unsigned count_slow(const LaneQueue *q)
{
        const Work *w;
        usec_t now = now_monotonic();
        unsigned n = 0;

        LIST_FOREACH(w, &q->running, running_entry)
                n += w->is_slow || now - w->begun > SLOW_USEC;
        return n;
}

/* Slow jobs run last, but one of them may always run, so that a fast controller with continuous
 * jobs does not starve them. */
static WorkList *lane_choose(LaneQueue *q)
{
        if (STAILQ_EMPTY(&q->slow))
                return STAILQ_EMPTY(&q->queue) ? NULL : &q->queue;
        unsigned n_slow = count_slow(q);
        if (!STAILQ_EMPTY(&q->queue) && n_slow > 0)
                return &q->queue;
        return n_slow < lane_info(q->lane)->n_slow_max ? &q->slow : NULL;
}

static Work *lane_begin(LaneQueue *q)
{
        WorkList *l = lane_choose(q);
        if (!l)
                return NULL;
        Work *w = STAILQ_FIRST(l);
        STAILQ_REMOVE_HEAD(l, entry);
        q->n_queued--;
        w->begun = now_monotonic();
        LIST_INSERT_HEAD(&q->running, w, running_entry);
        return w;
}

/* Waits for the lane's next job; returns NULL if the thread should exit. Called under the lock. */
static Work *lane_next(LaneQueue *q)
{
        struct timespec deadline = thread_deadline(q->pool->idle);
        int r = 0;

        while (!q->pool->closed) {
                Work *w = lane_begin(q);
                if (w)
                        return w;
                if (r == ETIMEDOUT)
                        return NULL;
                q->n_idle++;
                r = pthread_cond_timedwait(&q->wake, &q->pool->lock, &deadline);
                q->n_idle--;
        }
        return NULL;
}

/* Called under the lock, so that the descriptor is not closed concurrently. */
static void pool_deliver(Pool *p, Work *w)
{
        const uint64_t one = 1;

        if (p->closed) {
                work_free(w);
                return;
        }
        /* Fails only if the counter is at its maximum, when the loop has been notified already. */
        ssize_t n = write(p->event_fd, &one, sizeof(one));
        (void) n;
        STAILQ_INSERT_TAIL(&p->results, w, entry);
}

static void *worker_main(void *userdata)
{
        LaneQueue *q = userdata;
        Pool *p = q->pool;

        (void) pthread_setname_np(pthread_self(), lane_info(q->lane)->thread_name);
        (void) pthread_mutex_lock(&p->lock);
        for (Work *w; (w = lane_next(q));) {
                (void) pthread_mutex_unlock(&p->lock);
                job_run(&p->context, &w->job, &w->completion);
                (void) pthread_mutex_lock(&p->lock);
                LIST_REMOVE(w, running_entry);
                remember_speed(p, w);
                pool_deliver(p, w);
                (void) pthread_cond_signal(&q->ended);
        }
        q->n_threads--;
        pool_leave(p);
        return NULL;
}

/* Ensures that a thread takes the lane's newest job. Called under the lock. */
static int lane_wake(LaneQueue *q)
{
        /* A woken thread counts as idle until it runs: one queued job is its own. */
        if (q->n_idle >= q->n_queued || q->n_threads >= lane_info(q->lane)->n_threads_max) {
                (void) pthread_cond_signal(&q->wake);
                return 0;
        }
        q->n_threads++;
        q->pool->n_users++;
        if (thread_start(worker_main, q) == 0)
                return 0;
        q->n_threads--;
        q->pool->n_users--;
        /* With fewer threads the job is delayed; without any it would never run. */
        return q->n_threads > 0 ? 0 : -ENOMEM;
}

int executor_submit(Executor *e, Job *job)
{
        LaneQueue *q = &e->pool->lanes[job_lane(job->operation)];

        if (e->looks_only && !job_only_looks(job->operation)) {
                job_done(job);
                return 0;
        }
        Work *w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->job = *job;
        if (lane_info(q->lane)->n_slow_max == 0) /* waits only for the kernel */
                w->job.whom = 0;

        (void) pthread_mutex_lock(&e->pool->lock);
        w->is_slow = find_slow(e->pool, w->job.whom);
        WorkList *l = w->is_slow ? &q->slow : &q->queue;
        STAILQ_INSERT_TAIL(l, w, entry);
        q->n_queued++;
        int r = lane_wake(q);
        if (r < 0) {
                STAILQ_REMOVE(l, w, Work, entry);
                q->n_queued--;
        }
        (void) pthread_mutex_unlock(&e->pool->lock);

        if (r < 0) {
                free(w);
                return r;
        }
        job->options = job->name = job->known = NULL;
        job->data = NULL;
        job->state = NULL;
        return 0;
}

int executor_complete(Executor *e, const Completion *completion)
{
        Work *w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->completion = *completion;
        (void) pthread_mutex_lock(&e->pool->lock);
        pool_deliver(e->pool, w);
        (void) pthread_mutex_unlock(&e->pool->lock);
        return 0;
}

int executor_wait_for_files(Executor *e, usec_t timeout)
{
        const struct timespec deadline = thread_deadline(timeout);
        LaneQueue *q = &e->pool->lanes[LANE_FILE];
        int r = 0;

        (void) pthread_mutex_lock(&e->pool->lock);
        while (r == 0 && (q->n_queued > 0 || !LIST_EMPTY(&q->running)))
                r = pthread_cond_timedwait(&q->ended, &e->pool->lock, &deadline);
        (void) pthread_mutex_unlock(&e->pool->lock);
        return -r;
}

static int on_results(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Executor *e = userdata;
        WorkList results = STAILQ_HEAD_INITIALIZER(results);
        uint64_t count;

        (void) pthread_mutex_lock(&e->pool->lock);
        /* Nothing to read: handled already. */
        if (read(fd, &count, sizeof(count)) < 0)
                count = 0;
        STAILQ_CONCAT(&results, &e->pool->results);
        (void) pthread_mutex_unlock(&e->pool->lock);

        for (Work *w; (w = STAILQ_FIRST(&results));) {
                STAILQ_REMOVE_HEAD(&results, entry);
                Completion completion = w->completion;
                w->completion = (Completion) { 0 };
                work_free(w);
                e->handler(completion, e->userdata);
        }
        return 0;
}

static int executor_add_source(Executor *e, sd_event *event)
{
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0)
                return -errno;
        int r = sd_event_add_io(event, &e->source, fd, EPOLLIN, on_results, e);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(e->source, 1);
        if (r < 0) {
                (void) close(fd);
                return r;
        }
        e->pool->event_fd = fd;
        (void) sd_event_source_set_description(e->source, "results");
        return 0;
}

int executor_new(sd_event *event, const ExecutorConfig *config, CompletionHandler handler,
                 void *userdata, Executor **ret)
{
        _cleanup_(executor_freep) Executor *e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->handler = handler;
        e->userdata = userdata;
        e->looks_only = config->looks_only;

        int r = pool_new(config, &e->pool);
        if (r < 0)
                return r;
        r = executor_add_source(e, event);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(e);
        return 0;
}

/* Detaches the pool from its loop: drops jobs that have not started and ends idle threads. */
static void pool_close(Pool *p)
{
        (void) pthread_mutex_lock(&p->lock);
        p->closed = true;
        for (Lane l = 0; l < _LANE_MAX; l++) {
                work_list_free(&p->lanes[l].queue);
                work_list_free(&p->lanes[l].slow);
                (void) pthread_cond_broadcast(&p->lanes[l].wake);
        }
        work_list_free(&p->results);
        pool_leave(p);
}

Executor *executor_free(Executor *e)
{
        if (!e)
                return NULL;
        /* In this order, so that no worker writes to a closed descriptor. */
        if (e->pool)
                pool_close(e->pool);
        (void) sd_event_source_disable_unref(e->source);
        free(e);
        return NULL;
}
