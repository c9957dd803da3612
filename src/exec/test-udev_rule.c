/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/udev_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
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

static void write_rule(const World *w, const char *dir, const char *name, const char *text)
{
        char path[256];

        for (size_t n = 1; n <= strlen(dir); n++) /* each directory on the way */
                if (dir[n] == '/' || !dir[n]) {
                        (void) snprintf(path, sizeof(path), "%s%.*s", w->root, (int) n, dir);
                        (void) mkdir(path, 0755);
                }
        (void) snprintf(path, sizeof(path), "%s%s/%s", w->root, dir, name);
        (void) unlink(path);
        if (!text) {
                assert_int_equal(symlink("/dev/null", path), 0);
                return;
        }
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void remove_rules(const World *w)
{
        static const char *const dirs[] = { UDEV_RULES_DIRS, UDEV_RUN_RULES };
        char path[256];

        for (size_t i = 0; i < ELEMENTSOF(dirs); i++) {
                (void) snprintf(path, sizeof(path), "%s%s/" UDEV_RULE, w->root, dirs[i]);
                (void) unlink(path);
                (void) snprintf(path, sizeof(path), "%s%s/" UDEV_REGISTRY_RULE, w->root, dirs[i]);
                (void) unlink(path);
                (void) snprintf(path, sizeof(path), "%s%s", w->root, dirs[i]);
                while (strlen(path) > strlen(w->root)) {
                        (void) rmdir(path);
                        *strrchr(path, '/') = '\0';
                }
        }
}

static void test_which_rule_is_in_effect(void **state)
{
        static const char connects[] = "RUN+=\"systemctl restart nvmf-connect@x.service\"\n";
        static const struct {
                const char *in_etc, *in_usr, *of_registry;
                UdevRule expected;
        } cases[] = {
                { .expected = UDEV_RULE_NONE },
                { .in_usr = connects, .expected = UDEV_RULE_OVERRIDABLE },
                { .in_usr = "# nothing\n", .expected = UDEV_RULE_NONE },
                { .in_usr = connects,
                  .of_registry = "/usr/lib/udev/rules.d",
                  .expected = UDEV_RULE_COOPERATIVE },
                { .in_usr = connects,
                  .of_registry = UDEV_RUN_RULES,
                  .expected = UDEV_RULE_COOPERATIVE },
                { .of_registry = "/usr/lib/udev/rules.d", .expected = UDEV_RULE_NONE },
                { .in_etc = "mask", .in_usr = connects, .expected = UDEV_RULE_NONE },
                { .in_etc = "", .in_usr = connects, .expected = UDEV_RULE_NONE },
                { .in_etc = connects, .in_usr = connects, .expected = UDEV_RULE_OF_THIS_HOST },
                { .in_etc = connects, .expected = UDEV_RULE_OF_THIS_HOST },
                { .in_etc = "mask",
                  .of_registry = "/usr/lib/udev/rules.d",
                  .expected = UDEV_RULE_NONE },
        };
        World *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *etc = cases[i].in_etc;

                if (etc)
                        write_rule(w, "/etc/udev/rules.d", UDEV_RULE,
                                   strcmp(etc, "mask") == 0 ? NULL : etc);
                if (cases[i].in_usr)
                        write_rule(w, "/usr/lib/udev/rules.d", UDEV_RULE, cases[i].in_usr);
                if (cases[i].of_registry)
                        write_rule(w, cases[i].of_registry, UDEV_REGISTRY_RULE, "#\n");
                assert_int_equal(udev_rule_find(w->root), cases[i].expected);
                remove_rules(w);
        }
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
                TEST(test_which_rule_is_in_effect),
                TEST(test_it_comes_and_goes),
                TEST(test_what_stood_there_goes),
                TEST(test_what_is_not_ours_stays),
                TEST(test_without_udev_there_is_nothing_to_do),
                TEST(test_what_cannot_be_made),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
