/* SPDX-License-Identifier: Apache-2.0 */

/* /proc serves as a file system without a device of its own, /dev/null as a device. */

#include "exec/backing.h"

#include "base/text.h"
#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        char mountinfo[PATH_MAX];
        FabricsDisk disk;
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new() };
        (void) root_path(&f.root, "mountinfo", f.mountinfo);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        root_remove(&f->root);
        return 0;
}

_printf_(3, 4) static void put(const Fixture *f, const char *text, const char *format, ...)
{
        char name[256];
        va_list args;
        va_start(args, format);
        (void) vsnprintf(name, sizeof(name), format, args);
        va_end(args);
        root_put(&f->root, name, text);
}

/* A link, and its parent directory. */
_printf_(3, 4) static void put_link(const Fixture *f, const char *target, const char *format, ...)
{
        char name[256];
        va_list args;
        va_start(args, format);
        (void) vsnprintf(name, sizeof(name), format, args);
        va_end(args);
        root_put(&f->root, name, "");
        root_drop(&f->root, name);
        root_link(&f->root, target, name);
}

/* devices/NAME, with the links that refer to it. */
static void put_device(const Fixture *f, const char *name, int minor)
{
        char target[128];
        put(f, "", "devices/%s/dev", name);
        (void) snprintf(target, sizeof(target), "../../devices/%s", name);
        put_link(f, target, "class/block/%s", strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
        put_link(f, target, "dev/block/9:%d", minor);
}

/* The disk nvme0n1 with the partition nvme0n1p2, behind controllers with these transports. */
static void put_multipath(const Fixture *f, const char *nvme0, const char *nvme1)
{
        put_device(f, "nvme-subsys0/nvme0n1", 1);
        put_device(f, "nvme-subsys0/nvme0n1/nvme0n1p2", 2);
        put(f, "2\n", "devices/nvme-subsys0/nvme0n1/nvme0n1p2/partition");
        put_link(f, "..", "devices/nvme-subsys0/nvme0n1/device");
        put(f, nvme0, "nvme/nvme0/transport");
        put(f, nvme1, "nvme/nvme1/transport");
        put_link(f, "../../nvme/nvme0", "devices/nvme-subsys0/nvme0");
        put_link(f, "../../nvme/nvme1", "devices/nvme-subsys0/nvme1");
}

static void put_slave(const Fixture *f, const char *device, const char *slave)
{
        char target[128];
        (void) snprintf(target, sizeof(target), "../../../devices/%s", slave);
        put_link(f, target, "devices/%s/slaves/%s", device,
                 strrchr(slave, '/') ? strrchr(slave, '/') + 1 : slave);
}

static bool find_number(Fixture *f, int minor)
{
        char name[64], path[PATH_MAX];
        (void) snprintf(name, sizeof(name), "dev/block/9:%d", minor);
        return backing_find_below(f->root.path, root_path(&f->root, name, path), &f->disk);
}

static void expect_disk(const Fixture *f, const char *name, const char *transport)
{
        assert_string_equal(f->disk.name, name);
        assert_string_equal(f->disk.transport, transport);
}

static void test_a_disk_and_its_partition(void **state)
{
        Fixture *f = *state;
        put_multipath(f, "pcie\n", "tcp\n");
        assert_true(find_number(f, 1));
        expect_disk(f, "nvme0n1", "tcp");
        f->disk = (FabricsDisk) { 0 };
        assert_true(find_number(f, 2));
        expect_disk(f, "nvme0n1", "tcp");
}

static void test_transports(void **state)
{
        static const struct {
                const char *transport;
                bool found;
        } table[] = {
                { "tcp\n", true },  { "rdma\n", true },  { "fc\n", true },
                { "loop\n", true }, { "pcie\n", false }, { "apple-nvme\n", false },
                { "\n", false },
        };
        Fixture *f = *state;
        put_multipath(f, "", "pcie\n");
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                put(f, table[i].transport, "nvme/nvme0/transport");
                assert_int_equal(find_number(f, 2), table[i].found);
        }
}

static void test_without_native_multipath(void **state)
{
        Fixture *f = *state;
        put_device(f, "nvme5n1", 5);
        put_link(f, "../../nvme/nvme5", "devices/nvme5n1/device");
        put(f, "rdma\n", "nvme/nvme5/transport");
        put(f, "tcp\n", "nvme/nvme5/nvme6/transport"); /* has no transport of its own */
        assert_true(find_number(f, 5));
        expect_disk(f, "nvme5n1", "rdma");
}

/* A logical volume on an encrypted md of a partition and a local disk. */
static void test_layers(void **state)
{
        Fixture *f = *state;
        put_multipath(f, "tcp\n", "tcp\n");
        put_device(f, "sda", 3);
        put_device(f, "md0", 4);
        put_device(f, "dm-0", 5);
        put_device(f, "dm-1", 6);
        put_slave(f, "dm-1", "dm-0");
        put_slave(f, "dm-0", "md0");
        put_slave(f, "md0", "sda");
        assert_false(find_number(f, 6));
        put_slave(f, "md0", "nvme-subsys0/nvme0n1/nvme0n1p2");
        assert_true(find_number(f, 6));
        expect_disk(f, "nvme0n1", "tcp");
        assert_false(find_number(f, 3));
        assert_false(find_number(f, 99));
}

