/* SPDX-License-Identifier: Apache-2.0 */

/* Targets are sockets on loopback that a test serves by hand between iterations of the loop. */

#include "exec/probe.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/testing.h"
#include "codec/initialize_connection.h"
#include "io/fd.h"

enum {
        NOTHING_YET = 1,
        N_MAX = 64,
        DEADLINE_SEC = 60,
};

#define LONG (DEADLINE_SEC * USEC_PER_SEC)

typedef enum Manner {
        DEAF, /* accepted by the kernel, never served */
        ANSWER,
        ANSWER_IN_PIECES,
        ANSWER_GARBAGE,
        HANG_UP,
} Manner;

typedef struct Target {
        int fd, connection;
        Manner manner;
        uint8_t request[ICREQ_SIZE];
        size_t n_request;
        struct sockaddr_in peer;
        char trsvcid[8];
} Target;

typedef struct Fixture {
        sd_event *event;
        Probes *probes;
        Target target;
        int errors[N_MAX]; /* by op id */
        size_t n_ended;
        bool start_again; /* from within the handler */
} Fixture;

static Tid *make_tid(const Fixture *f, const char *host_traddr, const char *host_iface)
{
        const TidFields fields = { .transport = "tcp",
                                   .traddr = "127.0.0.1",
                                   .trsvcid = f->target.trsvcid,
                                   .subsysnqn = "nqn.2024-01.lab:a",
                                   .host_traddr = host_traddr,
                                   .host_iface = host_iface };
        Tid *t;
        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &t), 0);
        return t;
}

static int try_start(Fixture *f, uint64_t op_id, usec_t timeout, const char *host_traddr,
                     const char *host_iface)
{
        _cleanup_tid_ Tid *t = make_tid(f, host_traddr, host_iface);
        return probes_start(f->probes, op_id, t, timeout);
}

static void start(Fixture *f, uint64_t op_id, usec_t timeout)
{
        assert_int_equal(try_start(f, op_id, timeout, NULL, NULL), 0);
}

static void on_end(uint64_t op_id, int error, void *userdata)
{
        Fixture *f = userdata;

        assert_true(op_id < N_MAX);
        assert_int_equal(f->errors[op_id], NOTHING_YET);
        f->errors[op_id] = error;
        f->n_ended++;
        if (f->start_again)
                start(f, op_id + 1, LONG);
        f->start_again = false;
}

static void target_listen(Target *t)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(a);

        t->connection = -1;
        t->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(t->fd >= 0);
        assert_int_equal(bind(t->fd, (struct sockaddr *) &a, sizeof(a)), 0);
        assert_int_equal(listen(t->fd, N_MAX), 0);
        assert_int_equal(getsockname(t->fd, (struct sockaddr *) &a, &size), 0);
        (void) snprintf(t->trsvcid, sizeof(t->trsvcid), "%u", ntohs(a.sin_port));
}

static void target_close(Target *t)
{
        if (t->connection >= 0)
                (void) close(t->connection);
        if (t->fd >= 0)
                (void) close(t->fd);
        t->fd = t->connection = -1;
}

static void say(const Target *t, const uint8_t *data, size_t n)
{
        assert_int_equal(send(t->connection, data, n, MSG_NOSIGNAL), n);
}

static void target_answer(Target *t, sd_event *event)
{
        uint8_t icresp[ICRESP_SIZE] = { [0] = 1, [2] = ICRESP_SIZE, [4] = ICRESP_SIZE };

        switch (t->manner) {
        case DEAF:
                return;
        case ANSWER:
                say(t, icresp, sizeof(icresp));
                break;
        case ANSWER_IN_PIECES:
                say(t, icresp, 3);
                assert_true(sd_event_run(event, 100 * USEC_PER_MSEC) >= 0);
                say(t, icresp + 3, sizeof(icresp) - 3);
                break;
        case ANSWER_GARBAGE:
                say(t, (const uint8_t *) "SSH-2.0-x\r\n", 11);
                break;
        case HANG_UP:
                break;
        }
        (void) close(t->connection);
        t->connection = -1;
}

static void target_serve(Target *t, sd_event *event)
{
        socklen_t size = sizeof(t->peer);

        if (t->manner == DEAF)
                return;
        if (t->connection < 0) {
                t->connection = accept4(t->fd, (struct sockaddr *) &t->peer, &size, SOCK_NONBLOCK);
                t->n_request = 0;
        }
        if (t->connection < 0)
                return;
        ssize_t n = recv(t->connection, t->request + t->n_request,
                         sizeof(t->request) - t->n_request, 0);
        if (n > 0)
                t->n_request += (size_t) n;
        if (t->n_request == sizeof(t->request)) {
                target_answer(t, event);
        } else if (n == 0) { /* cancelled */
                (void) close(t->connection);
                t->connection = -1;
        }
}

static void run_until(Fixture *f, size_t n_ended)
{
        uint64_t begun, now;

        assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &begun) >= 0);
        do {
                target_serve(&f->target, f->event);
                assert_true(sd_event_run(f->event, 5 * USEC_PER_MSEC) >= 0);
                assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &now) >= 0);
                assert_true(now - begun < DEADLINE_SEC * USEC_PER_SEC);
        } while (f->n_ended < n_ended);
}

static int set_up(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        for (size_t i = 0; i < N_MAX; i++)
                f->errors[i] = NOTHING_YET;
        assert_true(sd_event_new(&f->event) >= 0);
        assert_int_equal(probes_new(f->event, on_end, f, &f->probes), 0);
        target_listen(&f->target);
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        Fixture *f = *state;

        (void) probes_free(f->probes);
        target_close(&f->target);
        (void) sd_event_unref(f->event);
        free(f);
        return 0;
}

