/* SPDX-License-Identifier: Apache-2.0 */

/* With directories of the test's own. */

#include "observe/registry_watch.h"

#include <dirent.h>

#include "observe/testing.h"

typedef struct Fixture {
        Root root; /* stands for /run */
        sd_event *event;
        RegistryWatch *watch;
        unsigned n_calls;
        int instance; /* of the last call */
} Fixture;

static void on_change(int instance, int error, void *userdata)
{
        Fixture *f = userdata;

        assert_int_equal(error, 0);
        f->n_calls++;
        f->instance = instance;
}

static int set_up(void **state)
{
        static Fixture f;

        f = (Fixture) { .root = root_new() };
        assert_true(sd_event_new(&f.event) >= 0);
        *state = &f;
        return 0;
}

static int tear_down(void **state)
{
        Fixture *f = *state;

        (void) registry_watch_free(f->watch);
        (void) sd_event_unref(f->event);
        root_remove(&f->root);
        return 0;
}

static void watch(Fixture *f)
{
        char path[PATH_MAX];

        assert_int_equal(registry_watch_new(f->event, root_path(&f->root, "nvme/registry", path),
                                            on_change, f, &f->watch),
                         0);
}

static void move(const Fixture *f, const char *from, const char *to)
{
        char a[PATH_MAX], b[PATH_MAX];

        assert_int_equal(rename(root_path(&f->root, from, a), root_path(&f->root, to, b)), 0);
}

/* Handles all pending events. Returns the number of calls of the handler. */
static unsigned settle(Fixture *f)
{
        unsigned before = f->n_calls;

        while (sd_event_run(f->event, 0) > 0)
                ;
        return f->n_calls - before;
}

static void expect(Fixture *f, int instance)
{
        assert_int_not_equal(settle(f), 0);
        assert_int_equal(f->instance, instance);
}

static void test_entries_come_change_and_go(void **state)
{
        Fixture *f = *state;

        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        watch(f);
        assert_int_equal(settle(f), 0);
        root_put(&f->root, "nvme/registry/nvme3/owner", "stas\n");
        expect(f, 3);
        root_put(&f->root, "nvme/registry/nvme3/seqnum", "1\n");
        expect(f, 3);
        root_drop(&f->root, "nvme/registry/nvme3/owner");
        expect(f, 3);

        root_put(&f->root, "nvme/registry/nvme12/owner", "nbft\n");
        expect(f, 12);
        root_put(&f->root, "nvme/registry/nvme12/owner", "stas\n");
        expect(f, 12);
        root_drop(&f->root, "nvme/registry/nvme12/owner");
        root_drop(&f->root, "nvme/registry/nvme12");
        expect(f, 12);
        assert_int_equal(settle(f), 0);
}

/* In the way our own daemons write them. */
static void test_an_entry_is_replaced(void **state)
{
        Fixture *f = *state;
        char a[PATH_MAX], b[PATH_MAX];

        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        watch(f);
        root_put(&f->root, "nvme/registry/.nvme3.XYZ/owner", "stas\n");
        assert_int_equal(settle(f), 0);
        assert_int_equal(renameat2(AT_FDCWD, root_path(&f->root, "nvme/registry/.nvme3.XYZ", a),
                                   AT_FDCWD, root_path(&f->root, "nvme/registry/nvme3", b),
                                   RENAME_EXCHANGE),
                         0);
        expect(f, 3);
        root_put(&f->root, "nvme/registry/nvme3/owner", "nbft\n");
        expect(f, 3);
        root_put(&f->root, "nvme/registry/.nvme3.XYZ/owner", "nbft\n");
        assert_int_equal(settle(f), 0);
}

static void test_the_registry_comes_later_and_goes(void **state)
{
        Fixture *f = *state;

        watch(f);
        root_make_dir(&f->root, "other");
        assert_int_equal(settle(f), 0);
        root_put(&f->root, "new/registry/nvme3/owner", "discoverd\n");
        move(f, "new", "nvme");
        expect(f, -1);
        root_put(&f->root, "nvme/registry/nvme3/owner", "stas\n");
        expect(f, 3);

        move(f, "nvme/registry", "nvme/away");
        expect(f, -1);
        root_put(&f->root, "nvme/away/nvme3/owner", "nbft\n");
        assert_int_equal(settle(f), 0);
        root_make_dir(&f->root, "nvme/registry");
        expect(f, -1);
        root_put(&f->root, "nvme/registry/nvme5/owner", "nbft\n");
        expect(f, 5);
}

static void test_what_is_no_entry(void **state)
{
        Fixture *f = *state;

        root_put(&f->root, "nvme/registry/nvme3", "a file");
        root_link(&f->root, "elsewhere", "nvme/registry/nvme4");
        root_put(&f->root, "nvme/registry/notes/owner", "me\n");
        watch(f);
        root_put(&f->root, "nvme/registry/notes/owner", "you\n");
        root_put(&f->root, "nvme/registry/nvmeX/owner", "you\n");
        root_put(&f->root, "nvme/registry/nvme-1/owner", "you\n");
        assert_int_equal(settle(f), 0);
        root_put(&f->root, "nvme/registry/nvme123456/owner", "you\n");
        expect(f, 123456); /* added entries are reported for every number */
}

/* More events than the kernel queues: any entry may have changed; later changes are reported. */
static void test_events_that_were_lost(void **state)
{
        Fixture *f = *state;
        unsigned max = 16384;
        FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");

        if (file) {
                assert_int_equal(fscanf(file, "%u", &max), 1);
                (void) fclose(file);
        }
        if (max > 100000)
                skip();
        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        watch(f);
        for (unsigned i = 0; i <= max / 2 + 1; i++) { /* a directory is created and removed */
                char path[PATH_MAX];

                assert_int_equal(mkdir(root_path(&f->root, "nvme/registry/x", path), 0700), 0);
                assert_int_equal(rmdir(path), 0);
        }
        expect(f, -1);
        root_put(&f->root, "nvme/registry/nvme3/owner", "stas\n");
        expect(f, 3);
}

static void test_a_path_that_cannot_be_watched(void **state)
{
        Fixture *f = *state;
        char path[PATH_MAX];

        assert_int_equal(registry_watch_new(f->event, "registry", on_change, f, &f->watch),
                         -EINVAL);
        assert_int_equal(registry_watch_new(f->event, root_path(&f->root, "no/nvme/registry", path),
                                            on_change, f, &f->watch),
                         -ENOENT);
        assert_null(f->watch);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_entries_come_change_and_go),
                TEST(test_an_entry_is_replaced),
                TEST(test_the_registry_comes_later_and_goes),
                TEST(test_what_is_no_entry),
                TEST(test_events_that_were_lost),
                TEST(test_a_path_that_cannot_be_watched),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
