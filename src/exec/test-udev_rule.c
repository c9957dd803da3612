/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/udev_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"

#define TARGET "/usr/share/nvme-stas/" UDEV_RULE

typedef struct World {
        char root[32], dir[64], path[128];
} World;

static int setup(void **state)
{
        World *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        (void) snprintf(w->root, sizeof(w->root), "/tmp/udev_rule.XXXXXX");
        assert_non_null(mkdtemp(w->root));
        (void) snprintf(w->dir, sizeof(w->dir), "%s/rules.d", w->root);
        (void) snprintf(w->path, sizeof(w->path), "%s/" UDEV_RULE, w->dir);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        (void) unlink(w->path);
        (void) rmdir(w->dir);
        (void) rmdir(w->root);
        free(w);
        return 0;
}

static void expect_link(const World *w, const char *target)
{
        char text[256] = "";

        assert_true(readlink(w->path, text, sizeof(text) - 1) > 0);
        assert_string_equal(text, target);
}

static void make_file(const char *path)
{
        int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        (void) close(fd);
}

static void test_it_comes_and_goes(void **state)
{
        World *w = *state;
        struct stat st;

        mode_t mask = umask(077);
        assert_int_equal(udev_rule_override(w->dir, TARGET), 1);
        (void) umask(mask);
        expect_link(w, TARGET);
        assert_int_equal(stat(w->dir, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755); /* udev's directory, readable by all users */
        assert_int_equal(udev_rule_override(w->dir, TARGET), 0);
        expect_link(w, TARGET);
        assert_int_equal(udev_rule_restore(w->dir, TARGET), 0);
        assert_int_equal(access(w->path, F_OK), -1);
        assert_int_equal(udev_rule_restore(w->dir, TARGET), 0);
}

static void test_what_stood_there_goes(void **state)
{
        World *w = *state;

        assert_int_equal(mkdir(w->dir, 0755), 0);
        make_file(w->path);
        assert_int_equal(udev_rule_override(w->dir, TARGET), 1);
        expect_link(w, TARGET);
}

static void test_what_is_not_ours_stays(void **state)
{
        World *w = *state;

        assert_int_equal(mkdir(w->dir, 0755), 0);
        make_file(w->path);
        assert_int_equal(udev_rule_restore(w->dir, TARGET), 0);
        assert_int_equal(access(w->path, F_OK), 0);
        assert_int_equal(unlink(w->path), 0);
        assert_int_equal(symlink("/dev/null", w->path), 0);
        assert_int_equal(udev_rule_restore(w->dir, TARGET), 0);
        expect_link(w, "/dev/null");
}

static void test_without_udev_there_is_nothing_to_do(void **state)
{
        World *w = *state;
        char dir[64];

        (void) snprintf(dir, sizeof(dir), "%s/absent/rules.d", w->root);
        assert_int_equal(udev_rule_override(dir, TARGET), 0);
        assert_int_equal(udev_rule_restore(dir, TARGET), 0);
}

static void test_what_cannot_be_made(void **state)
{
        World *w = *state;

        make_file(w->dir);
        assert_int_equal(udev_rule_override(w->dir, TARGET), -ENOTDIR);
        assert_int_equal(unlink(w->dir), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
                TEST(test_it_comes_and_goes),      TEST(test_what_stood_there_goes),
                TEST(test_what_is_not_ours_stays), TEST(test_without_udev_there_is_nothing_to_do),
                TEST(test_what_cannot_be_made),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