static void test_a_target_answers(void **state)
{
        Fixture *f = *state;
        uint8_t request[ICREQ_SIZE];

        f->target.manner = ANSWER;
        start(f, 7, LONG);
        run_until(f, 1);
        assert_int_equal(f->errors[7], 0);
        icreq_encode(request);
        assert_memory_equal(f->target.request, request, sizeof(request));
}

static void test_what_else_may_be_there(void **state)
{
        static const struct {
                Manner manner;
                int error;
        } table[] = {
                { ANSWER_IN_PIECES, 0 },
                { ANSWER_GARBAGE, -EPROTO },
                { HANG_UP, -ECONNRESET },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                f->target.manner = table[i].manner;
                start(f, i, LONG);
                run_until(f, i + 1);
                assert_int_equal(f->errors[i], table[i].error);
        }
}

static void test_nobody_listens(void **state)
{
        Fixture *f = *state;

        target_close(&f->target);
        start(f, 0, LONG);
        f->target.manner = DEAF;
        run_until(f, 1);
        assert_int_equal(f->errors[0], -ECONNREFUSED);
}

/* Accepted without an answer: the kernel would wait for seconds. Other probes are not delayed. */
static void test_silence_ends_at_the_deadline(void **state)
{
        Fixture *f = *state;
        uint64_t begun, now;

        f->target.manner = DEAF;
        assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &begun) >= 0);
        start(f, 0, 50 * USEC_PER_MSEC);
        start(f, 1, 1500 * USEC_PER_MSEC);
        run_until(f, 1);
        assert_int_equal(f->errors[0], -ETIMEDOUT);
        assert_int_equal(f->errors[1], NOTHING_YET);
        assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &now) >= 0);
        assert_true(now - begun >= 50 * USEC_PER_MSEC);
}

static void test_many_at_a_time(void **state)
{
        Fixture *f = *state;

        f->target.manner = ANSWER;
        for (uint64_t i = 0; i < N_MAX; i++)
                start(f, i, LONG);
        run_until(f, N_MAX);
        for (size_t i = 0; i < N_MAX; i++)
                assert_int_equal(f->errors[i], 0);
}

static size_t count_descriptors(void)
{
        DIR *dir = opendir("/proc/self/fd");
        size_t n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        (void) closedir(dir);
        return n;
}

static void test_a_cancelled_one_says_nothing(void **state)
{
        Fixture *f = *state;

        f->target.manner = ANSWER;
        start(f, 3, LONG);
        run_until(f, 1); /* the loop has its timer now */
        size_t n_before = count_descriptors();
        start(f, 0, LONG);
        start(f, 1, 20 * USEC_PER_MSEC);
        start(f, 2, LONG);
        probes_cancel(f->probes, 0);
        probes_cancel(f->probes, 1);
        probes_cancel(f->probes, 9); /* does not exist */
        run_until(f, 2);
        assert_int_equal(f->errors[0], NOTHING_YET);
        assert_int_equal(f->errors[1], NOTHING_YET);
        assert_int_equal(f->errors[2], 0);
        if (f->target.connection >= 0)
                (void) close(f->target.connection);
        f->target.connection = -1;
        assert_int_equal(count_descriptors(), n_before);
}

static void test_the_handler_starts_another(void **state)
{
        Fixture *f = *state;

        f->target.manner = ANSWER;
        f->start_again = true;
        start(f, 0, LONG);
        run_until(f, 2);
        assert_int_equal(f->errors[1], 0);
}

static void test_it_comes_from_where_the_connection_will(void **state)
{
        Fixture *f = *state;

        f->target.manner = ANSWER;
        assert_int_equal(try_start(f, 0, LONG, "127.0.0.9", "lo"), 0);
        run_until(f, 1);
        assert_int_equal(f->errors[0], 0);
        assert_int_equal(ntohl(f->target.peer.sin_addr.s_addr), 0x7f000009);
}

static void test_what_the_host_does_not_have(void **state)
{
        Fixture *f = *state;

        assert_int_equal(try_start(f, 0, LONG, NULL, "stas-none0"), -ENODEV);
        assert_int_equal(try_start(f, 0, LONG, "192.0.2.1", NULL), -EADDRNOTAVAIL);
        assert_int_equal(f->errors[0], NOTHING_YET);
}

static void test_what_is_not_numeric(void **state)
{
        const TidFields fields = { .transport = "tcp",
                                   .traddr = "storage.example",
                                   .subsysnqn = "nqn.2024-01.lab:a" };
        Fixture *f = *state;
        _cleanup_tid_ Tid *t = NULL;

        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &t), 0);
        assert_int_equal(probes_start(f->probes, 0, t, LONG), -EAFNOSUPPORT);
}

static void test_link_local_needs_its_interface(void **state)
{
        const TidFields fields = { .transport = "tcp",
                                   .traddr = "fe80::1%stas-none0",
                                   .subsysnqn = "nqn.2024-01.lab:a" };
        Fixture *f = *state;
        _cleanup_tid_ Tid *t = NULL;

        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &t), 0);
        assert_int_equal(probes_start(f->probes, 0, t, LONG), -ENODEV);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_target_answers, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_what_else_may_be_there, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_nobody_listens, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_silence_ends_at_the_deadline, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_many_at_a_time, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_cancelled_one_says_nothing, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_the_handler_starts_another, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_it_comes_from_where_the_connection_will,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_what_the_host_does_not_have, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_what_is_not_numeric, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_link_local_needs_its_interface, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
