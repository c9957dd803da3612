/* SPDX-License-Identifier: Apache-2.0 */

/* Standard error of a separate process is a pipe that is read late or never. */

#include "daemon/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

/* A blocked logger would hang here. */
#define HANGS_SECONDS 60
#define MESSAGE "message %06u about a controller that comes and goes"

typedef struct Logger {
        pid_t pid;
        int errors;  /* read end of its standard error */
        int control; /* a byte from it: everything is logged; closed by us: it may stop */
} Logger;

static void logger_main(unsigned n, int control)
{
        char c;

        (void) alarm(HANGS_SECONDS);
        log_open("test", false);
        log_start();
        for (unsigned i = 0; i < n; i++)
                log_info(NULL, MESSAGE, i);
        if (write(control, ".", 1) != 1 || read(control, &c, 1) != 0)
                exit(1);
        log_stop();
        exit(0);
}

/* Forks a process that logs n messages. */
static Logger logger_new(unsigned n)
{
        int errors[2], control[2];

        assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void) unsetenv("JOURNAL_STREAM");
                (void) dup2(errors[1], STDERR_FILENO);
                (void) close(errors[0]);
                (void) close(errors[1]);
                (void) close(control[0]);
                logger_main(n, control[1]);
        }
        (void) close(errors[1]);
        (void) close(control[1]);
        return (Logger) { .pid = pid, .errors = errors[0], .control = control[0] };
}

static void wait_logged(const Logger *l)
{
        char c;

        assert_int_equal(read(l->control, &c, 1), 1);
}

/* Returns its exit code, or -1 if it hung. */
static int logger_end(const Logger *l)
{
        int status;

        (void) close(l->control);
        assert_int_equal(waitpid(l->pid, &status, 0), l->pid);
        (void) close(l->errors);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Reads until a line contains this text, or to the end. */
static char *read_until(const Logger *l, const char *last)
{
        TextBuffer b = { 0 };
        char data[16 * 1024];
        ssize_t n;

        while ((n = read(l->errors, data, sizeof(data))) > 0) {
                size_t from = b.length > 100 ? b.length - 100 : 0;
                text_buffer_append_bytes(&b, data, (size_t) n);
                if (last && strstr(b.data + from, last))
                        break;
        }
        char *text = text_buffer_take(&b);
        assert_non_null(text);
        return text;
}

/* Counts the messages at the start of the text, all in order; *ret_rest is the remainder. */
static unsigned count_messages(const char *text, const char **ret_rest)
{
        for (unsigned n = 0;; n++) {
                char line[100];

                (void) snprintf(line, sizeof(line), "test: " MESSAGE "\n", n);
                const char *rest = text_after(text, line);
                if (!rest) {
                        *ret_rest = text;
                        return n;
                }
                text = rest;
        }
}

static void test_a_burst_is_logged_whole(void **state)
{
        const char *rest;

        const Logger l = logger_new(10000);
        _cleanup_free_ char *text =
                read_until(&l, "009999 about a controller that comes and goes\n");
        wait_logged(&l);
        assert_int_equal(count_messages(text, &rest), 10000);
        assert_string_equal(rest, "");
        assert_int_equal(logger_end(&l), 0);
}

static void test_nobody_reads_and_it_is_told_what_is_missing(void **state)
{
        enum {
                N = 200000 /* of 60 bytes, about three times the limit of the queue */
        };
        unsigned n_lost = 0;
        const char *rest;

        const Logger l = logger_new(N);
        wait_logged(&l);
        _cleanup_free_ char *text = read_until(&l, "not logged\n");
        unsigned n = count_messages(text, &rest);
        assert_true(n >= 50000);
        assert_int_equal(sscanf(rest, "test: %u messages were not logged", &n_lost), 1);
        assert_int_equal(n + n_lost, N);
        assert_string_equal(strchr(rest, '\n'), "\n");
        assert_int_equal(logger_end(&l), 0);
}

static void test_the_end_does_not_wait_for_who_does_not_read(void **state)
{
        const Logger l = logger_new(10000);
        wait_logged(&l);
        assert_int_equal(logger_end(&l), 0);
}

static void test_nobody_is_there_to_read(void **state)
{
        Logger l = logger_new(1);

        (void) close(l.errors);
        l.errors = -1;
        wait_logged(&l);
        assert_int_equal(logger_end(&l), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_burst_is_logged_whole),
                cmocka_unit_test(test_nobody_reads_and_it_is_told_what_is_missing),
                cmocka_unit_test(test_the_end_does_not_wait_for_who_does_not_read),
                cmocka_unit_test(test_nobody_is_there_to_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
