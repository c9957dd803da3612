/* SPDX-License-Identifier: Apache-2.0 */

/* What is said when systemd does not start nvme-cli's unit for a discovery controller of others. */

#include "daemon/systemd.h"

#include <stdio.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/test-private-bus.h"
#include "daemon/log.h"

enum {
        N_NOTICES = 5
};

typedef struct Manager {   /* systemd, as far as it is asked */
        const char *error; /* NULL: the unit is started */
        unsigned n_asked;
} Manager;

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Manager *manager = userdata;

        if (!sd_bus_message_is_method_call(m, "org.freedesktop.systemd1.Manager", "RestartUnit"))
                return 0;
        manager->n_asked++;
        if (manager->error)
                return sd_bus_reply_method_errorf(m, manager->error, "not by %s", manager->error);
        return sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/job/1");
}

typedef struct World {
        Manager manager;
        Daemon d;
        Device device;
        sd_bus *server;
        FILE *log;
        int stderr_before;
} World;

static const DaemonType stafd = { .name = "stafd", .role = CONTROLLER_DISCOVERY };

static void world_begin(World *w)
{
        const TidFields fields = { .transport = "tcp", .traddr = "192.0.2.1" };

        *w = (World) { .d.type = &stafd,
                       .d.udev_rule = UDEV_RULE_OVERRIDABLE,
                       .log = tmpfile(),
                       .device.instance = 7 };
        assert_non_null(w->log);
        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &w->device.tid), 0);
        assert_true(sd_event_new(&w->d.loop.event) >= 0);
        assert_int_equal(direct_pair(w->d.loop.event, &w->server, &w->d.bus), 0);
        assert_true(sd_bus_add_filter(w->server, NULL, on_call, &w->manager) >= 0);
        (void) fflush(stderr);
        w->stderr_before = dup(STDERR_FILENO);
        assert_true(dup2(fileno(w->log), STDERR_FILENO) >= 0);
}

static void world_end(World *w)
{
        (void) dup2(w->stderr_before, STDERR_FILENO);
        (void) close(w->stderr_before);
        (void) fclose(w->log);
        log_set_debug(false);
        (void) sd_bus_flush_close_unref(w->d.bus);
        (void) sd_bus_flush_close_unref(w->server);
        (void) sd_event_unref(w->d.loop.event);
        (void) tid_free(w->device.tid);
}

static void receive_notice(World *w)
{
        unsigned n = w->manager.n_asked;

        systemd_connect_foreign(&w->d, &w->device);
        while (w->manager.n_asked == n)
                assert_true(sd_event_run(w->d.loop.event, UINT64_MAX) >= 0);
        while (sd_event_run(w->d.loop.event, 20 * USEC_PER_MSEC) > 0)
                ;
}

static size_t count_lines(World *w, const char *with)
{
        char line[1024];
        size_t n = 0;

        (void) fflush(stderr);
        rewind(w->log);
        while (fgets(line, sizeof(line), w->log))
                n += strstr(line, with) != NULL;
        return n;
}

/* Who masks it has said that it is not to run: that is nothing to complain of. */
static void test_a_masked_unit_is_off(void **state)
{
        for (int debug = 0; debug < 2; debug++) {
                _cleanup_(world_end) World w;
                world_begin(&w);

                log_set_debug(debug);
                w.manager.error = "org.freedesktop.systemd1.UnitMasked";
                for (int i = 0; i < N_NOTICES; i++)
                        receive_notice(&w);
                assert_int_equal(count_lines(&w, "nvmf-connect@.service is masked"), debug);
                assert_int_equal(count_lines(&w, ""), debug * (1 + N_NOTICES));
        }
}

static void test_a_unit_that_is_not_there_is_said_once(void **state)
{
        _cleanup_(world_end) World w;
        world_begin(&w);

        w.manager.error = "org.freedesktop.systemd1.NoSuchUnit";
        for (int i = 0; i < N_NOTICES; i++)
                receive_notice(&w);
        assert_int_equal(count_lines(&w, "nvme-cli is not installed"), 1);
        assert_int_equal(count_lines(&w, ""), 1);

        w.manager.error = NULL; /* it is installed, and removed */
        receive_notice(&w);
        w.manager.error = "org.freedesktop.systemd1.NoSuchUnit";
        receive_notice(&w);
        assert_int_equal(count_lines(&w, "nvme-cli is not installed"), 2);
}

/* Only what stafd has switched off has to be done by stafd. */
static void test_no_unit_is_started_where_no_rule_is_overridden(void **state)
{
        static const UdevRule others[] = { UDEV_RULE_NONE, UDEV_RULE_COOPERATIVE,
                                           UDEV_RULE_OF_THIS_HOST };

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                _cleanup_(world_end) World w;
                world_begin(&w);

                w.d.udev_rule = others[i];
                systemd_connect_foreign(&w.d, &w.device);
                while (sd_event_run(w.d.loop.event, 20 * USEC_PER_MSEC) > 0)
                        ;
                assert_int_equal(w.manager.n_asked, 0);
                assert_int_equal(count_lines(&w, ""), 0);
        }
}

/* Masked, and then not, but broken: that is to be said. */
static void test_what_fails_otherwise_is_said(void **state)
{
        _cleanup_(world_end) World w;
        world_begin(&w);

        w.manager.error = "org.freedesktop.systemd1.UnitMasked";
        receive_notice(&w);
        w.manager.error = "org.freedesktop.DBus.Error.AccessDenied";
        for (int i = 0; i < N_NOTICES; i++)
                receive_notice(&w);
        assert_int_equal(count_lines(&w, "not by org.freedesktop.DBus.Error.AccessDenied"), 1);
        assert_int_equal(count_lines(&w, ""), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_masked_unit_is_off),
                cmocka_unit_test(test_a_unit_that_is_not_there_is_said_once),
                cmocka_unit_test(test_no_unit_is_started_where_no_rule_is_overridden),
                cmocka_unit_test(test_what_fails_otherwise_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
