/* SPDX-License-Identifier: Apache-2.0 */

/* A host for golden.py: stafd and stacd as they are, on a bus of their own, over a kernel and
 * targets that are played. Prints what "stacd --dry-run" does and, once all is connected that can
 * be, the address of the bus; ends when its input does. */

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bus/test-private-bus.h"
#include "daemon/test-hands.h"

#define NQN "nqn.2014-08.com.example:"
#define PERMIT_ALL                                                                                 \
        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"                        \
        "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy>"

/* Who is there. Of these the second storage address knows no such host, and of the discovery
 * controllers' addresses the second one has no listener. */
static const struct {
        const char *traddr, *nqn;
        int instance; /* that it gets, or */
        int error;
} targets[] = {
        { "192.0.2.10", NQN_DISCOVERY, .instance = 0 },
        { "192.0.2.11", NQN_DISCOVERY, .error = -ECONNREFUSED },
        { "192.0.2.20", NQN "a1", .instance = 1 },
        { "192.0.2.20", NQN "a2", .instance = 2 },
        { "192.0.2.21", NQN "a3", .error = -EIO },
};

static const struct {
        const char *traddr, *nqn;
} log_entries[] = {
        { "192.0.2.20", NQN "a1" },
        { "192.0.2.20", NQN "a2" },
        { "192.0.2.21", NQN "a3" },
        { "192.0.2.20", NQN "a4" },
};

typedef struct Played {
        Host host;
        const char *conf;
        size_t n_wanted; /* so many attempts and logs, and it is settled */
        pid_t pid;
} Played;

static DiscoveryLog *make_log(void)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));

        assert_non_null(log);
        log->n_entries = ELEMENTSOF(log_entries);
        log->entries = calloc(log->n_entries, sizeof(*log->entries));
        assert_non_null(log->entries);
        for (size_t i = 0; i < log->n_entries; i++)
                log->entries[i] = (DlpEntry) {
                        .trtype = 3,
                        .adrfam = 1,
                        .subtype = DLPE_NVME,
                        .trsvcid = "4420",
                        .subnqn = strdup(log_entries[i].nqn),
                        .traddr = strdup(log_entries[i].traddr),
                };
        return log;
}

/* The kernel's answer to what is written to /dev/nvme-fabrics. */
static void finish_connect(const Host *h)
{
        const char *options = hands_find_job(OPERATION_CONNECT)->options;
        size_t i = 0;

        while (!strstr(options, targets[i].traddr) || !strstr(options, targets[i].nqn))
                assert_true(++i < ELEMENTSOF(targets));

        int instance = targets[i].instance;
        if (targets[i].error < 0) {
                hands_finish_job(OPERATION_CONNECT, (Completion) { .error = targets[i].error });
                return;
        }
        uint64_t inode = host_connect(h, instance, targets[i].traddr,
                                      instance == 0 ? "8009" : "4420", targets[i].nqn);
        hands_finish_job(OPERATION_CONNECT, (Completion) { .instance = instance, .inode = inode });
        hands_tell_uevent((Uevent) { .action = UEVENT_ADD, .instance = instance });
        hands_tell_uevent((Uevent) {
                .action = UEVENT_CHANGE, .event = NVME_EVENT_CONNECTED, .instance = instance });
}

/* What waits for an answer; how many attempts and logs have got one. */
static size_t answer(const Host *h)
{
        static const Operation accepted[] = { OPERATION_REGISTER, OPERATION_READ_SUPPORTED_LOGS };
        size_t n = 0;

        hands_answer_probes(0);
        for (; hands_find_job(OPERATION_CONNECT); n++)
                finish_connect(h);
        for (size_t i = 0; i < ELEMENTSOF(accepted); i++)
                if (hands_find_job(accepted[i]))
                        hands_finish_job(accepted[i], (Completion) { 0 });
        for (; hands_find_job(OPERATION_READ_LOG); n++)
                hands_finish_job(OPERATION_READ_LOG, (Completion) { .log = make_log() });
        return n;
}

static void play(Played *p, int ready_fd)
{
        Daemon d = { .type = &p->host.type, .conf_file = p->host.conf_file };
        char *reason = NULL;
        sigset_t none;
        size_t n = 0;

        hands_init(&p->host);
        (void) sigemptyset(&none);
        assert_int_equal(
                inputs_load(d.type, d.conf_file, false, &d.inputs, &d.inputs, &reason), 0);
        assert_int_equal(sigprocmask(SIG_SETMASK, &none, NULL), 0);
        assert_int_equal(daemon_start(&d), 0);
        for (bool is_settled = false;;) {
                assert_true(sd_event_run(d.loop.event, 10 * USEC_PER_MSEC) >= 0);
                n += answer(&p->host);
                if (!is_settled && n >= p->n_wanted)
                        is_settled = write(ready_fd, "", 1) == 1;
        }
}

static void make(Played *p, const char *name, ControllerKind role)
{
        char conf[32];

        host_make(&p->host, name, role);
        (void) snprintf(conf, sizeof(conf), "etc/stas/%s.conf", name);
        root_put(&p->host.root, conf, p->conf);
        (void) root_path(&p->host.root, conf, p->host.conf_file);
        if (role == CONTROLLER_IO)
                (void) host_connect(&p->host, 5, "192.0.2.30", "4420", NQN "csi:volume-1");
}

/* Returns when it is settled. */
static void start(Played *p)
{
        int fds[2];
        char byte;

        assert_return_code(pipe(fds), errno);
        p->pid = fork();
        if (p->pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) close(fds[0]);
                play(p, fds[1]);
        }
        (void) close(fds[1]);
        assert_int_equal(read(fds[0], &byte, 1), 1);
        (void) close(fds[0]);
}

static void stop(Played *p)
{
        (void) kill(p->pid, SIGKILL);
        (void) waitpid(p->pid, NULL, 0);
        host_remove(&p->host);
}

#define STAFD_CONF                                                                                 \
        "[Service Discovery]\nzeroconf = disabled\n[Controllers]\n"                                \
        "controller = transport=tcp;traddr=192.0.2.10\n"

int main(void)
{
        /* --dry-run waits for logs that are not read yet */
        static Played complete = { .conf = STAFD_CONF, .n_wanted = 2 };
        static Played stafd = {
                .conf = STAFD_CONF "controller = transport=tcp;traddr=192.0.2.11\n",
                .n_wanted = 3,
        };
        static Played stacd = {
                .conf = "[Controllers]\n"
                        "controller = transport=tcp;traddr=192.0.2.20;nqn=" NQN "a1\n"
                        "exclude = nqn=" NQN "a4\n",
                .n_wanted = 3,
        };
        PrivateBus bus = { 0 };

        int r = private_bus_start(&bus, PERMIT_ALL);
        if (r == -ENOENT)
                return 77;
        assert_int_equal(r, 0);
        assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address, 1), 0);
        make(&stacd, "stacd", CONTROLLER_IO);
        make(&complete, "stafd", CONTROLLER_DISCOVERY);
        start(&complete);
        hands_init(&stacd.host);
        assert_int_equal(dry_run(&stacd.host.type, stacd.host.conf_file), EXIT_SUCCESS);
        stop(&complete);

        make(&stafd, "stafd", CONTROLLER_DISCOVERY);
        start(&stafd);
        start(&stacd);
        (void) puts(bus.address);
        (void) fflush(stdout);
        while (getchar() != EOF)
                ;
        stop(&stacd);
        stop(&stafd);
        private_bus_stop(&bus);
        return 0;
}
