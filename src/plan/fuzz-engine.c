/* SPDX-License-Identifier: Apache-2.0 */

/* Interprets bytes as a sequence of inputs: source sets, events of the kernel and completions, in
 * any order and regardless of consistency. The engine must never start an operation that is not
 * permitted, and its incremental decisions must equal those of a plan from scratch. */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/engine.h"
#include "plan/test-ends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
        N_TARGETS = 8, /* in pairs that may share a connection */
        N_SOURCES = 4,
        N_INSTANCES = 8,
        N_OPS = 128,
};

typedef struct Source {
        uint8_t listed, restored; /* targets; restored: including passive ones */
} Source;

typedef struct Pending {
        Operation operation;
        uint64_t op_id;
        int instance;
        const Tid *tid; /* PROBE */
} Pending;

typedef struct Fuzz {
        const uint8_t *data;
        size_t size;
        Engine *engine;
        usec_t now;
        ControllerKind role;
        Tid *targets[N_TARGETS];
        Source sources[N_SOURCES];
        uint8_t excluded;
        bool releasing;
        Pending pending[N_OPS];
        size_t n_pending;
        uint64_t last_op_id;
} Fuzz;

static uint8_t next_byte(Fuzz *f)
{
        if (f->size == 0)
                return 0;
        f->size--;
        return *f->data++;
}

