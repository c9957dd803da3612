/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/test-hands.h"

#include <sys/queue.h>

#include "exec/jobs.h"
#include "exec/udev_rule.h"
#include "observe/interfaces.h"

typedef struct Work {
        STAILQ_ENTRY(Work) entry;
        Job job;
        bool is_over;
        Completion completion; /* of completed jobs */
} Work;

typedef STAILQ_HEAD(WorkList, Work) WorkList;

struct Executor {
        CompletionHandler handler;
        void *userdata;
        JobContext context;
        bool looks_only;
        sd_event_source *source;
        WorkList jobs;
};

typedef struct Probe {
        LIST_ENTRY(Probe) entry;
        uint64_t op_id;
} Probe;

struct Probes {
        ProbeHandler handler;
        void *userdata;
        LIST_HEAD(, Probe) list;
};

struct UeventMonitor {
        UeventHandler handler;
        void *userdata;
};

struct NetworkMonitor {
        int nothing;
};

/* The daemon's fakes; NULL if it has none (any more). */
static struct {
        const Host *host;
        Executor *executor;
        Probes *probes;
        UeventMonitor *monitor;
        Operation refused;
        int error; /* 0 if none is refused */
} hands;

void hands_init(const Host *h)
{
        hands.host = h;
        hands.error = 0;
}

/* ---- the executor ---- */

static bool is_done_at_once(Operation o)
{
        return job_only_looks(o) || o == OPERATION_SAVE || o == OPERATION_WATCH_IO ||
               o == OPERATION_FORGET_OWNER || o == OPERATION_CLAIM_OWNER || o == OPERATION_RESCAN;
}

static void end_job(Executor *e, Work *w, Completion completion)
{
        STAILQ_REMOVE(&e->jobs, w, Work, entry);
        e->handler(completion, e->userdata);
        job_done(&w->job);
        free(w);
}

static int on_jobs(sd_event_source *s, void *userdata)
{
        Executor *e = userdata;
        Work *next;

        for (Work *w = STAILQ_FIRST(&e->jobs); w; w = next) {
                Completion end = w->completion;

                next = STAILQ_NEXT(w, entry);
                if (!w->is_over && !is_done_at_once(w->job.operation))
                        continue;
                if (!w->is_over)
                        job_run(&e->context, &w->job, &end);
                end_job(e, w, end);
        }
        return 0;
}

int executor_new(sd_event *event, const ExecutorConfig *config, CompletionHandler handler,
                 void *userdata, Executor **ret)
{
        ExecutorConfig here = *config;
        Executor *e = calloc(1, sizeof(*e));
        char proc[PATH_MAX];

        assert_non_null(e);
        here.proc_root = root_path(&hands.host->root, "proc", proc);
        e->handler = handler;
        e->userdata = userdata;
        e->looks_only = config->looks_only;
        STAILQ_INIT(&e->jobs);
        assert_int_equal(job_context_init(&e->context, &here), 0);
        assert_true(sd_event_add_defer(event, &e->source, on_jobs, e) >= 0);
        assert_true(sd_event_source_set_enabled(e->source, SD_EVENT_OFF) >= 0);
        hands.executor = *ret = e;
        return 0;
}

static Work *add_work(Executor *e)
{
        Work *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        STAILQ_INSERT_TAIL(&e->jobs, w, entry);
        (void) sd_event_source_set_enabled(e->source, SD_EVENT_ONESHOT); /* unless the loop ends */
        return w;
}

int executor_submit(Executor *e, Job *job)
{
        if (e->looks_only && !job_only_looks(job->operation)) {
                job_done(job);
                return 0;
        }
        if (hands.error < 0 && job->operation == hands.refused) {
                int error = hands.error;

                hands.error = 0;
                return error;
        }
        Work *w = add_work(e);
        w->job = *job;
        job->options = job->name = job->known = NULL;
        job->data = NULL;
        job->state = NULL;
        return 0;
}

int executor_complete(Executor *e, const Completion *completion)
{
        Work *w = add_work(e);

        w->is_over = true;
        w->completion = *completion;
        return 0;
}

int executor_wait_for_files(Executor *e, usec_t timeout)
{
        return on_jobs(e->source, e);
}

