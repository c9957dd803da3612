/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "base/testing.h"

static char path[] = "/tmp/test-line-XXXXXX";

static int read_line(const char *text, char *line, size_t size)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
        return line_read(AT_FDCWD, path, line, size);
}

static void test_first_line_trimmed(void **state)
{
        char line[8];

        assert_int_equal(read_line(" \tlive \r\nmore\n", line, sizeof(line)), 0);
        assert_string_equal(line, "live");
        assert_int_equal(read_line("", line, sizeof(line)), 0);
        assert_string_equal(line, "");
}

static void test_cut(void **state)
{
        char line[8];

        assert_int_equal(read_line("1234567890\n", line, sizeof(line)), 0);
        assert_string_equal(line, "1234567");
}

/* Opening a FIFO would block. */
static void test_only_of_files(void **state)
{
        char line[8];

        assert_int_equal(unlink(path), 0);
        assert_int_equal(line_read(AT_FDCWD, path, line, sizeof(line)), -ENOENT);
        assert_int_equal(line_read(AT_FDCWD, "/tmp", line, sizeof(line)), -EBADMSG);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(line_read(AT_FDCWD, path, line, sizeof(line)), -EBADMSG);
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
                cmocka_unit_test(test_first_line_trimmed),
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_only_of_files),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