/* I/O: with and without an interface; discovery: the well-known NQN and a unique one. */
static Tid *make_tid(ControllerKind role, size_t i)
{
        char traddr[32], nqn[32];
        Tid *tid;

        (void) snprintf(traddr, sizeof(traddr), "192.0.2.%zu", i / 2 + 1);
        (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.lab:%zu", i / 2);
        TidFields fields = {
                .transport = "tcp",
                .traddr = traddr,
                .subsysnqn = role == CONTROLLER_DISCOVERY && i % 2 == 0 ? NULL : nqn,
                .host_iface = role == CONTROLLER_IO && i % 2 ? "eth0" : NULL,
        };
        int r = tid_new(&fields, role, &tid);
        assert(r == 0);
        return tid;
}

static size_t find_target(const Fuzz *f, const Tid *tid)
{
        for (size_t i = 0; i < N_TARGETS; i++)
                if (tid_compare(f->targets[i], tid) == 0)
                        return i;
        return N_TARGETS;
}

static void set_source(Fuzz *f)
{
        uint8_t what = next_byte(f), listed = next_byte(f);
        Source *source = &f->sources[what % N_SOURCES];
        SourceState state = (what >> 2) % _SOURCE_STATE_MAX;
        SourceKind kind = (what >> 4) & 1 ? SOURCE_NBFT : SOURCE_DISCOVERY_LOG;
        bool restored = what >> 7, passive = kind == SOURCE_NBFT && (what >> 6) & 1;
        char key[2] = { (char) ('a' + what % N_SOURCES), '\0' };
        SourceSet *set;

        int r = source_set_new(key, kind, state, &set);
        assert(r == 0);
        set->restored = restored;
        for (size_t i = 0; i < N_TARGETS; i++) {
                if (!(listed & (1U << i)))
                        continue;
                SourceEntry *entry = source_set_add(set, make_tid(f->role, i), key);
                assert(entry);
                entry->passive = passive;
                entry->dlpe = calloc(1, sizeof(*entry->dlpe));
                assert(entry->dlpe);
                entry->dlpe->eflags = (what >> 5) & 1 ? DLPE_EFLAGS_NCC : 0;
                entry->dlpe->subnqn = strdup("");
                entry->dlpe->traddr = strdup("");
        }
        source_set_seal(set);
        if (state == SOURCE_COMPLETE)
                *source = (Source) { 0 };
        source->listed |= listed;
        source->restored = (uint8_t) (restored || passive ? source->restored | listed
                                                          : source->restored & ~listed);
        r = engine_set_source(f->engine, set, f->now);
        assert(r == 0);
}

static void drop_source(Fuzz *f)
{
        uint8_t which = next_byte(f) % N_SOURCES;
        char key[2] = { (char) ('a' + which), '\0' };

        engine_drop_source(f->engine, key, f->now);
        f->sources[which] = (Source) { 0 };
}

static Policy *make_policy(Fuzz *f)
{
        uint8_t what = next_byte(f);
        Policy *p = calloc(1, sizeof(*p));
        assert(p);

        f->excluded = next_byte(f);
        p->role = f->role;
        p->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        p->disconnect_scope = what % _DISCONNECT_SCOPE_MAX;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        p->connect_attempts_on_ncc = (what >> 2) & 3;
        settings_init(&p->settings);
        for (size_t i = 0; i < N_TARGETS; i++) {
                TidFields fields;
                if (!(f->excluded & (1U << i)))
                        continue;
                tid_fields(f->targets[i], &fields);
                int r = exclude_list_add(&p->excludes, &fields, "rule");
                assert(r == 0);
        }
        /* A rule without an interface also matches targets with one. */
        for (size_t i = 0; i < N_TARGETS; i++)
                if (exclude_list_match(&p->excludes, f->targets[i]))
                        f->excluded |= (uint8_t) (1U << i);
        return p;
}

static void set_network(Fuzz *f)
{
        const Reachability reachability = { .interface = "eth0" };
        Network network = { 0 };
        Address a = address_parse(TRANSPORT_TCP, "192.0.2.101");

        if (next_byte(f) & 1) {
                int r = network_add(&network, "eth0", &a);
                assert(r == 0);
        }
        bool came_up = network.n_addresses > 0;
        engine_set_network(f->engine, &network, f->now);
        if (came_up)
                engine_reachability_changed(f->engine, &reachability);
}

static Device *make_device(Fuzz *f, int instance)
{
        uint8_t what = next_byte(f), inode = next_byte(f);
        Device *d = calloc(1, sizeof(*d));
        assert(d);

        *d = (Device) {
                .instance = instance,
                .inode = inode % 16, /* 0: unknown */
                .state = inode >> 6 ? DEVICE_LIVE : DEVICE_CONNECTING,
                .kind = what & 0x10 ? CONTROLLER_IO : f->role,
                .tid = make_tid(f->role, what % N_TARGETS),
                .src_address = address_parse(TRANSPORT_TCP, what & 0x20 ? "192.0.2.101" : NULL),
                .host_id = strdup(""),
                .model = strdup(""),
                .serial = strdup(""),
                .cntrltype = strdup(""),
                .dctype = strdup(what & 0x80   ? "ddc"
                                 : what & 0x40 ? "cdc"
                                               : ""),
                .owner = what & 0x40 ? strdup(what & 0x80 ? DEVICE_OWNER_STAS : "other") : NULL,
        };
        return d;
}

static DiscoveryLog *make_log(Fuzz *f)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));
        assert(log);

        log->genctr = next_byte(f);
        return log;
}

static void scan_ends(Fuzz *f, uint64_t op_id, int error)
{
        Device *devices[N_INSTANCES];
        uint8_t seen = next_byte(f);
        size_t n = 0;

        for (int i = N_INSTANCES - 1; i >= 0; i--)
                if (seen & (1U << i))
                        devices[n++] = make_device(f, i);
        int r = end_scan(f->engine, op_id, error, devices, n, f->now);
        assert(r == 0);
}

static int connect_ends(Fuzz *f, uint64_t op_id, uint8_t what, int error)
{
        int instance = (what >> 4) % N_INSTANCES;
        uint64_t inode = error < 0 || what & 0x80 ? 0 : next_byte(f) % 16;

        return end_connect(f->engine, op_id, error, instance, inode, f->now);
}

