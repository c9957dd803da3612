/* SPDX-License-Identifier: Apache-2.0 */

/* --dry-run: the daemon's engine with all its inputs and none of its hands. */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/explain.h"
#include "observe/interfaces.h"
#include "observe/registry_entry.h"
#include "observe/sysfs.h"
#include "source/configuration_files.h"
#include "source/last_known_file.h"

#define NOW USEC_PER_SEC
/* By then every wait is over: what is printed is what it comes to if nothing changes. */
#define LATER (NOW + 3600 * USEC_PER_SEC)
#define STAFD_TIMEOUT_USEC (5 * USEC_PER_SEC)

typedef struct DryRun {
        Engine *engine;
        sd_event *event;
        sd_bus *bus;
        StafdClient *stafd;
} DryRun;

static void dry_run_done(DryRun *r)
{
        (void) stafd_client_free(r->stafd);
        (void) sd_bus_flush_close_unref(r->bus);
        (void) sd_event_unref(r->event);
        (void) engine_free(r->engine);
}

static int make_engine(DryRun *run, Inputs *inputs)
{
        Policy *policy;
        Network network = { 0 };
        SourceSet *set;

        int r = inputs_make_policy(inputs, &policy);
        if (r < 0)
                return r;
        r = engine_new(policy, &run->engine);
        if (r < 0) {
                (void) policy_free(policy);
                return r;
        }
        if (interfaces_read(&network) >= 0)
                engine_set_network(run->engine, &network, NOW);
        r = inputs_make_source(inputs, NULL, &set);
        if (r >= 0)
                r = engine_set_source(run->engine, set, NOW);
        return r < 0 ? r : engine_set_source(run->engine, TAKE_PTR(inputs->nbft.set), NOW);
}

/* ---- what stafd says ---- */

static bool knows_all(const Engine *e)
{
        for (const SourceSet *s = engine_next_source(e, NULL); s; s = engine_next_source(e, s))
                if (s->kind == SOURCE_DISCOVERY_LOG && s->state != SOURCE_COMPLETE)
                        return false;
        return true;
}

static void on_stafd(SourceSet *set, const char *key, void *userdata)
{
        DryRun *run = userdata;
        int r = 0;

        if (set)
                r = engine_set_source(run->engine, set, NOW);
        else
                engine_drop_source(run->engine, key, NOW);
        if (r < 0 || knows_all(run->engine))
                (void) sd_event_exit(run->event, r);
}

static int on_timeout(sd_event_source *s, uint64_t usec, void *userdata)
{
        DryRun *run = userdata;

        return sd_event_exit(run->event, 0);
}

static int begin_to_ask(DryRun *run, const Inputs *inputs)
{
        SourceSet *stafd;
        int r;

        if ((r = source_set_new(STAFD_SOURCE_KEY, SOURCE_DISCOVERY_LOG, SOURCE_UNKNOWN, &stafd)) <
                    0 ||
            (r = engine_set_source(run->engine, stafd, NOW)) < 0 ||
            (r = sd_event_new(&run->event)) < 0)
                return r;
        r = sd_bus_open_system(&run->bus);
        if (r < 0) {
                (void) fprintf(stderr, "Cannot connect to D-Bus: %s\n", strerror(-r));
                return 0;
        }
        if ((r = sd_bus_attach_event(run->bus, run->event, SD_EVENT_PRIORITY_NORMAL)) < 0 ||
            (r = sd_event_add_time_relative(run->event, NULL, CLOCK_MONOTONIC, STAFD_TIMEOUT_USEC,
                                            0, on_timeout, run)) < 0)
                return r;
        return stafd_client_new(run->event, run->bus, inputs->host->nqn,
                                engine_policy(run->engine)->ignore_iface, on_stafd, run,
                                &run->stafd);
}

/* ---- what the daemon remembers ---- */

static int remember(DryRun *run, const char *state_file)
{
        _cleanup_last_known_ LastKnown l = { 0 };
        int r = last_known_file_peek(state_file, &l);

        if (r == -ENOENT)
                return 0;
        if (r < 0 && r != -ENOMEM) {
                (void) fprintf(stderr, "The state file %s is not usable: %s\n", state_file,
                               strerror(-r));
                return 0;
        }
        for (size_t i = 0; r >= 0 && i < l.n_devices; i++)
                r = engine_restore_device(run->engine, l.devices[i].instance, l.devices[i].inode);
        for (size_t i = 0; r >= 0 && i < l.n_sets; i++) {
                if (run->stafd)
                        r = stafd_client_expect(run->stafd, l.sets[i]->key);
                if (r >= 0)
                        r = engine_set_source(run->engine, TAKE_PTR(l.sets[i]), NOW);
        }
        return r;
}

