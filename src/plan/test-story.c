/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/test-story.h"

#include <stdio.h>

#include "base/text.h"

Tid *story_tid(const Story *s, const char *name)
{
        char nqn[64];
        Tid *tid;
        const char *at = strchr(name, '@');
        int n = at ? (int) (at - name) : (int) strlen(name);

        (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.lab:%.*s", n, name);
        TidFields f = {
                .transport = s->transport ? s->transport : "tcp",
                .traddr = at ? at + 1 : "192.0.2.1",
                .subsysnqn = streq(name, "dc") ? NULL : nqn,
        };
        assert_int_equal(tid_new(&f, s->role, &tid), 0);
        return tid;
}

Device *story_device(const Story *s, int instance, uint64_t inode, const char *name)
{
        Device *d = calloc(1, sizeof(*d));

        assert_non_null(d);
        *d = (Device) {
                .instance = instance,
                .inode = inode,
                .state = DEVICE_LIVE,
                .kind = s->role,
                .tid = story_tid(s, name),
                .host_id = strdup(""),
                .model = strdup(""),
                .serial = strdup(""),
                .cntrltype = strdup(""),
                .dctype = strdup(""),
        };
        return d;
}

Policy *story_policy(const Story *s)
{
        Policy *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        p->role = s->role;
        p->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        settings_init(&p->settings);
        return p;
}

static void merge(Story *s)
{
        Plan *m = &s->merged;

        m->wake_at = s->plan->wake_at;
        for (size_t i = 0; i < s->plan->n_actions; i++) {
                if (s->plan->actions[i].operation == OPERATION_PROBE)
                        continue;
                assert_true(m->n_actions < ELEMENTSOF(s->actions));
                s->actions[m->n_actions++] = s->plan->actions[i];
        }
        for (size_t i = 0; i < s->plan->n_notes; i++) {
                assert_true(m->n_notes < ELEMENTSOF(s->notes));
                s->notes[m->n_notes++] = s->plan->notes[i];
        }
}

/* Answers the probes of the plan. */
static bool answer_probes(Story *s)
{
        uint64_t op_ids[ENGINE_PROBES_MAX];
        size_t n = 0;

        for (size_t i = 0; i < s->plan->n_actions; i++)
                if (s->plan->actions[i].operation == OPERATION_PROBE) {
                        assert_true(n < ELEMENTSOF(op_ids));
                        op_ids[n++] = s->plan->actions[i].op_id;
                }
        for (size_t i = 0; i < n; i++)
                end_probe(s->engine, op_ids[i], 0, s->now);
        return n > 0;
}

const Plan *story_plan(Story *s)
{
        assert_int_equal(engine_plan(s->engine, s->now, &s->plan), 0);
        s->merged = (Plan) { .actions = s->actions, .notes = s->notes };
        while (!s->by_hand) {
                merge(s);
                if (!answer_probes(s))
                        break;
                assert_int_equal(engine_plan(s->engine, s->now, &s->plan), 0);
        }
        if (!s->by_hand)
                s->plan = &s->merged;
        for (size_t i = 0; i < s->plan->n_actions; i++)
                s->begun[s->plan->actions[i].operation] = s->plan->actions[i].op_id;
        return s->plan;
}

uint64_t story_take(Story *s, Operation operation)
{
        (void) story_plan(s);
        uint64_t op_id = s->begun[operation];
        assert_int_not_equal(op_id, 0);
        s->begun[operation] = 0;
        return op_id;
}

const Action *story_act(Story *s, Operation operation)
{
        const Plan *p = story_plan(s);
        const Action *found = NULL;

        for (size_t i = 0; i < p->n_actions; i++)
                if (p->actions[i].operation == operation) {
                        assert_null(found);
                        found = &p->actions[i];
                }
        assert_non_null(found);
        return found;
}

void story_expect_nothing(Story *s)
{
        assert_int_equal(story_plan(s)->n_actions, 0);
}

size_t story_count_notes(const Story *s, NoteKind kind)
{
        size_t n = 0;

        for (size_t i = 0; i < s->plan->n_notes; i++)
                n += s->plan->notes[i].kind == kind;
        return n;
}

const Row *story_find(const Story *s, const char *name)
{
        _cleanup_tid_ Tid *tid = story_tid(s, name);

        return engine_find_row(s->engine, tid);
}

void story_expect_reason(const Story *s, const char *name, Reason reason)
{
        const Row *row = story_find(s, name);

        assert_non_null(row);
        assert_string_equal(reason_to_string(row->decision.reason), reason_to_string(reason));
}

SourceSet *story_set(const Story *s, const char *key, SourceKind kind, SourceState state,
                     const char *names)
{
        SourceSet *set;
        _cleanup_free_ char *copy = strdup(names);

        assert_int_equal(source_set_new(key, kind, state, &set), 0);
        for (char *name = strtok(copy, " "); name; name = strtok(NULL, " "))
                assert_non_null(source_set_add(set, story_tid(s, name), key));
        source_set_seal(set);
        return set;
}

void story_say(Story *s, const char *key, SourceState state, const char *names)
{
        SourceSet *set = story_set(s, key, SOURCE_CONFIGURED, state, names);

        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

void story_remember(Story *s, const char *key, const char *names)
{
        SourceSet *set = story_set(s, key, SOURCE_DISCOVERY_LOG, SOURCE_UNKNOWN, names);

        set->restored = true;
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

void story_uevent(Story *s, KernelEvent event, int instance)
{
        assert_int_equal(engine_kernel_event(s->engine, event, instance, s->now), 0);
}

void story_scan(Story *s, Device *a, Device *b)
{
        Device *devices[] = { a, b };

        assert_int_equal(end_scan(s->engine, story_take(s, OPERATION_SCAN), 0, devices,
                                  (size_t) !!a + (size_t) !!b, s->now),
                         0);
}

void story_read_device(Story *s, uint64_t op_id, int instance, Device *d)
{
        assert_int_equal(end_read_device(s->engine, op_id, instance, d ? 0 : -ENODEV, d, s->now),
                         0);
}

void story_connect_as(Story *s, int instance, uint64_t inode, const char *name)
{
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        story_uevent(s, KERNEL_ADDED, instance);
        story_uevent(s, KERNEL_CONNECTED, instance);
        assert_int_equal(end_connect(s->engine, op_id, 0, instance, inode, s->now), 0);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), instance,
                          story_device(s, instance, inode, name));
}

void story_disconnect(Story *s, int instance)
{
        assert_int_equal(story_act(s, OPERATION_DISCONNECT)->instance, instance);
        uint64_t op_id = story_take(s, OPERATION_DISCONNECT);
        story_uevent(s, KERNEL_REMOVED, instance);
        end_disconnect(s->engine, op_id, 0, NULL, s->now);
}

DiscoveryLog *story_log(uint16_t portid)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));

        assert_non_null(log);
        log->entries = calloc(1, sizeof(*log->entries));
        assert_non_null(log->entries);
        log->n_entries = 1;
        log->entries[0] = (DlpEntry) {
                .subtype = DLPE_NVME,
                .portid = portid,
                .subnqn = strdup("nqn.2024-01.lab:entry"),
                .traddr = strdup("192.0.2.9"),
        };
        return log;
}

void story_wait_for(Story *s, usec_t t)
{
        s->now += t;
}

void story_begin(Story *s, ControllerKind role)
{
        *s = (Story) { .now = 1000 * USEC_PER_SEC, .role = role };
        assert_int_equal(engine_new(story_policy(s), &s->engine), 0);
}

void story_end(Story *s)
{
        (void) engine_free(s->engine);
}
