/* SPDX-License-Identifier: Apache-2.0 */

/* /dev/nvme-fabrics is a regular file here: a write replaces its beginning, and a read returns the
 * rest. The kernel's file behaves the same, with the answer in place of the rest. */

#include "exec/fabrics.h"

#include "codec/fabrics_options.h"
#include "observe/testing.h"

#define OPTIONS "transport=tcp,traddr=192.0.2.1"

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

static void test_connect(void **state)
{
        const Root *root = *state;
        char written[128];
        int instance;
        root_put(root, "nvme-fabrics", "??????????????????????????????instance=4,cntlid=3\n");

        int fd = fabrics_connect(root->path, OPTIONS, &instance);
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(close(fd), 0);
        assert_int_equal(instance, 4);
        root_get(root, "nvme-fabrics", written, sizeof(written));
        assert_string_equal(written, OPTIONS "instance=4,cntlid=3\n");
}

static void test_connect_fails(void **state)
{
        const Root *root = *state;
        int instance = 77;
        assert_int_equal(fabrics_connect(root->path, OPTIONS, &instance), -ENOENT);
        root_link(root, "/dev/full", "nvme-fabrics");
        assert_int_equal(fabrics_connect(root->path, OPTIONS, &instance), -ENOSPC);
        root_drop(root, "nvme-fabrics");
        root_put(root, "nvme-fabrics", "");
        assert_int_equal(fabrics_connect(root->path, OPTIONS, &instance), -EBADMSG);
        assert_int_equal(instance, 77);
}

static void test_what_took_too_long_was_not_answered(void **state)
{
        const Root *root = *state;

        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 30 * USEC_PER_SEC), -ETIME);
        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 30 * USEC_PER_SEC - 1), -EIO);
        root_put(root, "module/nvme_core/parameters/admin_timeout", "5\n");
        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 5 * USEC_PER_SEC), -ETIME);
        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 5 * USEC_PER_SEC - 1), -EIO);
        root_put(root, "module/nvme_core/parameters/admin_timeout", "60\n");
        root_put(root, "module/nvme_core/parameters/io_timeout", "4294967295\n");
        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 59 * USEC_PER_SEC), -EIO);
        assert_int_equal(fabrics_tell_timeout(root->path, -EKEYREJECTED, 90 * USEC_PER_SEC),
                         -EKEYREJECTED);
        root_put(root, "module/nvme_core/parameters/admin_timeout", "x");
        assert_int_equal(fabrics_tell_timeout(root->path, -EIO, 60 * USEC_PER_SEC), -ETIME);
}

static void test_supported(void **state)
{
        const Root *root = *state;
        unsigned supported = 77;
        assert_int_equal(fabrics_read_supported(root->path, &supported), -ENOENT);
        assert_int_equal(supported, 77);

        root_put(root, "nvme-fabrics", "instance=-1,cntlid=-1,transport=%s,host_iface=%s,tls\n");
        assert_int_equal(fabrics_read_supported(root->path, &supported), 0);
        assert_int_equal(supported, 1U << FABRICS_HOST_IFACE | 1U << FABRICS_TLS);
        /* A query, not a connect. */
        char text[128];
        root_get(root, "nvme-fabrics", text, sizeof(text));
        assert_string_equal(text, "instance=-1,cntlid=-1,transport=%s,host_iface=%s,tls\n");
}

static int open_and_delete(const Root *root, uint64_t inode)
{
        int dir_fd = fabrics_open_controller(root->path, 3, inode);
        if (dir_fd < 0)
                return dir_fd;
        int r = fabrics_delete(dir_fd);
        assert_int_equal(close(dir_fd), 0);
        return r;
}

static void test_delete(void **state)
{
        const Root *root = *state;
        char text[16];
        root_put(root, "class/nvme/nvme3/delete_controller", "");

        assert_int_equal(open_and_delete(root, 0), 0);
        root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");

        root_put(root, "class/nvme/nvme3/delete_controller", "");
        assert_int_equal(open_and_delete(root, root_inode(root, "class/nvme/nvme3")), 0);
        root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");
}

static void test_delete_of_another(void **state)
{
        const Root *root = *state;
        char text[16];
        root_put(root, "class/nvme/nvme3/delete_controller", "");
        uint64_t other = root_inode(root, "class/nvme/nvme3") + 1;

        assert_int_equal(open_and_delete(root, other), -ESTALE);
        root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "");
}

