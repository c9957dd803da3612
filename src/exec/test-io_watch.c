/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/io_watch.h"

#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        IoWatches watches;
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f.root = root_new();
        io_watches_init(&f.watches);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        io_watches_done(&f->watches);
        root_remove(&f->root);
        return 0;
}

/* In the kernel's format: reads, merged, sectors, ms; writes …; in flight, ms, ms; discards …;
 * flushes, ms. */
static void put_counters(const Fixture *f, const char *disk, int reads, int writes, int in_flight,
                         int discards, int flushes)
{
        char name[64], text[256];
        (void) snprintf(name, sizeof(name), "%s/stat", disk);
        (void) snprintf(text, sizeof(text), "%8d 0 9 9 %8d 0 9 9 %8d 9 9 %8d 0 9 9 %8d 9\n", reads,
                        writes, in_flight, discards, flushes);
        root_put(&f->root, name, text);
}

static int open_disk(const Fixture *f, const char *disk)
{
        char path[PATH_MAX];
        int fd = open(root_path(&f->root, disk, path), O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        return fd;
}

static IoState look(Fixture *f, const char *disk)
{
        int fd = open_disk(f, disk);
        IoState state = io_watch_look(&f->watches, fd);
        assert_int_equal(close(fd), 0);
        return state;
}

static void begin(Fixture *f, const char *disk)
{
        int fd = open_disk(f, disk);
        io_watch_begin(&f->watches, fd, false);
        assert_int_equal(close(fd), 0);
}

static void test_quiet(void **state)
{
        Fixture *f = *state;
        put_counters(f, "a", 1, 2, 0, 3, 4);
        put_counters(f, "b", 1, 2, 0, 3, 4);
        begin(f, "a");
        assert_int_equal(look(f, "a"), IO_UNKNOWN); /* too early */
        assert_int_equal(look(f, "b"), IO_UNKNOWN); /* never sampled before */
        (void) usleep(600000);
        assert_int_equal(look(f, "a"), IO_QUIET);
        assert_int_equal(look(f, "b"), IO_QUIET);
}

static void test_each_counter(void **state)
{
        Fixture *f = *state;
        const int counters[][5] = {
                { 2, 2, 0, 3, 4 },
                { 2, 3, 0, 3, 4 },
                { 2, 3, 0, 4, 4 },
                { 2, 3, 0, 4, 5 },
        };
        put_counters(f, "a", 1, 2, 0, 3, 4);
        begin(f, "a");
        for (size_t i = 0; i < ELEMENTSOF(counters); i++) {
                const int *c = counters[i];
                put_counters(f, "a", c[0], c[1], c[2], c[3], c[4]);
                /* A user that has just closed the disk leaves one change behind. */
                assert_int_equal(look(f, "a"), i == 0 ? IO_CHANGED : IO_BUSY);
        }
        begin(f, "a");
        put_counters(f, "a", 3, 3, 0, 4, 5);
        assert_int_equal(look(f, "a"), IO_CHANGED);
}

static void test_what_is_under_way(void **state)
{
        Fixture *f = *state;
        put_counters(f, "a", 1, 2, 1, 3, 4);
        begin(f, "a");
        assert_int_equal(look(f, "a"), IO_CHANGED);
        assert_int_equal(look(f, "a"), IO_BUSY);
}

/* Its I/O says nothing about other users; later I/O does. */
static void test_somebody_known(void **state)
{
        Fixture *f = *state;
        put_counters(f, "a", 1, 2, 0, 3, 4);
        int fd = open_disk(f, "a");
        for (int i = 0; i < 2; i++) {
                io_watch_begin(&f->watches, fd, true);
                put_counters(f, "a", 5 + i, 2, 0, 3, 4);
                io_watch_expect_release(&f->watches, fd);
                if (i == 1)
                        put_counters(f, "a", 7, 2, 0, 3, 4);
                assert_int_equal(io_watch_look(&f->watches, fd), i == 0 ? IO_QUIET : IO_CHANGED);
        }
        /* No user was known: earlier I/O counts. */
        io_watch_begin(&f->watches, fd, false);
        put_counters(f, "a", 8, 2, 0, 3, 4);
        io_watch_expect_release(&f->watches, fd);
        assert_int_equal(io_watch_look(&f->watches, fd), IO_CHANGED);
        assert_int_equal(close(fd), 0);
}

static void test_without_counters(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "a/size", "1\n");
        begin(f, "a");
        assert_int_equal(look(f, "a"), IO_QUIET);
        root_put(&f->root, "b/stat", "1 2 3\n");
        assert_int_equal(look(f, "b"), IO_UNKNOWN);
        (void) usleep(600000);
        assert_int_equal(look(f, "b"), IO_QUIET);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_quiet),
                TEST(test_each_counter),
                TEST(test_what_is_under_way),
                TEST(test_somebody_known),
                TEST(test_without_counters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
