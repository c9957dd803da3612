/* SPDX-License-Identifier: Apache-2.0 */

/* data/dbus/org.nvmexpress.*.conf: what another user than root may do, on a bus that starts from
 * the rules of a system bus. */

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/bus.h"
#include "bus/test-private-bus.h"

#define NOBODY 65534

/* As in dbus-daemon's system.conf. */
static const char policies[] =
        "<policy context=\"default\"><allow user=\"*\"/>"
        "<deny own=\"*\"/><deny send_type=\"method_call\"/>"
        "<allow send_type=\"signal\"/>"
        "<allow send_requested_reply=\"true\" send_type=\"method_return\"/>"
        "<allow send_requested_reply=\"true\" send_type=\"error\"/>"
        "<allow receive_type=\"method_call\"/><allow receive_type=\"method_return\"/>"
        "<allow receive_type=\"error\"/><allow receive_type=\"signal\"/>"
        "<allow send_destination=\"org.freedesktop.DBus\""
        " send_interface=\"org.freedesktop.DBus\"/></policy>"
        "<include>" CONTRACT_DIRECTORY "/org.nvmexpress.staf.conf</include>"
        "<include>" CONTRACT_DIRECTORY "/org.nvmexpress.stac.conf</include>";

typedef struct World {
        PrivateBus daemon;
        sd_event *event;
        bool is_ready, tron;
        int name_error;
        unsigned n_reloads;
} World;

static int fake_process_info(void *userdata, char **ret)
{
        *ret = strdup("{}");
        return 0;
}

static bool fake_get_tron(void *userdata)
{
        return ((World *) userdata)->tron;
}

static void fake_set_tron(void *userdata, bool on)
{
        ((World *) userdata)->tron = on;
}

static const char *fake_log_level(void *userdata)
{
        return "INFO";
}

static int fake_reload(void *userdata, char **ret_reason)
{
        ((World *) userdata)->n_reloads++;
        return 0;
}

static void on_name(int error, void *userdata)
{
        World *w = userdata;

        w->is_ready = true;
        w->name_error = error;
}

static int setup(void **state)
{
        World *w = calloc(1, sizeof(*w));

        *state = w;
        int r = private_bus_start(&w->daemon, policies);
        assert_true(r == 0 || r == -ENOENT);
        assert_true(sd_event_new(&w->event) >= 0);
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        private_bus_stop(&w->daemon);
        sd_event_unref(w->event);
        free(w);
        return 0;
}

/* ---- the caller: a process of its own, for it changes its user ---- */

static const char *caller_call(sd_bus *bus, const char *daemon, const char *interface,
                               const char *member, bool with_arguments)
{
        static char text[256];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        char name[32], path[32], debug[64];

        (void) snprintf(name, sizeof(name), "org.nvmexpress.%s", daemon);
        (void) snprintf(path, sizeof(path), "/org/nvmexpress/%s", daemon);
        (void) snprintf(debug, sizeof(debug), "%s.debug", name);
        if (sd_bus_message_new_method_call(bus, &m, name, path, interface, member) < 0 ||
            (with_arguments && sd_bus_message_append(m, "ssv", debug, "tron", "b", true) < 0))
                return "no message";
        if (sd_bus_call(bus, m, 0, &error, NULL) >= 0)
                return "allowed";
        (void) snprintf(text, sizeof(text), "%s", error.name);
        return streq(text, SD_BUS_ERROR_ACCESS_DENIED) ? "denied" : text;
}

typedef struct Attempt {
        const char *interface, *member; /* interface NULL: none is named in the call */
        bool with_arguments;
        const char *expected;
} Attempt;

static int caller_run(const World *w, const char *daemon, uid_t uid, const Attempt *attempts,
                      size_t n)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int failed = 0;

        if (setresuid(uid, uid, uid) < 0 || private_bus_connect(&w->daemon, NULL, &bus) < 0)
                return 99;
        for (size_t i = 0; i < n; i++) {
                const Attempt *a = &attempts[i];
                const char *is =
                        caller_call(bus, daemon, a->interface, a->member, a->with_arguments);
                if (!streq(is, a->expected)) {
                        fprintf(stderr, "%s.%s of %s as %u: %s, not %s\n",
                                text_or(a->interface, "(none)"), a->member, daemon, uid, is,
                                a->expected);
                        failed++;
                }
        }
        return failed;
}

/* ---- the daemon ---- */

