/* SPDX-License-Identifier: Apache-2.0 */

/* --check says what is wrong with the configuration; --dry-run what the daemon would do with it
 * now. */

#include <stdio.h>

#include "base/diagnostics.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "observe/interfaces.h"
#include "observe/registry_entry.h"
#include "observe/sysfs.h"
#include "source/configuration_files.h"

static void print_diagnostics(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                (void) fprintf(stderr, "%s%s\n",
                               d->items[i].severity == SEVERITY_WARNING ? "warning: " : "",
                               text_or(text, "out of memory"));
        }
}

int check_configuration(const DaemonType *type, const char *conf_file)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *host = NULL;
        _cleanup_(configuration_freep) Configuration *c = NULL;

        int r = configuration_load(conf_file, type->role, &c, &d);
        int q = host_identity_load(SYS_CONF, &host, &d);
        print_diagnostics(&d);
        return r < 0 || q < 0 || diagnostics_has_errors(&d) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void print_action(const Action *a)
{
        _cleanup_free_ char *tid = a->controller ? tid_to_string(a->controller->tid) : NULL;

        if (a->kind == ACTION_CONNECT)
                (void) printf("connect %s, wanted by %s\n", text_or(tid, "?"),
                              controller_origin(a->controller)->entry->where);
        else if (a->kind == ACTION_DISCONNECT)
                (void) printf("disconnect nvme%i %s\n", a->instance, text_or(tid, "?"));
}

/* The first plan asks for a scan: what it finds goes to the engine as in the daemon. */
static int learn_kernel(Engine *e, usec_t now)
{
        Device **devices = NULL;
        const Plan *plan;
        uint64_t scan = 0;
        size_t n = 0;

        int r = engine_plan(e, now, &plan);
        if (r < 0)
                return r;
        for (size_t i = 0; i < plan->n_actions; i++)
                if (plan->actions[i].kind == ACTION_SCAN)
                        scan = plan->actions[i].op_id;
        r = sysfs_scan("/sys", REGISTRY_ROOT, NULL, &devices, &n);
        if (r >= 0)
                r = engine_scan_done(e, scan, 0, devices, n, now);
        free(devices);
        return r;
}

/* Plans, taking each connect for failed so that the next one's turn comes, until there is none
 * left. */
static int print_plans(Engine *e, usec_t now)
{
        const Plan *plan;
        size_t n_connects;

        do {
                int r = engine_plan(e, now, &plan);
                if (r < 0)
                        return r;
                uint64_t op_id = 0;
                n_connects = 0;
                for (size_t i = 0; i < plan->n_actions; i++) {
                        print_action(&plan->actions[i]);
                        if (plan->actions[i].kind != ACTION_CONNECT)
                                continue;
                        n_connects++;
                        op_id = plan->actions[i].op_id;
                }
                if (n_connects > 0)
                        r = engine_connect_done(e, op_id, -ECANCELED, -1, now);
                if (r < 0)
                        return r;
        } while (n_connects > 0);
        return 0;
}

static int dry_run(Inputs *inputs)
{
        _cleanup_(engine_freep) Engine *e = NULL;
        Policy *policy;
        Network network = { 0 };
        SourceSet *set;
        usec_t now = USEC_PER_SEC;

        int r = inputs_make_policy(inputs, &policy);
        if (r < 0)
                return r;
        r = engine_new(policy, &e);
        if (r < 0) {
                (void) policy_free(policy);
                return r;
        }
        if (interfaces_read(&network) >= 0)
                engine_set_network(e, &network, now);
        r = configuration_to_source_set(inputs->configuration, inputs->host, NULL, &set);
        if (r >= 0)
                r = engine_set_source(e, set, now);
        if (r >= 0)
                r = learn_kernel(e, now);
        return r < 0 ? r : print_plans(e, now);
}

int check_dry_run(const DaemonType *type, const char *conf_file)
{
        _cleanup_(inputs_done) Inputs inputs = { 0 };
        _cleanup_free_ char *reason = NULL;

        int r = inputs_load(type, conf_file, false, &inputs, &reason);
        if (r >= 0)
                r = dry_run(&inputs);
        if (r < 0)
                (void) fprintf(stderr, "%s\n", text_or(reason, strerror(-r)));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
