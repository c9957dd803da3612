/* SPDX-License-Identifier: Apache-2.0 */

#include "io/file_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"

static char path[] = "/tmp/test-file_text-XXXXXX";

static void put(const char *data, size_t n)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fwrite(data, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
}

static void assert_read(size_t max, const char *data, size_t n)
{
        _cleanup_file_text_ FileText text = { 0 };

        assert_int_equal(file_text_read(path, max, &text), 0);
        assert_int_equal(text.n, n);
        assert_memory_equal(text.data, data, n + 1);
}

/* NUL bytes are part of the data, and one more terminates it. */
static void test_whole(void **state)
{
        char large[3 * 4096 + 1];

        put("", 0);
        assert_read(0, "", 0);
        put("a\0b\n", 4);
        assert_read(SIZE_MAX, "a\0b\n", 4);
        memset(large, 'x', sizeof(large) - 1);
        large[sizeof(large) - 1] = '\0';
        put(large, sizeof(large) - 1);
        assert_read(SIZE_MAX, large, sizeof(large) - 1);
}

/* The kernel reports a size of 0 for such files. */
static void test_of_kernel(void **state)
{
        _cleanup_file_text_ FileText text = { 0 };

        assert_int_equal(file_text_read("/proc/self/status", SIZE_MAX, &text), 0);
        assert_non_null(strstr(text.data, "\nPid:"));
        assert_int_equal(text.n, strlen(text.data));
}

static void test_bounded(void **state)
{
        _cleanup_file_text_ FileText text = { 0 };

        put("abcd", 4);
        assert_read(4, "abcd", 4);
        assert_int_equal(file_text_read(path, 3, &text), -EFBIG);
        assert_int_equal(file_text_read("/tmp", 3, &text), -EISDIR);
        assert_int_equal(file_text_read("/nowhere/file", 3, &text), -ENOENT);
        assert_null(text.data);
}

static void test_pipe_is_not_waited_for(void **state)
{
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_read(SIZE_MAX, "", 0);
}

static int set_up(void **state)
{
        int fd = mkostemp(path, O_CLOEXEC);

        return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
        return unlink(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),
                cmocka_unit_test(test_of_kernel),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_pipe_is_not_waited_for),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