static void complete(Fuzz *f, Operation operation, uint64_t op_id, int instance)
{
        static const int errors[] = { 0,    0,       0,        -EALREADY,   -ENODEV,
                                      -EIO, -ESTALE, -EBADMSG, -EOPNOTSUPP, -EINTR };
        uint8_t what = next_byte(f);
        int error = errors[what % ELEMENTSOF(errors)], r;
        Completion end = {
                .operation = operation,
                .op_id = op_id,
                .instance = instance,
                .error = error,
                .nvme_status = what & 0x40 ? 1 : 0,
                .offers = what >> 4,
        };

        if (operation == OPERATION_SCAN) {
                scan_ends(f, op_id, error);
                return;
        }
        if (operation == OPERATION_READ_LOG && error >= 0)
                end.log = make_log(f);
        if (operation == OPERATION_READ_DEVICE && error >= 0)
                end.device = make_device(f, instance);
        r = operation == OPERATION_CONNECT ? connect_ends(f, op_id, what, error)
                                           : engine_complete(f->engine, end, f->now);
        assert(r == 0);
}

static void complete_pending(Fuzz *f)
{
        if (f->n_pending == 0)
                return;
        size_t i = next_byte(f) % f->n_pending;
        Pending p = f->pending[i];
        f->pending[i] = f->pending[--f->n_pending];
        complete(f, p.operation, p.op_id, p.instance);
}

/* Completes an operation that has ended or was never started. */
static void complete_any(Fuzz *f)
{
        uint64_t op_id = next_byte(f);
        uint8_t what = next_byte(f);

        for (size_t i = 0; i < f->n_pending; i++)
                if (f->pending[i].op_id == op_id)
                        return;
        complete(f, what % _OPERATION_MAX, op_id, (what >> 4) % N_INSTANCES);
}

static bool is_wanted(const Fuzz *f, size_t target, bool at_first_hand)
{
        for (size_t i = 0; i < N_SOURCES; i++) {
                uint8_t listed = f->sources[i].listed;
                if (at_first_hand)
                        listed &= (uint8_t) ~f->sources[i].restored;
                if (listed & ~f->excluded & (1U << target))
                        return true;
        }
        return false;
}

static void check_disconnect(const Fuzz *f, const Action *a)
{
        const DeviceNode *n = engine_find_device(f->engine, a->instance);
        const Policy *p = engine_policy(f->engine);
        const Row *u;

        assert(n && n->device && n->device->inode == a->inode && a->row->node == n);
        assert(n->ours || p->disconnect_scope == DISCONNECT_ALL_MATCHING);
        assert(f->releasing || p->disconnect_scope != DISCONNECT_NONE || a->row->attempts.brief);
        assert(!device_owner_is_foreign(n->device->owner));
        LIST_FOREACH(u, &n->users, user_entry) {
                assert(f->releasing || !u->wanted.is_wanted || u->attempts.brief);
                assert(!u->wanted.firmware);
                assert(u == a->row || u->op.operation == OPERATION_NONE);
        }
}

/* The probe may have ended before the plan was requested. */
static void cancel(Fuzz *f, const Action *a)
{
        for (size_t i = 0; i < f->n_pending; i++)
                if (f->pending[i].op_id == a->cancels) {
                        assert(f->pending[i].operation == OPERATION_PROBE);
                        f->pending[i] = f->pending[--f->n_pending];
                        return;
                }
}

static void take_action(Fuzz *f, const Action *a)
{
        assert(a->op_id > f->last_op_id);
        f->last_op_id = a->op_id;
        if (a->operation == OPERATION_CANCEL_PROBE) {
                cancel(f, a);
                return;
        }
        for (size_t i = 0; i < f->n_pending; i++) {
                assert(f->pending[i].operation != a->operation ||
                       (a->operation != OPERATION_CONNECT && a->operation != OPERATION_SCAN));
                assert(a->operation != OPERATION_PROBE || f->pending[i].operation != a->operation ||
                       tid_compare_path(f->pending[i].tid, a->row->tid) != 0);
        }
        if (a->operation == OPERATION_CONNECT)
                assert(a->row->portal->answered_until > f->now);
        if (a->operation == OPERATION_CONNECT) {
                size_t target = find_target(f, a->row->tid);
                assert(!f->releasing && target < N_TARGETS && is_wanted(f, target, true));
                assert(!a->row->node);
        }
        if (a->operation == OPERATION_DISCONNECT)
                check_disconnect(f, a);
        assert(f->n_pending < N_OPS);
        f->pending[f->n_pending++] = (Pending) {
                .operation = a->operation,
                .op_id = a->op_id,
                .instance = a->instance,
                .tid = a->row ? f->targets[find_target(f, a->row->tid)] : NULL,
        };
}

