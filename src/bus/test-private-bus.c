/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/test-private-bus.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

static int write_configuration(const PrivateBus *b, const char *policies)
{
        char path[64];

        (void) snprintf(path, sizeof(path), "%s/bus.conf", b->directory);
        FILE *f = fopen(path, "we");
        if (!f)
                return -errno;
        fprintf(f,
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
                " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                "<busconfig><type>custom</type><listen>unix:path=%s/socket</listen>"
                "<auth>EXTERNAL</auth>%s</busconfig>\n",
                b->directory, policies);
        return fclose(f) == 0 ? 0 : -errno;
}

static void run_daemon(const PrivateBus *b, int address_fd, pid_t parent)
{
        char configuration[64], print[32];

        (void) snprintf(configuration, sizeof(configuration), "--config-file=%s/bus.conf",
                        b->directory);
        (void) snprintf(print, sizeof(print), "--print-address=%d", address_fd);
        /* The daemon must not outlive a test that crashes. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                _exit(127);
        /* It logs limits and refused messages, which the tests cause on purpose. */
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null >= 0)
                (void) dup2(null, STDERR_FILENO);
        execl(DBUS_DAEMON, DBUS_DAEMON, configuration, "--nofork", "--nopidfile", "--nosyslog",
              print, (char *) NULL);
        _exit(127);
}

static int read_address(PrivateBus *b, int fd)
{
        FILE *f = fdopen(fd, "re");
        size_t size = 0;

        ssize_t n = getline(&b->address, &size, f);
        (void) fclose(f);
        if (n <= 1)
                return -ECONNREFUSED;
        /* Without its GUID, which another daemon on this socket would not have. */
        b->address[strcspn(b->address, ",\n")] = '\0';
        return 0;
}

static int start_daemon(PrivateBus *b)
{
        int fds[2];

        if (pipe(fds) < 0)
                return -errno;
        pid_t parent = getpid();
        b->pid = fork();
        if (b->pid == 0) {
                (void) close(fds[0]);
                run_daemon(b, fds[1], parent);
        }
        (void) close(fds[1]);
        free(b->address);
        b->address = NULL;
        return read_address(b, fds[0]);
}

int private_bus_start(PrivateBus *b, const char *policies)
{
        *b = (PrivateBus) { .directory = "/tmp/test-bus-XXXXXX" };
        if (access(DBUS_DAEMON, X_OK) < 0)
                return -ENOENT;
        /* Others must reach the socket: the policy tests connect as another user. */
        if (!mkdtemp(b->directory) || chmod(b->directory, 0711) < 0)
                return -errno;
        int r = write_configuration(b, policies);
        return r < 0 ? r : start_daemon(b);
}

static void stop_daemon(PrivateBus *b)
{
        if (b->pid <= 0)
                return;
        (void) kill(b->pid, SIGTERM);
        (void) kill(b->pid, SIGCONT);
        (void) waitpid(b->pid, NULL, 0);
        b->pid = 0;
}

int private_bus_restart(PrivateBus *b)
{
        stop_daemon(b);
        return start_daemon(b);
}

void private_bus_stop(PrivateBus *b)
{
        static const char *const files[] = { "socket", "bus.conf" };
        char path[64];

        stop_daemon(b);
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", b->directory, files[i]);
                (void) unlink(path);
        }
        (void) rmdir(b->directory);
        free(b->address);
        *b = (PrivateBus) { 0 };
}

int private_bus_connect(const PrivateBus *b, sd_event *event, sd_bus **ret)
{
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if ((r = sd_bus_new(&bus)) < 0 || (r = sd_bus_set_address(bus, b->address)) < 0 ||
            (r = sd_bus_set_bus_client(bus, true)) < 0 || (r = sd_bus_start(bus)) < 0 ||
            (event && (r = sd_bus_attach_event(bus, event, 0)) < 0))
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

static int direct_end(sd_event *event, int fd, bool server, sd_bus **ret)
{
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if ((r = sd_bus_new(&bus)) < 0 || (r = sd_bus_set_fd(bus, fd, fd)) < 0 ||
            (server && (r = sd_bus_set_server(bus, true, (sd_id128_t) { .bytes = { 1 } })) < 0) ||
            (r = sd_bus_set_anonymous(bus, true)) < 0 || (r = sd_bus_start(bus)) < 0 ||
            (event && (r = sd_bus_attach_event(bus, event, 0)) < 0))
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

int direct_pair(sd_event *event, sd_bus **ret_server, sd_bus **ret_client)
{
        _cleanup_(sd_bus_unrefp) sd_bus *server = NULL;
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        if ((r = direct_end(event, fds[0], true, &server)) < 0 ||
            (r = direct_end(event, fds[1], false, ret_client)) < 0)
                return r;
        *ret_server = TAKE_PTR(server);
        return 0;
}
