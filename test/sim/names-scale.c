/* SPDX-License-Identifier: Apache-2.0 */

/* Measures the cost of a configuration's host names in callgrind (test/sim/scale.py): names-scale
 * -n NAMES */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "source/configuration_files.h"
#include "source/host_names.h"

static void must(int r)
{
        if (r < 0)
                abort();
}

static Configuration *make_configuration(size_t n)
{
        Configuration *c;
        char name[64];

        must(configuration_new(CONTROLLER_IO, &c));
        c->controllers = calloc(n, sizeof(*c->controllers));
        if (!c->controllers)
                abort();
        c->n_controllers = n;
        for (size_t i = 0; i < n; i++) {
                ControllerLine *l = &c->controllers[i];
                /* Not sorted. */
                (void) snprintf(name, sizeof(name), "host%06zu.example.com", i * 7919 % n);
                settings_init(&l->settings);
                must(text_replace(&l->transport, "tcp"));
                must(text_replace(&l->traddr, name));
                must(text_replace(&l->subsysnqn, "nqn.2024-01.scale:a"));
                must(text_replace(&l->where, "stacd.conf:2"));
        }
        return c;
}

static void answer(HostNames *names, size_t number, usec_t now)
{
        const HostName *h = host_names_begin(names, now);
        char address[32];

        (void) snprintf(address, sizeof(address), "10.0.%zu.%zu", number / 250, number % 250 + 1);
        if (!h)
                abort();
        (void) host_names_end(names, h->op_id, 0, address, now, &h);
        (void) host_names_next_at(names);
}

/* Includes the start, all answers and one use of them. */
__attribute__((noinline)) static size_t names(const Configuration *c)
{
        const HostIdentity host = { .nqn = (char *) "nqn.host" };
        HostNames names = { 0 };
        SourceSet *set;

        must(host_names_set(&names, c->controllers, c->n_controllers, USEC_PER_SEC));
        for (size_t i = 0; i < c->n_controllers; i++)
                answer(&names, i, USEC_PER_SEC);
        must(configuration_to_source_set(c, &host, &names, &set));
        size_t n = set->n_entries;
        (void) source_set_free(set);
        host_names_done(&names);
        return n;
}

int main(int argc, char **argv)
{
        uint64_t n = 1000;

        for (int o; (o = getopt(argc, argv, "n:c:")) >= 0;)
                if (o == '?' || (o == 'n' && text_to_u64(optarg, 1, 60000, &n) < 0))
                        return EXIT_FAILURE;
        Configuration *c = make_configuration(n);
        size_t found = names(c);
        (void) printf("%zu of %" PRIu64 " names\n", found, n);
        (void) configuration_free(c);
        return found == n ? EXIT_SUCCESS : EXIT_FAILURE;
}
