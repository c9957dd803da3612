/* SPDX-License-Identifier: Apache-2.0 */

/* Records inputs and decisions of the engines, if requested. */

#include <limits.h>

#include "codec/recording.h"
#include "sim-daemon.h"

static void put(SimDaemon *d, char *taken)
{
        _cleanup_free_ char *line = sim_must(taken);

        if (fprintf(d->recording, "%s\n", line) < 0)
                abort();
}

void sim_tell(Sim *s, SimDaemon *d, EngineInput in)
{
        in.now = s->now;
        if (d->recording)
                put(d, recording_encode_input(&in));
        CHECK(s, d, engine_take(d->engine, &in) == 0, "memory");
}

void sim_set_owner(Sim *s, int instance, SimOwner owner)
{
        sim_kernel_set_owner(&s->kernel, instance, owner);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine)
                        sim_tell(s, &s->daemons[i],
                                 (EngineInput) { .kind = INPUT_OWNER_CHANGED,
                                                 .instance = instance });
}

static void record_plan(SimDaemon *d, const Plan *p, usec_t now)
{
        _cleanup_properties_list_ PropertiesList l = { 0 };

        for (size_t i = 0; i < p->n_actions; i++)
                if (action_describe(&p->actions[i], sim_must(properties_list_add(&l))) < 0)
                        abort();
        put(d, recording_encode_plan(now, &l));
}

const Plan *sim_plan(Sim *s, SimDaemon *d)
{
        const Plan *p;

        CHECK(s, d, engine_plan(d->engine, s->now, &p) == 0, "memory");
        if (d->recording)
                record_plan(d, p, s->now);
        return p;
}

/* A restarted daemon appends to its recording, like the real ones. */
void sim_record_start(const Sim *s, SimDaemon *d)
{
        char path[PATH_MAX];

        if (!s->recordings)
                return;
        (void) snprintf(path, sizeof(path), "%s/%s-%llu.rec", s->recordings, d->name,
                        (unsigned long long) s->seed);
        if (!d->recording)
                d->recording = fopen(path, "we");
        CHECK(s, d, d->recording, "cannot write %s", path);
        put(d, recording_encode_start(d->name, 0, s->now, engine_policy(d->engine)));
}

void sim_record_done(SimDaemon *d)
{
        if (d->recording && fclose(d->recording) != 0)
                abort();
        d->recording = NULL;
}
