/* SPDX-License-Identifier: Apache-2.0 */

#include "source/last_known_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

#define FILE_NAME "last-known-config.json"

static char folder[] = "/tmp/test-last-known-XXXXXX";
static const char *const leftovers[] = { FILE_NAME, FILE_NAME ".damaged", FILE_NAME ".new" };

static int set_up(void **state)
{
        strcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX");
        assert_non_null(mkdtemp(folder));
        return chdir(folder);
}

static int tear_down(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(leftovers); i++)
                (void) unlink(leftovers[i]);
        assert_int_equal(chdir("/"), 0);
        return rmdir(folder);
}

static void write_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static bool exists(const char *path)
{
        return access(path, F_OK) == 0;
}

static void make_one(LastKnown *l)
{
        const TidFields fields = { .transport = "tcp",
                                   .traddr = "192.0.2.1",
                                   .subsysnqn = "nqn.a" };

        l->devices = calloc(1, sizeof(*l->devices));
        assert_non_null(l->devices);
        l->n_devices = l->n_devices_allocated = 1;
        l->devices[0].instance = 5;
        l->devices[0].inode = 7;
        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &l->devices[0].tid), 0);
}

static void test_none(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 };

        assert_int_equal(last_known_file_read(FILE_NAME, &l), -ENOENT);
}

static void test_write_and_read(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 }, back = { 0 };
        struct stat st;

        make_one(&l);
        assert_int_equal(last_known_file_write(FILE_NAME, &l), 0);
        assert_int_equal(stat(FILE_NAME, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_false(exists(FILE_NAME ".new"));
        assert_int_equal(last_known_file_read(FILE_NAME, &back), 0);
        assert_int_equal(back.n_devices, 1);
        assert_int_equal(back.devices[0].instance, 5);
}

/* A file readable by others, or a link placed by them, is replaced, not written to. */
static void test_replaces_what_was_there(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 };
        struct stat st;

        write_file(FILE_NAME, "old");
        assert_int_equal(chmod(FILE_NAME, 0644), 0);
        assert_int_equal(symlink("elsewhere", FILE_NAME ".new"), 0);
        assert_int_equal(last_known_file_write(FILE_NAME, &l), 0);
        assert_int_equal(lstat(FILE_NAME, &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_false(exists("elsewhere"));
}

static void test_failed_write_keeps_the_old_one(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 };

        assert_int_equal(mkdir(FILE_NAME, 0755), 0);
        assert_int_equal(last_known_file_write(FILE_NAME, &l), -EISDIR);
        assert_false(exists(FILE_NAME ".new"));
        assert_int_equal(rmdir(FILE_NAME), 0);
        assert_int_equal(last_known_file_write("none/" FILE_NAME, &l), -ENOENT);
}

static void test_damaged_one_is_set_aside(void **state)
{
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "", -EBADMSG },
                { "{\"version\":1,\"devi", -EBADMSG },
                { "{\"version\":99}", -EPROTONOSUPPORT },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_last_known_ LastKnown l = { 0 };

                write_file(FILE_NAME, cases[i].text);
                assert_int_equal(last_known_file_read(FILE_NAME, &l), cases[i].r);
                assert_false(exists(FILE_NAME));
                assert_true(exists(FILE_NAME ".damaged"));
                assert_int_equal(last_known_file_read(FILE_NAME, &l), -ENOENT);
        }
}

static void test_folder_is_an_error_and_stays(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 };

        assert_int_equal(mkdir(FILE_NAME, 0755), 0);
        assert_int_equal(last_known_file_read(FILE_NAME, &l), -EISDIR);
        assert_int_equal(rmdir(FILE_NAME), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_none),
                TEST(test_write_and_read),
                TEST(test_replaces_what_was_there),
                TEST(test_failed_write_keeps_the_old_one),
                TEST(test_damaged_one_is_set_aside),
                TEST(test_folder_is_an_error_and_stays),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
