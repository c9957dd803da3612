/* SPDX-License-Identifier: Apache-2.0 */

#include "fake-daemon.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/text.h"
#include "bus/bus.h"

typedef struct FakeDaemon {
        bool tron;
        int ready_fd;
} FakeDaemon;

static int add_controller(Properties *p, bool detailed)
{
        static const Property identity[] = {
                { "traddr", (char *) "192.0.2.1" },     { "trsvcid", (char *) "8009" },
                { "transport", (char *) "tcp" },        { "subsysnqn", (char *) NQN_DISCOVERY },
                { "host-iface", (char *) "" },          { "host-traddr", (char *) "" },
                { "host-nqn", (char *) FAKE_HOST_NQN }, { "device", (char *) "nvme0" },
        };
        static const Property details[] = {
                { "connect attempts", (char *) "0" },
                { "retry connect timer", (char *) "60.0s [off]" },
                { "origin", (char *) "configured" },
                { "model", (char *) "evil\x1b[2J" },
                { "serial", (char *) FAKE_NAME_SENT },
                { "connected", (char *) "True" },
        };

        for (size_t i = 0; i < ELEMENTSOF(identity); i++)
                if (properties_add(p, identity[i].key, identity[i].value) < 0)
                        return -ENOMEM;
        for (size_t i = 0; detailed && i < ELEMENTSOF(details); i++)
                if (properties_add(p, details[i].key, details[i].value) < 0)
                        return -ENOMEM;
        return 0;
}

/* A test has asked for more than one message can carry. */
static bool is_large(void)
{
        return access(FAKE_LARGE, F_OK) >= 0;
}

static int list_controllers(void *userdata, bool detailed, PropertiesList *ret)
{
        Properties *row = properties_list_add(ret);

        if (detailed && is_large())
                return -ENOBUFS;
        return row ? add_controller(row, detailed) : -ENOMEM;
}

static int give(const char *text, char **ret)
{
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static int controller_info(void *userdata, const TidFields *id, char **ret_json)
{
        if (!streq(id->traddr, "192.0.2.1") || !streq(id->host_nqn, FAKE_HOST_NQN))
                return -ENOENT;
        return give("{\"traddr\": \"192.0.2.1\", \"host-nqn\": \"" FAKE_HOST_NQN
                    "\", \"connected\": \"True\"}",
                    ret_json);
}

static int process_info(void *userdata, char **ret_json)
{
        return give("{\"tron\": false, \"log-level\": \"INFO\", \"hostnqn\": \"" FAKE_HOST_NQN
                    "\", \"symname\": null, \"name\": \"" FAKE_NAME_SENT "\"}",
                    ret_json);
}

static bool get_tron(void *userdata)
{
        return ((FakeDaemon *) userdata)->tron;
}

static void set_tron(void *userdata, bool on)
{
        ((FakeDaemon *) userdata)->tron = on;
}

static const char *log_level(void *userdata)
{
        return "INFO";
}

static int get_all_log_pages(void *userdata, bool detailed, char **ret_json)
{
        if (is_large())
                return -ENOBUFS;
        return give(detailed ? "[{\"discovery-controller\": {\"device\": \"nvme0\", \"connected\": "
                               "\"True\"}, \"log-pages\": [{\"subnqn\": \"nqn.a\"}]}]"
                             : "[{\"discovery-controller\": {\"device\": \"nvme0\"}, "
                               "\"log-pages\": [{\"subnqn\": \"nqn.\\u009b" FAKE_NAME_SENT "\"}]}]",
                    ret_json);
}

/* One entry, whose NQN tells the identity that was asked for; 192.0.2.3 was not read, 192.0.2.4 has
 * none. */
static int get_log_pages(void *userdata, const TidFields *id, LogPages *ret)
{
        bool is_unread = streq(id->traddr, "192.0.2.3"), is_empty = streq(id->traddr, "192.0.2.4");

        ret->state = is_unread ? "unknown" : "complete";
        if (is_unread || is_empty)
                return 0;
        if (!streq(id->traddr, "192.0.2.1"))
                return -ENOENT;
        Properties *row = properties_list_add(&ret->entries);
        if (!row)
                return -ENOMEM;
        return properties_addf(row, "subnqn", "%s|%s|%s|%s|%s|%s|%s", id->transport, id->traddr,
                               id->trsvcid, id->subsysnqn, id->host_traddr, id->host_iface,
                               id->host_nqn);
}

static int list_sources(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n)
{
        *ret_complete = true;
        *ret = NULL;
        *ret_n = 0;
        return 0;
}

static int explain(void *userdata, const char *what, PropertiesList *ret)
{
        if (!*what && is_large())
                return -ENOBUFS;
        if (*what && !streq(what, "nvme0"))
                return -ENOENT;
        Properties *row = properties_list_add(ret);
        if (!row || add_controller(row, false) < 0)
                return -ENOMEM;
        return properties_add(row, "why", "wanted and connected by " FAKE_NAME_SENT);
}

/* stafd is converged, stacd has something to do. */
static int plan_nothing(void *userdata, PropertiesList *ret)
{
        return 0;
}

static int plan(void *userdata, PropertiesList *ret)
{
        Properties *row = properties_list_add(ret);

        if (!row || properties_add(row, "verb", "connect") < 0)
                return -ENOMEM;
        return properties_add(row, "when", "now");
}

static int accept_reload(void *userdata, char **ret_reason)
{
        return 0;
}

static int refuse_reload(void *userdata, char **ret_reason)
{
        int r = give("stacd.conf:3: kato: not a number\nstacd.conf:7: no key", ret_reason);

        return r < 0 ? r : -EINVAL;
}

static void tell_readiness(int error, void *userdata)
{
        FakeDaemon *f = userdata;

        if (error < 0 || write(f->ready_fd, "", 1) != 1)
                _exit(EXIT_FAILURE);
}

static int refuse_stas1(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        if (access(FAKE_PYTHON, F_OK) < 0 || !sd_bus_message_get_interface(m) ||
            !streq(sd_bus_message_get_interface(m), BUS_STAS1_INTERFACE))
                return 0;
        return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_UNKNOWN_METHOD, "No such interface");
}