static void test_delete_of_none(void **state)
{
        const Root *root = *state;
        assert_int_equal(open_and_delete(root, 0), -ENODEV);
        root_put(root, "class/nvme/nvme3/cntlid",
                 "1\n"); /* being removed: its state no longer exists */
        assert_int_equal(open_and_delete(root, 0), -ENODEV);
        root_link(root, "/dev/full", "class/nvme/nvme3/delete_controller");
        assert_int_equal(open_and_delete(root, 0), -ENOSPC);
}

/* The kernel removes the sysfs file first, and may do nothing else. */
static void test_delete_that_is_not_done(void **state)
{
        const Root *root = *state;
        char text[16];
        root_put(root, "class/nvme/nvme3/delete_controller", "");
        root_put(root, "class/nvme/nvme3/state", "live\n");
        assert_int_equal(open_and_delete(root, 0), -ECANCELED);
        root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");
        root_drop(root, "class/nvme/nvme3/delete_controller");
        assert_int_equal(open_and_delete(root, 0), -ECANCELED);
}

static void test_delete_by_others(void **state)
{
        static const char *const states[] = { "deleting\n", "deleting (no IO)\n" };
        const Root *root = *state;
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                root_put(root, "class/nvme/nvme3/state", states[i]);
                assert_int_equal(open_and_delete(root, 0), -EALREADY);
                root_put(root, "class/nvme/nvme3/delete_controller", "");
                assert_int_equal(open_and_delete(root, 0), -EALREADY);
                root_drop(root, "class/nvme/nvme3/delete_controller");
        }
}

/* The request would be wasted. */
static void test_no_delete_while_it_is_fenced(void **state)
{
        static const char *const states[] = { "fencing\n", "fenced\n" };
        const Root *root = *state;
        char text[16];
        root_put(root, "class/nvme/nvme3/delete_controller", "");
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                root_put(root, "class/nvme/nvme3/state", states[i]);
                assert_int_equal(open_and_delete(root, 0), -EAGAIN);
                root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
                assert_string_equal(text, "");
        }
}

/* The deleted controller is the one that was checked. */
static void test_delete_after_the_name_was_given_away(void **state)
{
        const Root *root = *state;
        char text[16], from[PATH_MAX], to[PATH_MAX];
        root_put(root, "class/nvme/nvme3/delete_controller", "");
        int dir_fd = fabrics_open_controller(root->path, 3, 0);
        assert_true(dir_fd >= 0);
        assert_int_equal(rename(root_path(root, "class/nvme/nvme3", from),
                                root_path(root, "class/nvme/nvme4", to)),
                         0);
        root_put(root, "class/nvme/nvme3/delete_controller", "");

        assert_int_equal(fabrics_delete(dir_fd), 0);
        assert_int_equal(close(dir_fd), 0);
        root_get(root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "");
        root_get(root, "class/nvme/nvme4/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");
}

static int open_and_rescan(const Root *root)
{
        int dir_fd = fabrics_open_controller(root->path, 3, 0);
        int r = dir_fd < 0 ? dir_fd : fabrics_rescan(dir_fd);

        if (dir_fd >= 0)
                assert_int_equal(close(dir_fd), 0);
        return r;
}

/* Only if there are no namespaces: each scan costs the target several commands. */
static void test_rescan(void **state)
{
        static const char *const names[] = { "nvme0c3n1", "nvme3n1" };
        const Root *root = *state;
        char text[16], path[64];

        assert_int_equal(open_and_rescan(root), -ENODEV);
        root_put(root, "class/nvme/nvme3/power/control", "auto\n");
        assert_int_equal(open_and_rescan(root), -ENOENT);
        root_put(root, "class/nvme/nvme3/rescan_controller", "");
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                (void) snprintf(path, sizeof(path), "class/nvme/nvme3/%s", names[i]);
                root_make_dir(root, path);
                assert_int_equal(open_and_rescan(root), 0);
                root_get(root, "class/nvme/nvme3/rescan_controller", text, sizeof(text));
                assert_string_equal(text, "");
                root_drop(root, path);
        }
        assert_int_equal(open_and_rescan(root), 0);
        root_get(root, "class/nvme/nvme3/rescan_controller", text, sizeof(text));
        assert_string_equal(text, "1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_connect),
                TEST(test_connect_fails),
                TEST(test_what_took_too_long_was_not_answered),
                TEST(test_supported),
                TEST(test_delete),
                TEST(test_delete_of_another),
                TEST(test_delete_of_none),
                TEST(test_delete_that_is_not_done),
                TEST(test_delete_by_others),
                TEST(test_no_delete_while_it_is_fenced),
                TEST(test_delete_after_the_name_was_given_away),
                TEST(test_rescan),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
