/* SPDX-License-Identifier: Apache-2.0 */

/* Tests the program through its sockets; argv[1] is its path. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer/control.h"
#include "peer/testing.h"

static const char *arg_program;

typedef struct Fixture {
        char directory[32], socket_path[48];
        pid_t pid;
        uint16_t port;
} Fixture;

/* Parses the number at the end of "listening on 127.0.0.1:PORT". */
static uint16_t read_port(int fd)
{
        char line[128];
        size_t n = 0;
        while (n < sizeof(line) - 1 && (n == 0 || line[n - 1] != '\n'))
                assert_int_equal(read(fd, line + n++, 1), 1);
        line[n] = '\0';
        assert_non_null(strstr(line, "listening on 127.0.0.1:"));
        return (uint16_t) atoi(strrchr(line, ':') + 1);
}

static int set_up(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));
        int out[2];
        assert_non_null(f);
        (void) strcpy(f->directory, "/tmp/stas-peer-XXXXXX");
        assert_non_null(mkdtemp(f->directory));
        (void) snprintf(f->socket_path, sizeof(f->socket_path), "%s/socket", f->directory);
        assert_int_equal(pipe(out), 0);
        f->pid = fork();
        if (f->pid == 0) {
                (void) dup2(out[1], STDOUT_FILENO);
                (void) execl(arg_program, arg_program, "-l", "127.0.0.1:0", "-s", f->socket_path,
                             "-e", "entry add subnqn=nqn.a traddr=192.0.2.1", NULL);
                _exit(127);
        }
        assert_true(f->pid > 0);
        (void) close(out[1]);
        f->port = read_port(out[0]);
        (void) close(out[0]);
        *state = f;
        return 0;
}

/* A leak changes its exit status under a sanitizer. */
static int tear_down(void **state)
{
        Fixture *f = *state;
        int status;
        assert_int_equal(kill(f->pid, SIGTERM), 0);
        assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        (void) unlink(f->socket_path);
        (void) rmdir(f->directory);
        free(f);
        return 0;
}

static void tell(const Fixture *f, const char *command, const char *expected)
{
        _cleanup_free_ char *answer = NULL;
        assert_int_equal(control_ask(f->socket_path, command, &answer), 0);
        assert_string_equal(answer, expected);
}

static bool tells(const Fixture *f, const char *command, const char *part)
{
        _cleanup_free_ char *answer = NULL;
        assert_int_equal(control_ask(f->socket_path, command, &answer), 0);
        return strstr(answer, part);
}

/* A host that has sent ICReq. */
static int open_host(const Fixture *f)
{
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons(f->port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        _cleanup_bytes_ Bytes b = { 0 };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        host_put_icreq(&b, 0, 0);
        assert_int_equal(send(fd, b.data, b.length, MSG_NOSIGNAL), b.length);
        return fd;
}

static bool has_answer(int fd, int timeout_msec)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };
        return poll(&p, 1, timeout_msec) == 1;
}

static void expect_icresp(int fd)
{
        uint8_t icresp[PDU_IC_SIZE];
        assert_true(has_answer(fd, 10000));
        assert_int_equal(recv(fd, icresp, sizeof(icresp), MSG_WAITALL), sizeof(icresp));
        assert_int_equal(icresp[PDU_TYPE], PDU_ICRESP);
}

static void test_serves_several_hosts(void **state)
{
        const Fixture *f = *state;
        int fds[5];
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = open_host(f);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                expect_icresp(fds[i]);
        assert_true(tells(f, "show", "\"id\":5,\"state\":\"initialized\""));
        assert_true(tells(f, "show", "\"subnqn\":\"nqn.a\""));
        (void) close(fds[0]);
        while (tells(f, "show", "\"id\":1,"))
                (void) usleep(1000);
        tell(f, "disconnect", "ok 4");
        for (size_t i = 1; i < ELEMENTSOF(fds); i++) {
                char c;
                assert_int_equal(recv(fds[i], &c, 1, 0), 0);
                (void) close(fds[i]);
        }
}

static void test_resets(void **state)
{
        const Fixture *f = *state;
        char c;
        tell(f, "reset icreq 1", "ok");
        int fd = open_host(f);
        assert_int_equal(recv(fd, &c, 1, 0), -1);
        assert_int_equal(errno, ECONNRESET);
        (void) close(fd);
        fd = open_host(f);
        expect_icresp(fd);
        (void) close(fd);
}

static void test_stalls(void **state)
{
        const Fixture *f = *state;
        tell(f, "stall icreq", "ok");
        int fd = open_host(f);
        while (!tells(f, "show", "\"stalled\":true"))
                (void) usleep(1000);
        assert_false(has_answer(fd, 50));
        tell(f, "pass icreq", "ok");
        expect_icresp(fd);
        (void) close(fd);
}

static void test_answers_each_line(void **state)
{
        const Fixture *f = *state;
        tell(f, "nonsense", "error no such command: nonsense");
        tell(f, "entry clear\nentry clear", "ok 1"); /* the second answer is not awaited */
        tell(f, "entry clear", "ok 0");
}

static int run(const char *const *argv)
{
        int status;
        pid_t pid = fork();
        if (pid == 0) {
                (void) !freopen("/dev/null", "w", stdout);
                (void) !freopen("/dev/null", "w", stderr);
                (void) execv(arg_program, (char *const *) argv);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_exit_codes(void **state)
{
        const Fixture *f = *state;
        const char *p = arg_program;
        assert_int_equal(run((const char *[]) { p, "--help", NULL }), 0);
        assert_int_equal(run((const char *[]) { p, "--nonsense", NULL }), 2);
        assert_int_equal(run((const char *[]) { p, "word", NULL }), 2);
        assert_int_equal(run((const char *[]) { p, "-e", "nonsense", NULL }), 1);
        assert_int_equal(run((const char *[]) { p, "-l", "nowhere", NULL }), 1);
        assert_int_equal(run((const char *[]) { p, "-t", "/nowhere", "show", NULL }), 1);
        assert_int_equal(run((const char *[]) { p, "-t", f->socket_path, "show", NULL }), 0);
        assert_int_equal(run((const char *[]) { p, "-t", f->socket_path, "nonsense", NULL }), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                TEST(test_serves_several_hosts), TEST(test_resets),     TEST(test_stalls),
                TEST(test_answers_each_line),    TEST(test_exit_codes),
        };
        if (argc != 2)
                return EXIT_FAILURE;
        arg_program = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