static void test_a_loop_ends(void **state)
{
        Fixture *f = *state;
        put_device(f, "dm-0", 5);
        put_device(f, "dm-1", 6);
        put_slave(f, "dm-1", "dm-0");
        put_slave(f, "dm-0", "dm-1");
        assert_false(find_number(f, 6));
}

static struct statx status_of(const char *path)
{
        struct statx st;
        assert_int_equal(statx(AT_FDCWD, path, 0, STATX_MNT_ID, &st), 0);
        return st;
}

static void test_a_file_system_of_one_device(void **state)
{
        Fixture *f = *state;
        struct statx st = status_of(f->root.path);
        if (st.stx_dev_major == 0)
                skip();
        assert_false(backing_find(f->root.path, f->mountinfo, f->root.path, &f->disk));
        put_multipath(f, "tcp\n", "tcp\n");
        put_link(f, "../../devices/nvme-subsys0/nvme0n1", "dev/block/%u:%u", st.stx_dev_major,
                 st.stx_dev_minor);
        assert_true(backing_find(f->root.path, f->mountinfo, f->root.path, &f->disk));
        expect_disk(f, "nvme0n1", "tcp");
        assert_false(backing_find(f->root.path, f->mountinfo, "/nonexistent", &f->disk));
}

/* What mountinfo says about /proc after the separator. */
static bool find_by_mount(Fixture *f, const char *rest)
{
        char text[PATH_MAX];
        (void) snprintf(text, sizeof(text),
                        "1 1 0:1 / /other rw - btrfs /dev/null rw\n"
                        "%llu 1 0:33 / / rw - %s\n",
                        (unsigned long long) status_of("/proc").stx_mnt_id, rest);
        put(f, text, "mountinfo");
        return backing_find(f->root.path, f->mountinfo, "/proc", &f->disk);
}

static void test_a_file_system_that_names_its_device(void **state)
{
        Fixture *f = *state;
        put_device(f, "null", 3);
        put_multipath(f, "tcp\n", "tcp\n");
        assert_false(backing_find(f->root.path, f->mountinfo, "/proc", &f->disk));
        assert_false(find_by_mount(f, "btrfs /dev/null rw"));
        assert_false(find_by_mount(f, "btrfs /dev/nonexistent rw"));
        put_slave(f, "null", "nvme-subsys0/nvme0n1/nvme0n1p2");
        assert_true(find_by_mount(f, "btrfs /dev/null rw"));
        expect_disk(f, "nvme0n1", "tcp");
        assert_true(find_by_mount(f, "bcachefs /dev/nonexistent:/dev/null rw"));
        assert_false(find_by_mount(f, "zfs pool/null rw"));
        assert_false(find_by_mount(f, "tmpfs tmpfs rw"));
}

static void test_another_device_of_a_btrfs(void **state)
{
        Fixture *f = *state;
        put_device(f, "null", 3);
        put_device(f, "sda", 4);
        put_multipath(f, "tcp\n", "tcp\n");
        put_link(f, "../../../../devices/nvme-subsys0/nvme0n1", "fs/btrfs/1/devices/nvme0n1");
        put_link(f, "../../../../devices/sda", "fs/btrfs/1/devices/sda");
        assert_false(find_by_mount(f, "btrfs /dev/null rw"));
        put_link(f, "../../../../devices/null", "fs/btrfs/1/devices/null");
        assert_true(find_by_mount(f, "btrfs /dev/null rw"));
        expect_disk(f, "nvme0n1", "tcp");
}

static void test_an_overlay(void **state)
{
        Fixture *f = *state;
        struct statx st = status_of(f->root.path);
        char rest[PATH_MAX];
        if (st.stx_dev_major == 0)
                skip();
        put_multipath(f, "tcp\n", "tcp\n");
        /* On itself, through more ways than could be walked. */
        assert_false(find_by_mount(f, "overlay overlay rw,lowerdir=/proc:/proc:/proc:/proc:/proc"));
        (void) snprintf(rest, sizeof(rest), "overlay overlay rw,lowerdir=/nonexistent:%s",
                        f->root.path);
        assert_false(find_by_mount(f, rest));
        put_link(f, "../../devices/nvme-subsys0/nvme0n1", "dev/block/%u:%u", st.stx_dev_major,
                 st.stx_dev_minor);
        assert_true(find_by_mount(f, rest));
        expect_disk(f, "nvme0n1", "tcp");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_a_disk_and_its_partition),
                TEST(test_transports),
                TEST(test_without_native_multipath),
                TEST(test_layers),
                TEST(test_a_loop_ends),
                TEST(test_a_file_system_of_one_device),
                TEST(test_a_file_system_that_names_its_device),
                TEST(test_another_device_of_a_btrfs),
                TEST(test_an_overlay),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
