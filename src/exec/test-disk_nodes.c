/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/disk_nodes.h"

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

static void expect_node(const DiskNodes *d, const char *number, const char *name)
{
        const DiskNode *node = disk_nodes_find(d, number);
        assert_non_null(node);
        assert_string_equal(node->name, name);
}

static void test_nodes_of_a_disk(void **state)
{
        const Root *root = *state;
        _cleanup_disk_nodes_ DiskNodes d = { 0 };
        root_put(root, "class/block/nvme0n1/dev", "259:3\n");
        root_put(root, "class/block/nvme0n1/nvme0n1p1/dev", "259:4\n");
        root_put(root, "class/block/nvme0n1/nvme0n1p12/dev", "259:5\n");
        root_put(root, "class/block/nvme0n1/queue/dev", "1:1\n");
        root_put(root, "class/block/nvme0n12/dev", "259:9\n");
        root_put(root, "class/nvme-generic/ng0n1/dev", "241:0\n");
        root_put(root, "class/nvme-generic/ng0n12/dev", "241:1\n");
        assert_int_equal(disk_nodes_add(&d, root->path, "nvme0n1"), 0);
        assert_int_equal(d.n, 4);
        expect_node(&d, "b 259:3", "nvme0n1");
        expect_node(&d, "b 259:4", "nvme0n1p1");
        expect_node(&d, "b 259:5", "nvme0n1p12");
        expect_node(&d, "c 241:0", "ng0n1");
        assert_null(disk_nodes_find(&d, "c 259:3"));
        assert_null(disk_nodes_find(&d, "b 259:"));

        root_put(root, "class/block/dm-0/dev", "254:0\n");
        assert_int_equal(disk_nodes_add(&d, root->path, "dm-0"), 0);
        assert_int_equal(d.n, 5);
        expect_node(&d, "b 254:0", "dm-0");
}

static void test_what_is_not_there(void **state)
{
        const Root *root = *state;
        _cleanup_disk_nodes_ DiskNodes d = { 0 };
        assert_int_equal(disk_nodes_add(&d, root->path, "nvme0n1"), 0);
        assert_int_equal(d.n, 0);
        root_put(root, "class/block/nvme0n1/size", "1\n");
        assert_int_equal(disk_nodes_add(&d, root->path, "nvme0n1"), 0);
        assert_int_equal(d.n, 0);
        root_make_dir(root, "class/block/nvme0n1/dev"); /* unusable: undetermined */
        assert_int_equal(disk_nodes_add(&d, root->path, "nvme0n1"), -EBADMSG);
}

static void test_a_controller(void **state)
{
        const Root *root = *state;
        char path[PATH_MAX];
        _cleanup_disk_nodes_ DiskNodes d = { 0 };
        root_put(root, "nvme3/state", "live\n");
        int fd = open(root_path(root, "nvme3", path), O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(disk_nodes_add_controller(&d, fd, 3), 0);
        assert_int_equal(d.n, 0);
        root_put(root, "nvme3/dev", "240:3\n");
        assert_int_equal(disk_nodes_add_controller(&d, fd, 3), 0);
        expect_node(&d, "c 240:3", "nvme3");
        assert_true(d.nodes[0].is_controller);
        assert_int_equal(close(fd), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_nodes_of_a_disk),
                TEST(test_what_is_not_there),
                TEST(test_a_controller),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