Executor *executor_free(Executor *e)
{
        if (!e)
                return NULL;
        for (Work *w; (w = STAILQ_FIRST(&e->jobs));) {
                STAILQ_REMOVE_HEAD(&e->jobs, entry);
                job_done(&w->job);
                free(w);
        }
        (void) sd_event_source_disable_unref(e->source);
        job_context_done(&e->context);
        free(e);
        hands.executor = NULL;
        return NULL;
}

static Work *find_work(Operation operation)
{
        Work *w;

        STAILQ_FOREACH(w, &hands.executor->jobs, entry) {
                if (!w->is_over && w->job.operation == operation)
                        return w;
        }
        return NULL;
}

const Job *hands_find_job(Operation operation)
{
        Work *w = find_work(operation);

        return w ? &w->job : NULL;
}

void hands_finish_job(Operation operation, Completion end)
{
        Work *w = find_work(operation);

        assert_non_null(w);
        end.operation = operation;
        end.op_id = w->job.op_id;
        if (operation != OPERATION_CONNECT)
                end.instance = w->job.instance;
        end_job(hands.executor, w, end);
}

void hands_refuse_job(Operation operation, int error)
{
        hands.refused = operation;
        hands.error = error;
}

/* ---- probes ---- */

int probes_new(sd_event *event, ProbeHandler handler, void *userdata, Probes **ret)
{
        Probes *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        p->handler = handler;
        p->userdata = userdata;
        hands.probes = *ret = p;
        return 0;
}

int probes_start(Probes *p, uint64_t op_id, const Tid *target, usec_t timeout)
{
        Probe *probe = calloc(1, sizeof(*probe));

        assert_non_null(probe);
        probe->op_id = op_id;
        LIST_INSERT_HEAD(&p->list, probe, entry);
        return 0;
}

static void end_probe(Probe *probe)
{
        LIST_REMOVE(probe, entry);
        free(probe);
}

void probes_cancel(Probes *p, uint64_t op_id)
{
        Probe *probe;

        LIST_FOREACH(probe, &p->list, entry) {
                if (probe->op_id == op_id) {
                        end_probe(probe);
                        return;
                }
        }
}

Probes *probes_free(Probes *p)
{
        while (p && !LIST_EMPTY(&p->list))
                end_probe(LIST_FIRST(&p->list));
        free(p);
        hands.probes = NULL;
        return NULL;
}

bool hands_are_asked_to_probe(void)
{
        return !LIST_EMPTY(&hands.probes->list);
}

void hands_answer_probes(int error)
{
        while (!LIST_EMPTY(&hands.probes->list)) {
                uint64_t op_id = LIST_FIRST(&hands.probes->list)->op_id;

                end_probe(LIST_FIRST(&hands.probes->list));
                hands.probes->handler(op_id, error, hands.probes->userdata);
        }
}

/* ---- the kernel ---- */

int uevent_monitor_new(sd_event *event, UeventHandler handler, void *userdata, UeventMonitor **ret)
{
        UeventMonitor *m = calloc(1, sizeof(*m));

        assert_non_null(m);
        m->handler = handler;
        m->userdata = userdata;
        hands.monitor = *ret = m;
        return 0;
}

UeventMonitor *uevent_monitor_free(UeventMonitor *m)
{
        free(m);
        hands.monitor = NULL;
        return NULL;
}

void hands_tell_uevent(Uevent u)
{
        hands.monitor->handler(&u, hands.monitor->userdata);
}

int network_monitor_new(sd_event *event, NetworkHandler handler, void *userdata,
                        NetworkMonitor **ret)
{
        *ret = calloc(1, sizeof(**ret));
        assert_non_null(*ret);
        return 0;
}

NetworkMonitor *network_monitor_free(NetworkMonitor *m)
{
        free(m);
        return NULL;
}

int interfaces_read(Network *ret)
{
        Address a = address_parse(TRANSPORT_TCP, HOST_ADDRESS);

        *ret = (Network) { 0 };
        return network_add(ret, "eth0", &a);
}

UdevRule udev_rule_find(const char *root)
{
        return UDEV_RULE_NONE;
}

int udev_rule_override(const char *rules_dir, const char *target)
{
        return 0;
}

int udev_rule_restore(const char *rules_dir, const char *target)
{
        return 0;
}
