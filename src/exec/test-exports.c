/* SPDX-License-Identifier: Apache-2.0 */

/* configfs and /dev are directories; /dev/null serves as a device. */

#include "exec/exports.h"

#include "base/text.h"
#include "observe/testing.h"

#define NVMET "kernel/config/nvmet/subsystems/nqn.again/"

typedef struct Fixture {
        Root root;
        char dev[PATH_MAX];
        DiskNodes nodes;
        char *why;
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new() };
        (void) root_path(&f.root, "dev", f.dev);
        root_put(&f.root, "class/block/nvme0n1/dev", "259:3\n");
        root_put(&f.root, "class/block/nvme0n1/nvme0n1p1/dev", "259:4\n");
        root_put(&f.root, "nvme3/dev", "1:3\n"); /* same as /dev/null */
        root_put(&f.root, "dev/file", "");
        assert_int_equal(disk_nodes_add(&f.nodes, f.root.path, "nvme0n1"), 0);
        int fd = open(f.root.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int controller_fd = openat(fd, "nvme3", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(disk_nodes_add_controller(&f.nodes, controller_fd, 3), 0);
        assert_int_equal(close(controller_fd), 0);
        assert_int_equal(close(fd), 0);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        disk_nodes_done(&f->nodes);
        free(f->why);
        root_remove(&f->root);
        return 0;
}

static int find(Fixture *f)
{
        free(f->why);
        f->why = NULL;
        int r = exports_find(f->root.path, f->dev, &f->nodes, &f->why);
        assert_true((r == 1) == (f->why != NULL));
        return r;
}

static void test_nvmet(void **state)
{
        Fixture *f = *state;
        assert_int_equal(find(f), 0);
        root_put(&f->root, NVMET "namespaces/1/device_path", "/dev/sda\n");
        root_put(&f->root, NVMET "namespaces/1/enable", "1\n");
        assert_int_equal(find(f), 0);
        root_put(&f->root, NVMET "namespaces/2/device_path", "/dev/nvme0n1p1\n");
        root_put(&f->root, NVMET "namespaces/2/enable", "0\n");
        assert_int_equal(find(f), 0);
        root_put(&f->root, NVMET "namespaces/2/enable", "1\n");
        assert_int_equal(find(f), 1);
        assert_string_equal(f->why, "nvme0n1p1: exported by nvmet subsystem nqn.again");
}

static void test_by_number(void **state)
{
        Fixture *f = *state;
        root_link(&f->root, "/dev/null", "dev/some-id");
        root_put(&f->root, NVMET "passthru/device_path", "/dev/some-id\n");
        root_put(&f->root, NVMET "passthru/enable", "1\n");
        assert_int_equal(find(f), 1);
        assert_string_equal(f->why, "nvme3: exported by nvmet subsystem nqn.again");
        /* The same name, but another device or none. */
        root_put(&f->root, NVMET "passthru/device_path", "/dev/nvme3\n");
        root_link(&f->root, "/dev/zero", "dev/nvme3");
        assert_int_equal(find(f), 0);
        root_drop(&f->root, "dev/nvme3");
        root_put(&f->root, "dev/nvme3", "");
        assert_int_equal(find(f), 0);
}

static void test_paths_of_another_mount_namespace(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, NVMET "namespaces/1/enable", "1\n");
        root_put(&f->root, NVMET "namespaces/1/device_path", "/srv/disks/nvme0n1\n");
        assert_int_equal(find(f), 1);
        root_put(&f->root, NVMET "namespaces/1/device_path", "/srv/disks/nvme0n1.img\n");
        assert_int_equal(find(f), 0);
        root_put(&f->root, NVMET "namespaces/1/device_path", "(null)\n");
        assert_int_equal(find(f), 0);
}

static void test_loop_and_lio(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "block/loop3/loop/backing_file", "/srv/image\n");
        root_put(&f->root, "block/loop4/size", "0\n");
        assert_int_equal(find(f), 0);
        root_put(&f->root, "block/loop4/loop/backing_file", "/dev/nvme0n1\n");
        assert_int_equal(find(f), 1);
        assert_string_equal(f->why, "nvme0n1: under loop4");
        root_drop(&f->root, "block/loop4/loop/backing_file");
        root_put(&f->root, "kernel/config/target/core/fileio_0/disk/udev_path", "/dev/nvme0n1\n");
        assert_int_equal(find(f), 1);
        assert_string_equal(f->why, "nvme0n1: exported by LIO backstore fileio_0");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_nvmet),
                TEST(test_by_number),
                TEST(test_paths_of_another_mount_namespace),
                TEST(test_loop_and_lio),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