static int serve(const PrivateBus *b, ControllerKind role, FakeDaemon *f)
{
        const bool staf = role == CONTROLLER_DISCOVERY;
        const BusBackend backend = {
                .role = role,
                .list_controllers = list_controllers,
                .controller_info = controller_info,
                .process_info = process_info,
                .get_tron = get_tron,
                .set_tron = set_tron,
                .log_level = log_level,
                .get_all_log_pages = staf ? get_all_log_pages : NULL,
                .get_log_pages = staf ? get_log_pages : NULL,
                .read_log_pages = staf ? get_log_pages : NULL,
                .list_sources = staf ? list_sources : NULL,
                .explain = explain,
                .plan = staf ? plan_nothing : plan,
                .reload = staf ? accept_reload : refuse_reload,
        };
        sd_event *event = NULL;
        sd_bus *bus = NULL;
        BusService *service = NULL;
        int r;

        if ((r = sd_event_default(&event)) < 0 || (r = private_bus_connect(b, event, &bus)) < 0 ||
            (r = sd_bus_add_filter(bus, NULL, refuse_stas1, NULL)) < 0 ||
            (r = bus_service_new(bus, &backend, tell_readiness, f, &service)) < 0)
                return r;
        return sd_event_loop(event);
}

pid_t fake_daemon_start(const PrivateBus *b, ControllerKind role)
{
        pid_t parent = getpid();
        int fds[2];
        char byte;

        if (pipe(fds) < 0)
                return -errno;
        pid_t pid = fork();
        if (pid == 0) {
                FakeDaemon f = { .ready_fd = fds[1] };

                /* It must not outlive a test that crashes. */
                if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                        _exit(EXIT_FAILURE);
                (void) close(fds[0]);
                (void) serve(b, role, &f);
                _exit(EXIT_FAILURE);
        }
        (void) close(fds[1]);
        ssize_t n = pid > 0 ? read(fds[0], &byte, 1) : -1;
        (void) close(fds[0]);
        if (n == 1)
                return pid;
        fake_daemon_stop(pid);
        return -ECONNREFUSED;
}

void fake_daemon_stop(pid_t pid)
{
        if (pid <= 0)
                return;
        (void) kill(pid, SIGTERM);
        (void) waitpid(pid, NULL, 0);
}