static int wait_for_stafd(DryRun *run)
{
        int r = run->stafd ? sd_event_loop(run->event) : 0;

        if (!knows_all(run->engine))
                (void) fprintf(stderr,
                               "stafd did not tell all it knows: nothing that its discovery "
                               "controllers may list is disconnected.\n");
        return r;
}

/* ---- what the kernel has ---- */

/* The first plan asks for a scan; the second gives a row to each connection that needs one. */
static int learn_kernel(Engine *e, const DaemonType *type)
{
        const Registry registry = { .root = type->paths->registry, .daemon = type->name };
        Device **devices = NULL;
        const Plan *plan;
        uint64_t scan = 0;
        size_t n = 0;

        int r = engine_plan(e, NOW, &plan);
        if (r < 0)
                return r;
        for (size_t i = 0; i < plan->n_actions; i++)
                if (plan->actions[i].kind == ACTION_SCAN)
                        scan = plan->actions[i].op_id;
        r = sysfs_scan(type->paths->sysfs, &registry, NULL, &devices, &n);
        if (r >= 0)
                r = engine_scan_done(e, scan, 0, devices, n, NOW);
        free(devices);
        return r < 0 ? r : engine_plan(e, NOW, &plan);
}

/* ---- what it comes to ---- */

static const char *what_happens(const ExplainSubject *s)
{
        switch (s->decision.verb) {
        case VERB_PROBE:
        case VERB_CONNECT:
                return "connect";
        case VERB_DISCONNECT:
                return "disconnect";
        case VERB_NOTHING:
        case VERB_WAIT:
        case VERB_REGISTER:
        case VERB_DEREGISTER:
        case VERB_READ_SUPPORTED_LOGS:
        case VERB_READ_LOG:
        case VERB_LOOK:
        case VERB_FORGET:
        case _VERB_MAX:
                break;
        }
        if (!s->node)
                return "leave out";
        return s->facts.wanted ? "keep" : "leave alone";
}

_printf_(1, 2) static int print_line(const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list args;

        va_start(args, format);
        int n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        text_make_printable(text);
        (void) puts(text);
        return 0;
}

static int print_row(const Engine *e, const Controller *c)
{
        Facts facts = engine_facts(e, c);
        char device[32] = "";

        facts.op = OP_NONE; /* nobody carries it out */
        ExplainSubject s = {
                .row = c,
                .node = c->node,
                .policy = engine_policy(e),
                .rule = c->wanted.excluded_by,
                .silent = "",
                .facts = facts,
                .decision = plan_controller(&facts, engine_policy(e), LATER),
                .state = facts.device ? facts.device->state : DEVICE_STATE_UNKNOWN,
                .now = LATER,
        };
        _cleanup_free_ char *tid = tid_to_string(c->tid), *why = explain_why(&s);
        if (!tid || !why)
                return -ENOMEM;

        const Claim *origin = controller_origin(c);
        if (c->node)
                (void) snprintf(device, sizeof(device), "nvme%i ", c->node->instance);
        return print_line("%s %s%s: %s%s", what_happens(&s), device, tid,
                          facts.wanted ? "wanted by " : why,
                          facts.wanted ? origin->entry->where : "");
}

static int print_rows(const Engine *e)
{
        int r = 0;

        for (const Controller *c = engine_next_controller(e, NULL); c && r >= 0;
             c = engine_next_controller(e, c))
                r = print_row(e, c);
        return r;
}

/* To resolve a name is to ask others, so nothing is known of it here. */
static int print_names(const Configuration *c)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < c->n_controllers; i++) {
                const ControllerLine *l = &c->controllers[i];
                if (host_names_has_name(l))
                        r = print_line("resolve %s: connected when its address is known, by %s",
                                       l->traddr, l->where);
        }
        return r;
}

static int run_dry(const DaemonType *type, Inputs *inputs)
{
        _cleanup_(dry_run_done) DryRun run = { 0 };

        int r = make_engine(&run, inputs);
        if (r >= 0 && type->role == CONTROLLER_IO)
                r = begin_to_ask(&run, inputs);
        if (r >= 0)
                r = remember(&run, type->state_file);
        if (r >= 0 && !inputs->configuration->zeroconf)
                engine_drop_source(run.engine, MDNS_SOURCE_KEY, NOW);
        if (r >= 0)
                r = wait_for_stafd(&run);
        if (r >= 0)
                r = learn_kernel(run.engine, type);
        if (r >= 0)
                r = print_names(inputs->configuration);
        return r < 0 ? r : print_rows(run.engine);
}

int dry_run(const DaemonType *type, const char *conf_file)
{
        _cleanup_(inputs_done) Inputs inputs = { 0 };
        _cleanup_free_ char *reason = NULL;

        int r = inputs_load(type, conf_file, false, &inputs.nbft, &inputs, &reason);
        if (r >= 0)
                r = run_dry(type, &inputs);
        if (r < 0)
                (void) fprintf(stderr, "%s\n", text_or(reason, strerror(-r)));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