static void serve_until_exit(World *w, pid_t caller)
{
        int status = -1;

        for (int i = 0; i < 2000; i++) {
                if (waitpid(caller, &status, WNOHANG) == caller)
                        break;
                while (sd_event_run(w->event, 10 * USEC_PER_MSEC) > 0)
                        ;
        }
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* Brings a daemon up; 0 or why it does not get its name. */
static int start(World *w, const BusBackend *backend, sd_bus **ret_bus, BusService **ret)
{
        w->is_ready = false;
        assert_int_equal(private_bus_connect(&w->daemon, w->event, ret_bus), 0);
        assert_int_equal(bus_service_new(*ret_bus, backend, on_name, w, ret), 0);
        for (int i = 0; i < 1000 && !w->is_ready; i++)
                assert_true(sd_event_run(w->event, 10 * USEC_PER_MSEC) >= 0);
        assert_true(w->is_ready);
        return w->name_error;
}

static void attempt_as(World *w, ControllerKind role, uid_t uid, const Attempt *attempts, size_t n)
{
        BusBackend backend = {
                .role = role,
                .process_info = fake_process_info,
                .get_tron = fake_get_tron,
                .set_tron = fake_set_tron,
                .log_level = fake_log_level,
                .reload = fake_reload,
        };
        sd_bus *bus;
        BusService *service;

        assert_int_equal(start(w, &backend, &bus, &service), 0);

        pid_t caller = fork();
        if (caller == 0)
                _exit(caller_run(w, role == CONTROLLER_DISCOVERY ? "staf" : "stac", uid, attempts,
                                 n));
        serve_until_exit(w, caller);
        service = bus_service_free(service);
        sd_bus_flush_close_unref(bus);
}

static World *world(void **state)
{
        World *w = *state;

        if (geteuid() != 0 || !w->daemon.address) {
                print_message("needs root and dbus-daemon\n");
                skip();
        }
        return w;
}

#define PROPERTIES "org.freedesktop.DBus.Properties"

static void test_root_may_everything(void **state)
{
        static const Attempt attempts[] = {
                { PROPERTIES, "Set", true, "allowed" },
                { BUS_STAS1_INTERFACE, "reload", false, "allowed" },
        };
        World *w = world(state);

        for (ControllerKind role = CONTROLLER_DISCOVERY; role <= CONTROLLER_IO; role++) {
                w->tron = false;
                w->n_reloads = 0;
                attempt_as(w, role, 0, attempts, ELEMENTSOF(attempts));
                assert_true(w->tron);
                assert_int_equal(w->n_reloads, 1);
        }
}

static void test_others_may_only_look(void **state)
{
        static const Attempt attempts[] = {
                { "org.freedesktop.DBus.Introspectable", "Introspect", false, "allowed" },
                { "org.nvmexpress.staf.debug", "process_info", false, "allowed" },
                { PROPERTIES, "Set", true, "denied" },
                { NULL, "Set", true, "denied" },
                { BUS_STAS1_INTERFACE, "reload", false, "denied" },
                { NULL, "reload", false, "denied" },
        };
        Attempt of_stac[ELEMENTSOF(attempts)];
        World *w = world(state);

        memcpy(of_stac, attempts, sizeof(attempts));
        of_stac[1].interface = "org.nvmexpress.stac.debug";
        attempt_as(w, CONTROLLER_DISCOVERY, NOBODY, attempts, ELEMENTSOF(attempts));
        attempt_as(w, CONTROLLER_IO, NOBODY, of_stac, ELEMENTSOF(of_stac));
        assert_false(w->tron);
        assert_int_equal(w->n_reloads, 0);
}

static void test_name_is_for_one(void **state)
{
        static const BusBackend backend = { .role = CONTROLLER_IO };
        World *w = world(state);
        sd_bus *buses[2];
        BusService *services[2];

        assert_int_equal(start(w, &backend, &buses[0], &services[0]), 0);
        assert_int_equal(start(w, &backend, &buses[1], &services[1]), -EEXIST);
        for (size_t i = 0; i < ELEMENTSOF(buses); i++) {
                services[i] = bus_service_free(services[i]);
                sd_bus_flush_close_unref(buses[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_name_is_for_one, setup, teardown),
                cmocka_unit_test_setup_teardown(test_root_may_everything, setup, teardown),
                cmocka_unit_test_setup_teardown(test_others_may_only_look, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
