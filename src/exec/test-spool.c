/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/spool.h"

#include <poll.h>

#include "base/text.h"
#include "observe/testing.h"

#define LONG (10 * USEC_PER_SEC)

static Spool *spool_to(int fd, size_t n_max)
{
        const SpoolConfig config = { .thread_name = "test-spool", .n_max = n_max, .fd = fd };
        Spool *s;

        assert_int_equal(spool_new(&config, &s), 0);
        return s;
}

static int open_new(const Root *root, char path[static PATH_MAX])
{
        int fd = open(root_path(root, "file", path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        return fd;
}

static void test_all_is_written_in_order(void **state)
{
        Root root = root_new();
        char path[PATH_MAX], text[64 * 1024];
        Spool *s = spool_to(open_new(&root, path), 1024 * 1024);

        for (int i = 0; i < 4000; i++) {
                char line[32];
                int n = snprintf(line, sizeof(line), "%i\n", i);
                assert_int_equal(spool_append(s, line, (size_t) n), 0);
        }
        assert_null(spool_free(s, LONG));

        root_get(&root, "file", text, sizeof(text));
        const char *at = text;
        for (int i = 0; i < 4000; i++, at++) {
                char *end;
                assert_int_equal(strtol(at, &end, 10), i);
                at = end;
        }
        assert_int_equal(*at, '\0');
        root_remove(&root);
}

static void fill_pipe(const int fds[2])
{
        char zeros[4096] = { 0 };

        assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
        while (write(fds[1], zeros, sizeof(zeros)) > 0)
                ;
        assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
}

/* Reads until end of file: the writer has closed. */
static size_t read_all(int fd, char *ret, size_t size)
{
        ssize_t n;
        size_t length = 0;

        while ((n = read(fd, ret + length, size - length)) > 0)
                length += (size_t) n;
        assert_int_equal(n, 0);
        return length;
}

/* The file accepts no data, for whatever reason: no caller waits, and pending data is bounded. */
static void test_a_file_that_blocks_holds_nobody(void **state)
{
        static char text[1024 * 1024];
        int fds[2], r;
        size_t n = 0;

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        fill_pipe(fds);
        Spool *s = spool_to(fds[1], 1000);
        while ((r = spool_append(s, "0123456789", 10)) == 0)
                n++;
        assert_int_equal(r, -ENOBUFS);
        assert_true(n >= 100 && n <= 300); /* pending, and being written */
        assert_int_equal(spool_append_last(s, "end", 3), 0);
        assert_null(spool_free(s, 1)); /* neither does a caller without time to wait */

        size_t length =
                read_all(fds[0], text, sizeof(text)); /* the thread continues without its owner */
        assert_true(length > n * 10 + 3);
        assert_memory_equal(text + length - 13, "0123456789end", 13);
        (void) close(fds[0]);
}

static void test_an_error_is_told_and_ends_it(void **state)
{
        int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), r = 0;

        assert_true(fd >= 0);
        Spool *s = spool_to(fd, 1000);
        for (int i = 0; r == 0 && i < 1000; i++) {
                r = spool_append(s, "x", 1);
                (void) poll(NULL, 0, 1);
        }
        assert_int_equal(r, -ENOSPC);
        assert_int_equal(spool_append_last(s, "x", 1), -ENOSPC);
        assert_null(spool_free(s, LONG));
}

/* Data delivered by the thread. Each time it signals its arrival and waits for a go-ahead. */
static struct {
        int came[2], gate[2];
        char text[64];
} heard;

static void hear(const char *data, size_t n, unsigned n_refused)
{
        size_t length = strlen(heard.text);
        char c;

        if (write(heard.came[1], ".", 1) == 1 && read(heard.gate[0], &c, 1) == 1)
                (void) snprintf(heard.text + length, sizeof(heard.text) - length, "%.*s(%u)",
                                (int) n, data, n_refused);
}

static void test_what_finds_no_room_is_counted_in_its_place(void **state)
{
        const SpoolConfig config = {
                .thread_name = "test-spool", .n_max = 4, .fd = -1, .deliver = hear
        };
        Spool *s;
        char c;

        assert_int_equal(pipe2(heard.came, O_CLOEXEC), 0);
        assert_int_equal(pipe2(heard.gate, O_CLOEXEC), 0);
        assert_int_equal(spool_new(&config, &s), 0);
        assert_int_equal(spool_append(s, "a", 1), 0);
        assert_int_equal(read(heard.came[0], &c, 1), 1);
        assert_int_equal(spool_append(s, "bb", 2), 0);
        assert_int_equal(spool_append(s, "long", 4), -ENOBUFS);
        assert_int_equal(spool_append(s, "c", 1), -ENOBUFS); /* would fit, but out of order */
        assert_int_equal(spool_append_last(s, "last", 4), 0);
        assert_int_equal(write(heard.gate[1], ".", 1), 1);
        assert_int_equal(read(heard.came[0], &c, 1), 1);
        assert_int_equal(spool_append(s, "dddd", 4), 0);
        assert_int_equal(write(heard.gate[1], "..", 2), 2);
        assert_null(spool_free(s, LONG));

        assert_string_equal(heard.text, "a(0)bblast(2)dddd(0)");
        for (int i = 0; i < 2; i++) {
                (void) close(heard.came[i]);
                (void) close(heard.gate[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_finds_no_room_is_counted_in_its_place),
                cmocka_unit_test(test_all_is_written_in_order),
                cmocka_unit_test(test_a_file_that_blocks_holds_nobody),
                cmocka_unit_test(test_an_error_is_told_and_ends_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