static void check_rows(const Fuzz *f)
{
        uint8_t seen = 0;

        for (const Row *row = engine_next_row(f->engine, NULL); row;
             row = engine_next_row(f->engine, row)) {
                Facts facts = engine_facts(f->engine, row);
                Decision d = plan_controller(&facts, engine_policy(f->engine), f->now);
                size_t target = find_target(f, row->tid);
                bool wanted = target < N_TARGETS && is_wanted(f, target, false);

                assert(row->op.operation != OPERATION_NONE ||
                       decision_starts(&row->decision, OPERATION_READ_DEVICE) ||
                       (d.step == row->decision.step && d.operation == row->decision.operation &&
                        d.at == row->decision.at));
                assert(facts.wanted == wanted);
                assert(facts.claimed || facts.device || facts.op != OPERATION_NONE);
                assert(row->log.state != SOURCE_COMPLETE || facts.device);
                if (wanted)
                        seen |= (uint8_t) (1U << target);
        }
        for (size_t i = 0; i < N_TARGETS; i++)
                assert(!is_wanted(f, i, false) || (seen & (1U << i)));
}

static void plan(Fuzz *f)
{
        const Plan *p;

        int r = engine_plan(f->engine, f->now, &p);
        assert(r == 0);
        for (size_t i = 0; i < p->n_actions; i++)
                take_action(f, &p->actions[i]);
        for (size_t i = 0; i < p->n_notes; i++)
                assert((p->notes[i].row || p->notes[i].device || p->notes[i].set) &&
                       p->notes[i].kind < _NOTE_KIND_MAX);
        r = engine_plan(f->engine, f->now, &p);
        assert(r == 0 && p->n_actions == 0 && p->wake_at > f->now);
        check_rows(f);
}

static void step(Fuzz *f)
{
        uint8_t what = next_byte(f);
        int r = 0;

        switch (what % 12) {
        case 0:
                set_source(f);
                break;
        case 1:
                drop_source(f);
                break;
        case 2:
                r = engine_kernel_event(f->engine, (what >> 4) % 5, next_byte(f) % N_INSTANCES,
                                        f->now);
                break;
        case 3:
                engine_kernel_events_lost(f->engine);
                break;
        case 4:
                complete_any(f);
                break;
        case 5:
                f->now += (usec_t) next_byte(f) * USEC_PER_SEC / 8;
                break;
        case 6:
                engine_set_policy(f->engine, make_policy(f), f->now);
                break;
        case 7:
                set_network(f);
                break;
        case 8:
                what & 0x10 ? engine_retry_now(f->engine) : engine_reread_logs(f->engine);
                break;
        case 9:
                r = engine_restore_device(f->engine, (what >> 4) % N_INSTANCES, next_byte(f) % 16);
                break;
        case 10:
                if (what & 0x80)
                        engine_release_all(f->engine);
                f->releasing = f->releasing || what & 0x80;
                break;
        default:
                complete_pending(f);
        }
        assert(r == 0);
        plan(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Fuzz f = { .data = data, .size = size, .now = 1000 * USEC_PER_SEC };

        f.role = next_byte(&f) & 1 ? CONTROLLER_IO : CONTROLLER_DISCOVERY;
        for (size_t i = 0; i < N_TARGETS; i++)
                f.targets[i] = make_tid(f.role, i);
        int r = engine_new(make_policy(&f), &f.engine);
        assert(r == 0);
        while (f.size > 0 && f.n_pending < N_OPS / 2)
                step(&f);

        (void) engine_is_busy(f.engine);
        (void) engine_free(f.engine);
        for (size_t i = 0; i < N_TARGETS; i++)
                (void) tid_free(f.targets[i]);
        return 0;
}
