/* SPDX-License-Identifier: Apache-2.0 */

/* Tests with the current process, and with a directory in place of /proc. */

#include "exec/open_devices.h"

#include <sys/prctl.h>

#include "base/text.h"
#include "observe/testing.h"

static int setup(void **state)
{
        static Root root;
        root = root_new();
        *state = &root;
        return 0;
}

static int teardown(void **state)
{
        root_remove(*state);
        return 0;
}

static int write_text(const char *proc_root, pid_t except, char text[static 65536])
{
        *text = '\0';
        FILE *f = fmemopen(text, 65536, "w");
        assert_non_null(f);
        int r = open_devices_write(proc_root, except, f);
        assert_int_equal(fclose(f), 0);
        return r;
}

static void put_process(const Root *root, int pid, const char *comm)
{
        char name[64];
        (void) snprintf(name, sizeof(name), "%d/comm", pid);
        root_put(root, name, comm);
        (void) snprintf(name, sizeof(name), "%d/fd", pid);
        root_make_dir(root, name);
}

static void put_fd(const Root *root, int pid, int fd, const char *target)
{
        char name[64];
        (void) snprintf(name, sizeof(name), "%d/fd/%d", pid, fd);
        root_link(root, target, name);
}

static void test_this_process(void **state)
{
        char text[65536], line[128], name[16]; /* valgrind changes it */
        int fd = open("/dev/full", O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(prctl(PR_GET_NAME, name), 0);
        assert_int_equal(write_text("/proc", 0, text), 0);
        (void) snprintf(line, sizeof(line), "c 1:7 %d %s\n", (int) getpid(), name);
        assert_non_null(strstr(text, line));
        assert_string_equal(text + strlen(text) - strlen(OPEN_DEVICES_END), OPEN_DEVICES_END);

        assert_int_equal(write_text("/proc", getpid(), text), 0);
        assert_null(strstr(text, line));
        assert_int_equal(close(fd), 0);
}

static void test_processes(void **state)
{
        const Root *root = *state;
        char text[65536];
        root_put(root, "uptime", "1.0 2.0\n");
        put_process(root, 7, "first\n");
        put_fd(root, 7, 0, "/dev/null");
        put_fd(root, 7, 1, "/dev/null");
        put_fd(root, 7, 2, "/tmp");
        put_fd(root, 7, 3, "/nowhere"); /* closed meanwhile */
        root_make_dir(root, "8");       /* exited meanwhile */
        assert_int_equal(write_text(root->path, 0, text), 0);
        assert_string_equal(text, "c 1:3 7 first\nend\n");
        assert_int_equal(write_text(root->path, 7, text), 0);
        assert_string_equal(text, "end\n");
        assert_int_equal(write_text("/nonexistent", 0, text), -ENOENT);
        assert_null(strstr(text, "end"));
}

static void test_who_only_watches_does_not_count(void **state)
{
        const Root *root = *state;
        char text[65536];
        put_process(root, 7, "multipathd\n");
        put_fd(root, 7, 0, "/dev/null");
        put_process(root, 8, "(udev-worker)\n");
        put_fd(root, 8, 0, "/dev/zero");
        put_process(root, 9, "systemd-udevd\n");
        put_fd(root, 9, 0, "/dev/full");
        assert_int_equal(write_text(root->path, 0, text), 0);
        assert_string_equal(text, "end\n");
}

/* A process may have any name. */
static void test_names(void **state)
{
        const Root *root = *state;
        char text[65536];
        put_process(root, 7, "a b\x1b[1m\nend\n");
        put_fd(root, 7, 0, "/dev/null");
        assert_int_equal(write_text(root->path, 0, text), 0);
        assert_string_equal(text, "c 1:3 7 a b?[1m\nend\n");
}

static void test_hidden(void **state)
{
        const Root *root = *state;
        char text[65536], path[PATH_MAX];
        put_process(root, 7, "secret\n");
        put_fd(root, 7, 0, "/dev/null");
        assert_int_equal(chmod(root_path(root, "7/fd", path), 0), 0);
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) { /* root is permitted */
                assert_int_equal(close(fd), 0);
                skip();
        }
        assert_int_equal(write_text(root->path, 0, text), 0);
        assert_string_equal(text, "? EACCES 7 secret\nend\n");
        assert_int_equal(chmod(path, 0700), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_this_process),
                TEST(test_processes),
                TEST(test_who_only_watches_does_not_count),
                TEST(test_names),
                TEST(test_hidden),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
