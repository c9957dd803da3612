/* SPDX-License-Identifier: Apache-2.0 */

#include "io/file_replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "io/file_text.h"

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
        _cleanup_file_text_ FileText text = { 0 };

        assert_int_equal(file_text_read(path, SIZE_MAX, &text), 0);
        assert_string_equal(text.data, expected);
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

        assert_int_equal(file_replace_durable("a", "one\n"), 0);
        (void) umask(old);
        assert_text("a", "one\n");
        assert_int_equal(mode_of("a") & 07777, 0644);
}

static void test_missing_directory(void **state)
{
        assert_int_equal(file_replace_durable("d/a", "one\n"), 0);
        assert_text("d/a", "one\n");
        assert_int_equal(file_replace_durable("x/y/a", "one\n"), -ENOENT);
}

static void test_mode_stays(void **state)
{
        assert_int_equal(file_replace_durable("a", "one\n"), 0);
        assert_int_equal(chmod("a", 0600), 0);
        assert_int_equal(file_replace_durable("a", "two\n"), 0);
        assert_text("a", "two\n");
        assert_int_equal(mode_of("a") & 07777, 0600);
}

/* A process that has the old file open continues to read the old text: it is not overwritten in
 * place. */
static void test_old_file_untouched(void **state)
{
        char text[8] = "";

        assert_int_equal(file_replace_durable("a", "one\n"), 0);
        FILE *f = fopen("a", "re");
        assert_non_null(f);
        assert_int_equal(file_replace_durable("a", "two\n"), 0);
        assert_non_null(fgets(text, sizeof(text), f));
        assert_string_equal(text, "one\n");
        (void) fclose(f);
}

static void test_link_stays(void **state)
{
        assert_int_equal(file_replace_durable("a", "one\n"), 0);
        assert_int_equal(symlink("a", "link"), 0);
        assert_int_equal(file_replace_durable("link", "two\n"), 0);
        assert_true(S_ISLNK(mode_of("link")));
        assert_text("a", "two\n");
}

/* Neither a changed target nor a left-over file. */
static void test_failure_leaves_nothing(void **state)
{
        assert_int_equal(mkdir("a", 0755), 0);
        assert_int_equal(file_replace_durable("a", "one\n"), -EINVAL);
        assert_true(S_ISDIR(mode_of("a")));
        assert_int_equal(system("test \"$(ls)\" = a"), 0);
}

/* A file readable by others, or a link created by them, is replaced, not written to. Left-overs of
 * a killed writer do no harm. */
static void test_volatile(void **state)
{
        assert_int_equal(system("echo old >a && chmod 644 a && echo half >a.new"), 0);
        assert_int_equal(file_replace_volatile("a", "one\n"), 0);
        assert_text("a", "one\n");
        assert_int_equal(mode_of("a") & 07777, 0600);
        assert_int_equal(system("ln -sf elsewhere a && ln -s elsewhere a.new"), 0);
        assert_int_equal(file_replace_volatile("a", "two\n"), 0);
        assert_true(S_ISREG(mode_of("a")));
        assert_text("a", "two\n");
        assert_int_equal(system("test \"$(ls)\" = a"), 0);
}

static void test_volatile_failure_leaves_nothing(void **state)
{
        assert_int_equal(mkdir("a", 0755), 0);
        assert_int_equal(file_replace_volatile("a", "one\n"), -EISDIR);
        assert_int_equal(file_replace_volatile("none/a", "one\n"), -ENOENT);
        assert_int_equal(system("test \"$(ls)\" = a"), 0);
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
                FILE_TEST(test_volatile),   FILE_TEST(test_volatile_failure_leaves_nothing),
                FILE_TEST(test_lock),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
