/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/system_use.h"

#include "base/text.h"
#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        DiskNodes nodes;
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new() };
        root_put(&f.root, "class/block/nvme0n1/dev", "259:3\n");
        root_put(&f.root, "class/block/nvme0n1/nvme0n1p2/dev", "259:5\n");
        assert_int_equal(disk_nodes_add(&f.nodes, f.root.path, "nvme0n1"), 0);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        disk_nodes_done(&f->nodes);
        root_remove(&f->root);
        return 0;
}

/* why NULL: not needed. */
static void expect_use(const Fixture *f, const char *mounts, const char *why)
{
        _cleanup_free_ char *said = NULL;
        root_put(&f->root, "self/mountinfo", mounts);
        int r = system_use_find(f->root.path, f->root.path, &f->nodes, &said);
        assert_int_equal(r, why ? 1 : 0);
        if (why)
                assert_string_equal(said, why);
        else
                assert_null(said);
}

static void test_mounts(void **state)
{
        static const struct {
                const char *mounts, *why;
        } table[] = {
                { "", NULL },
                { "29 1 259:5 / / rw,relatime shared:1 master:2 - ext4 /dev/root rw\n",
                  "nvme0n1p2: mounted on /" },
                { "29 1 259:3 /a /usr ro - ext4 /dev/nvme0n1 rw\n", "nvme0n1: mounted on /usr" },
                { "30 1 8:1 / / rw - ext4 /dev/sda1 rw\n29 1 259:3 / /var rw - xfs x rw\n",
                  "nvme0n1: mounted on /var" },
                { "29 1 259:3 / /srv rw - ext4 /dev/nvme0n1 rw\n", NULL },
                { "29 1 259:3 / /var/lib rw - ext4 /dev/nvme0n1 rw\n", NULL },
                { "29 1 259:33 / / rw - ext4 /dev/nvme7n1 rw\n", NULL },
                /* btrfs has a device number of its own */
                { "29 1 0:31 /@ / rw - btrfs /dev/nvme0n1p2 rw,subvol=/@\n",
                  "nvme0n1p2: mounted on /" },
                { "29 1 0:31 / / rw - nfs server:/dev/nvme0n1 rw\n", NULL },
                { "29 1 0:31 / / rw - 9p nvme0n1 rw\n", NULL },
                { "29 1 259:3\n", NULL },
                { "29 1 259:3 / / rw\n", NULL },
                { "29 1 259:3 / / rw -", NULL },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                expect_use(*state, table[i].mounts, table[i].why);
}

static void put_swaps(const Fixture *f, const char *lines)
{
        char text[512];
        (void) snprintf(text, sizeof(text), "Filename Type Size Used Priority\n%s", lines);
        root_put(&f->root, "swaps", text);
}

static void test_swaps(void **state)
{
        static const char mounts[] = "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                     "30 29 259:3 / /data rw - ext4 /dev/nvme0n1 rw\n";
        const Fixture *f = *state;
        expect_use(f, mounts, NULL);
        put_swaps(f, "");
        expect_use(f, mounts, NULL);
        put_swaps(f, "/dev/nvme0n1p2                          partition\t8388604\t0\t-2\n");
        expect_use(f, mounts, "nvme0n1p2: a swap");
        put_swaps(f, "/dev/sda2 partition\t8388604\t0\t-2\n/data/swap file\t8388604\t0\t-3\n");
        expect_use(f, mounts, "nvme0n1: mounted on /data, with a swap file");
        put_swaps(f, "/datas/nvme0n1 file\t8388604\t0\t-3\n");
        expect_use(f, mounts, NULL);
}

static void test_what_cannot_be_read(void **state)
{
        const Fixture *f = *state;
        char *why = NULL;
        assert_int_equal(system_use_find(f->root.path, f->root.path, &f->nodes, &why), -ENOENT);
        root_put(&f->root, "swaps/x", "");
        assert_int_equal(system_use_find(f->root.path, f->root.path, &f->nodes, &why), -EISDIR);
        assert_null(why);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_mounts),
                TEST(test_swaps),
                TEST(test_what_cannot_be_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
