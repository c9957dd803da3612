/* SPDX-License-Identifier: Apache-2.0 */

#include "io/dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

static int enter_directory(void **state)
{
        char directory[] = "/tmp/test-dir-XXXXXX";

        if (!mkdtemp(directory))
                return -1;
        *state = strdup(directory);
        return chdir(directory);
}

static int leave_directory(void **state)
{
        _cleanup_free_ char *directory = *state;
        char command[64];

        (void) snprintf(command, sizeof(command), "rm -r %s", directory);
        return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void test_each_entry(void **state)
{
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;
        unsigned n = 0;
        int r;

        assert_int_equal(system("mkdir d && touch d/a d/.hidden d/..b"), 0);
        assert_int_equal(dir_open(AT_FDCWD, "d", &dir), 0);
        while ((r = dir_next(dir, &name)) > 0) {
                assert_true(streq(name, "a") || streq(name, ".hidden") || streq(name, "..b"));
                n++;
        }
        assert_int_equal(r, 0);
        assert_int_equal(n, 3);
}

static void test_no_folder(void **state)
{
        DIR *dir = NULL;

        assert_int_equal(system("touch a"), 0);
        assert_int_equal(dir_open(AT_FDCWD, "a", &dir), -ENOTDIR);
        assert_int_equal(dir_open(AT_FDCWD, "b", &dir), -ENOENT);
        assert_null(dir);
}

static bool is_number(const char *name)
{
        return *name >= '0' && *name <= '9';
}

static void test_list(void **state)
{
        _cleanup_dir_paths_ DirPaths paths = { 0 }, none = { 0 };

        assert_int_equal(system("mkdir d && touch d/9 d/a d/10 d/1"), 0);
        assert_int_equal(dir_list("d", is_number, &paths), 0);
        assert_int_equal(paths.n, 3);
        assert_string_equal(paths.items[0], "d/1");
        assert_string_equal(paths.items[1], "d/10");
        assert_string_equal(paths.items[2], "d/9");

        assert_int_equal(mkdir("empty", 0755), 0);
        assert_int_equal(dir_list("empty", is_number, &none), 0);
        assert_int_equal(none.n, 0);
        assert_int_equal(dir_list("missing", is_number, &none), -ENOENT);
}

static mode_t mode_of(const char *path)
{
        struct stat st;

        assert_int_equal(stat(path, &st), 0);
        return st.st_mode & 07777;
}

static void test_make(void **state)
{
        mode_t old = umask(0077);

        assert_int_equal(dir_make("new"), 0);
        (void) umask(old);
        assert_int_equal(mode_of("new"), 0755);
        assert_int_equal(chmod("new", 0700), 0);
        assert_int_equal(dir_make("new"), 0);
        assert_int_equal(mode_of("new"), 0700);
        assert_int_equal(dir_make("x/y"), -ENOENT);
}

#define DIR_TEST(f) cmocka_unit_test_setup_teardown(f, enter_directory, leave_directory)

int main(void)
{
        const struct CMUnitTest tests[] = {
                DIR_TEST(test_each_entry),
                DIR_TEST(test_no_folder),
                DIR_TEST(test_list),
                DIR_TEST(test_make),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
