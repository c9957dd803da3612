/* SPDX-License-Identifier: Apache-2.0 */

#include "io/file_replace.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int enter_directory(void **state)
{
        char directory[] = "/tmp/test-file-XXXXXX";

        if (!mkdtemp(directory))
                return -1;
        *state = strdup(directory);
        return chdir(directory);
}

static int leave_directory(void **state)
{
        _cleanup_free_ char *directory = *state;
        char command[64];

        snprintf(command, sizeof(command), "rm -r %s", directory);
        return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void assert_text(const char *path, const char *expected)
{
        _cleanup_free_ char *text = NULL;

        assert_int_equal(file_read_text(path, &text), 0);
        assert_string_equal(text, expected);
}

static mode_t mode_of(const char *path)
{
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        return st.st_mode;
}

static void test_new(void **state)
{
        mode_t old = umask(0077);

        assert_int_equal(file_replace_text("a", "one\n"), 0);
        (void) umask(old);
        assert_text("a", "one\n");
        assert_int_equal(mode_of("a") & 07777, 0644);
}

static void test_missing_directory(void **state)
{
        assert_int_equal(file_replace_text("d/a", "one\n"), 0);
        assert_text("d/a", "one\n");
        assert_int_equal(file_replace_text("x/y/a", "one\n"), -ENOENT);
}

static void test_mode_stays(void **state)
{
        assert_int_equal(file_replace_text("a", "one\n"), 0);
        assert_int_equal(chmod("a", 0600), 0);
        assert_int_equal(file_replace_text("a", "two\n"), 0);
        assert_text("a", "two\n");
        assert_int_equal(mode_of("a") & 07777, 0600);
}

/* Who has the old file open keeps reading the old text: nothing is overwritten in place. */
static void test_old_file_untouched(void **state)
{
        char text[8] = "";

        assert_int_equal(file_replace_text("a", "one\n"), 0);
        FILE *f = fopen("a", "re");
        assert_non_null(f);
        assert_int_equal(file_replace_text("a", "two\n"), 0);
        assert_non_null(fgets(text, sizeof(text), f));
        assert_string_equal(text, "one\n");
        (void) fclose(f);
}

static void test_link_stays(void **state)
{
        assert_int_equal(file_replace_text("a", "one\n"), 0);
        assert_int_equal(symlink("a", "link"), 0);
        assert_int_equal(file_replace_text("link", "two\n"), 0);
        assert_true(S_ISLNK(mode_of("link")));
        assert_text("a", "two\n");
}

/* Neither the target nor a left-over. */
static void test_failure_leaves_nothing(void **state)
{
        assert_int_equal(mkdir("a", 0755), 0);
        assert_int_equal(file_replace_text("a", "one\n"), -EINVAL);
        assert_true(S_ISDIR(mode_of("a")));
        assert_int_equal(system("test \"$(ls)\" = a"), 0);
}

static void test_read(void **state)
{
        _cleanup_free_ char *untouched = NULL;

        assert_text("missing", "");
        assert_int_equal(system("printf 'a\\0b' >nul && truncate -s 2M large"), 0);
        assert_int_equal(file_read_text("nul", &untouched), -EINVAL);
        assert_int_equal(system("tr '\\0' x <large >long"), 0);
        assert_int_equal(file_read_text("long", &untouched), -EFBIG);
        assert_null(untouched);
}

static void test_lock(void **state)
{
        int lock, other;

        lock = file_lock_directory("d/a");
        assert_true(lock >= 0);
        other = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(other >= 0);
        assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
        assert_int_equal(close(lock), 0);
        assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
        assert_int_equal(close(other), 0);
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, enter_directory, leave_directory)

int main(void)
{
        const struct CMUnitTest tests[] = {
                FILE_TEST(test_new),        FILE_TEST(test_missing_directory),
                FILE_TEST(test_mode_stays), FILE_TEST(test_old_file_untouched),
                FILE_TEST(test_link_stays), FILE_TEST(test_failure_leaves_nothing),
                FILE_TEST(test_read),       FILE_TEST(test_lock),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
