/* SPDX-License-Identifier: Apache-2.0 */

/* With a directory like /sys: a class directory with links to the controllers' directories. */

#include "observe/sysfs.h"

#include "base/text.h"
#include "observe/testing.h"

static void put(const Root *root, const char *device, const char *attribute, const char *text)
{
        char name[256];
        (void) snprintf(name, sizeof(name), "%s/%s", device, attribute);
        root_put(root, name, text);
}

static void link_class(const Root *root, const char *device, const char *name)
{
        char target[256], path[256];
        (void) snprintf(target, sizeof(target), "../../%s", device);
        (void) snprintf(path, sizeof(path), "class/nvme/%s", name);
        root_link(root, target, path);
}

/* A directory and its name in the class. Its own name differs, as with a reused name. */
static void add_controller(const Root *root, const char *device, const char *name, const char *nqn)
{
        put(root, device, "transport", "tcp\n");
        put(root, device, "address", "traddr=127.0.0.1,trsvcid=8009,src_addr=127.0.0.1\n");
        put(root, device, "subsysnqn", nqn);
        put(root, device, "hostnqn", "nqn.host\n");
        put(root, device, "hostid", "7b699377-cf2f-460d-bef3-90b22d437122\n");
        put(root, device, "cntrltype", "io\n");
        put(root, device, "dctype", "none\n");
        put(root, device, "state", "live\n");
        put(root, device, "model", "Linux                                   \n");
        put(root, device, "serial", "b6c073cd742bfc08c6e5\n");
        link_class(root, device, name);
}

static const Registry no_registry = { "/no/such/registry", "stacd" };

static int setup(void **state)
{
        static Root root;
        root = root_new();
        root_make_dir(&root, "class");
        root_make_dir(&root, "class/nvme");
        *state = &root;
        return 0;
}

static int teardown(void **state)
{
        root_remove(*state);
        return 0;
}

static void test_read_device(void **state)
{
        const Root *root = *state;
        _cleanup_(device_freep) Device *d = NULL;
        add_controller(root, "ctl5", "nvme5", "nqn.2024-01.lab:sub1\n");

        assert_int_equal(sysfs_read_device(root->path, &no_registry, 5, NULL, &d), 0);
        assert_int_equal(d->instance, 5);
        assert_int_equal(d->inode, root_inode(root, "ctl5"));
        assert_int_equal(d->state, DEVICE_LIVE);
        assert_int_equal(d->kind, CONTROLLER_IO);
        assert_string_equal(d->tid->traddr, "127.0.0.1");
        assert_string_equal(d->tid->trsvcid, "8009");
        assert_string_equal(d->tid->subsysnqn, "nqn.2024-01.lab:sub1");
        assert_string_equal(d->tid->host_nqn, "nqn.host");
        assert_int_equal(d->src_address.family, ADDRESS_IPV4);
        assert_string_equal(d->host_id, "7b699377-cf2f-460d-bef3-90b22d437122");
        assert_string_equal(d->model, "Linux");
        assert_string_equal(d->serial, "b6c073cd742bfc08c6e5");
        assert_string_equal(d->cntrltype, "io");
        assert_string_equal(d->dctype, "none");
}

/* Linux 6.12 may crash on a read of "address" while a connection is torn down. */
static void test_the_address_is_read_of_a_live_controller_only(void **state)
{
        const Root *root = *state;
        static const char *const states[] = { "deleting\n", "resetting\n", "connecting\n",
                                              "deleting (no IO)\n", "new\n" };
        add_controller(root, "ctl5", "nvme5", "nqn.2024-01.lab:sub1\n");
        root_drop(root, "ctl5/address");
        root_link(root, "/no/such/address/must/be/read", "ctl5/address");
        put(root, "ctl5", "uevent",
            "MAJOR=240\nMINOR=5\nDEVNAME=nvme5\nNVME_TRTYPE=tcp\nNVME_TRADDR=127.0.0.1\n"
            "NVME_TRSVCID=8009\nNVME_HOST_TRADDR=none\nNVME_HOST_IFACE=lo\n");

        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                _cleanup_(device_freep) Device *d = NULL;
                put(root, "ctl5", "state", states[i]);

                assert_int_equal(sysfs_read_device(root->path, &no_registry, 5, NULL, &d), 0);
                assert_string_equal(d->tid->traddr, "127.0.0.1");
                assert_string_equal(d->tid->trsvcid, "8009");
                assert_string_equal(d->tid->host_traddr, "");
                assert_string_equal(d->tid->host_iface, "lo");
                assert_int_equal(d->src_address.family, ADDRESS_NONE);
        }
}

static void test_owner(void **state)
{
        const Root *root = *state;
        static const char *const owners[] = { "discoverd", "stas", NULL };
        Device **devices;
        char inode[32];
        size_t n;
        add_controller(root, "ctl0", "nvme0", "nqn.zero\n");
        add_controller(root, "ctl1", "nvme1", "nqn.one\n");
        add_controller(root, "ctl2", "nvme2", "nqn.two\n");
        root_put(root, "registry/nvme0/owner", "discoverd\n");
        root_put(root, "registry/nvme1/owner", "stas\n");
        (void) snprintf(inode, sizeof(inode), "%ju\n", (uintmax_t) root_inode(root, "ctl1"));
        root_put(root, "registry/nvme1/inode", inode);
        root_put(root, "registry/nvme2/owner", "stas\n");
        root_put(root, "registry/nvme2/inode", inode); /* left over from another nvme2 */
        char path[PATH_MAX];
        const Registry registry = { root_path(root, "registry", path), "stacd" };

        assert_int_equal(sysfs_scan(root->path, &registry, NULL, &devices, &n), 0);
        assert_int_equal(n, ELEMENTSOF(owners));
        for (size_t i = 0; i < n; i++) {
                assert_true(streq_ptr(devices[i]->owner, owners[i]));
                (void) device_free(devices[i]);
        }
        free(devices);
}

/* A discovery controller with an NQN of its own, where neither the kernel nor the controller shows
 * what it is: the registry distinguishes it from stacd's, if the entry specifies the daemon. */
static void test_what_is_told_by_the_registry_alone(void **state)
{
        const Root *root = *state;
        static const char *const daemons[] = { "stafd\n", "stacd\n", NULL };
        static const char *const owners[] = { "stafd", "stas", NULL };
        char path[PATH_MAX];
        const Registry registry = { root_path(root, "registry", path), "stacd" };

        for (int i = 0; i < 3; i++) {
                _cleanup_(device_freep) Device *d = NULL;
                char folder[16], name[16], entry[64];

                (void) snprintf(folder, sizeof(folder), "ctl%i", i);
                (void) snprintf(name, sizeof(name), "nvme%i", i);
                add_controller(root, folder, name, "nqn.2024-01.lab:own\n");
                put(root, folder, "cntrltype", "reserved\n");
                (void) snprintf(entry, sizeof(entry), "registry/%s/owner", name);
                root_put(root, entry, "stas\n");
                (void) snprintf(entry, sizeof(entry), "registry/%s/daemon", name);
                if (daemons[i])
                        root_put(root, entry, daemons[i]);

                assert_int_equal(sysfs_read_device(root->path, &registry, i, NULL, &d), 0);
                assert_int_equal(d->kind, i == 0 ? CONTROLLER_DISCOVERY : CONTROLLER_IO);
                assert_true(streq_ptr(d->owner, owners[i]));
        }
}

static void test_read_device_that_cannot_be_used(void **state)
{
        const Root *root = *state;
        Device *d = NULL;

        assert_int_equal(sysfs_read_device(root->path, &no_registry, 0, NULL, &d), -ENODEV);
        add_controller(root, "ctl0", "nvme0", "(efault)\n");
        assert_int_equal(sysfs_read_device(root->path, &no_registry, 0, NULL, &d), -EBADMSG);
        put(root, "ctl0", "transport", "pcie\n");
        assert_int_equal(sysfs_read_device(root->path, &no_registry, 0, NULL, &d), -EOPNOTSUPP);
        root_drop(root, "ctl0/state");
        assert_int_equal(sysfs_read_device(root->path, &no_registry, 0, NULL, &d), -ENODEV);
        assert_null(d);
}

static void test_older_kernels_have_fewer_attributes(void **state)
{
        const Root *root = *state;
        static const char *const missing[] = { "hostnqn", "hostid", "cntrltype", "dctype" };
        _cleanup_(device_freep) Device *d = NULL;
        add_controller(root, "ctl0", "nvme0", NQN_DISCOVERY "\n");
        for (size_t i = 0; i < ELEMENTSOF(missing); i++) {
                char name[64];
                (void) snprintf(name, sizeof(name), "ctl0/%s", missing[i]);
                root_drop(root, name);
        }

        assert_int_equal(sysfs_read_device(root->path, &no_registry, 0, NULL, &d), 0);
        assert_int_equal(d->kind, CONTROLLER_DISCOVERY);
        assert_string_equal(d->tid->host_nqn, "");
}

static void free_all(Device **devices, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void) device_free(devices[i]);
        free(devices);
}

static void test_scan(void **state)
{
        const Root *root = *state;
        Device **devices;
        size_t n;
        add_controller(root, "a", "nvme10", "nqn.ten\n");
        add_controller(root, "b", "nvme0", "nqn.zero\n");
        add_controller(root, "c", "nvme9", "nqn.pcie\n");
        put(root, "c", "transport", "pcie\n");
        add_controller(root, "d", "nvme1", "(efault)\n");
        link_class(root, "gone", "nvme2");
        link_class(root, "b", "nvme0n1");
        link_class(root, "b", "nvme-0");
        link_class(root, "b", "nvme");
        link_class(root, "b", "nvme99999999999");

        assert_int_equal(sysfs_scan(root->path, &no_registry, NULL, &devices, &n), 0);
        assert_int_equal(n, 2);
        assert_int_equal(devices[0]->instance, 0);
        assert_string_equal(devices[0]->tid->subsysnqn, "nqn.zero");
        assert_int_equal(devices[1]->instance, 10);
        assert_string_equal(devices[1]->tid->subsysnqn, "nqn.ten");
        free_all(devices, n);
}

static void test_rdma_devices(void **state)
{
        const Root *root = *state;

        assert_false(sysfs_has_rdma(root->path));
        root_make_dir(root, "class/infiniband");
        assert_false(sysfs_has_rdma(root->path));
        root_make_dir(root, "class/infiniband/mlx5_0");
        assert_true(sysfs_has_rdma(root->path));
        root_drop(root, "class/infiniband/mlx5_0");
        root_drop(root, "class/infiniband");
        /* Without sysfs it is not known. */
        assert_true(sysfs_has_rdma("/no/such/sysfs"));
}

static int has_namespaces(const Root *root)
{
        int dir_fd = sysfs_open_controller(root->path, 3);
        int r = dir_fd < 0 ? dir_fd : sysfs_has_namespaces(dir_fd);

        if (dir_fd >= 0)
                assert_int_equal(close(dir_fd), 0);
        return r;
}

static void test_namespaces(void **state)
{
        const Root *root = *state;

        assert_int_equal(has_namespaces(root), -ENODEV);
        root_put(root, "class/nvme/nvme3/power/control", "auto\n");
        root_make_dir(root, "class/nvme/nvme3/hwmon1");
        assert_int_equal(has_namespaces(root), 0);
        root_make_dir(root, "class/nvme/nvme3/nvme0c3n1");
        assert_int_equal(has_namespaces(root), 1);
        root_drop(root, "class/nvme/nvme3/nvme0c3n1");
        root_make_dir(root, "class/nvme/nvme3/nvme3n1");
        assert_int_equal(has_namespaces(root), 1);
}

static void test_scan_of_nothing(void **state)
{
        const Root *root = *state;
        Device **devices;
        size_t n = 77;

        assert_int_equal(sysfs_scan(root->path, &no_registry, NULL, &devices, &n), 0);
        assert_int_equal(n, 0);
        free(devices);
        /* No driver is loaded. */
        root_drop(root, "class/nvme");
        assert_int_equal(sysfs_scan(root->path, &no_registry, NULL, &devices, &n), 0);
        free(devices);
        /* Without sysfs nothing is known about connections. */
        root_drop(root, "class");
        n = 77;
        assert_int_equal(sysfs_scan(root->path, &no_registry, NULL, &devices, &n), -ENODEV);
        assert_int_equal(n, 77);
}

static void test_state_follows_the_controller_not_its_name(void **state)
{
        const Root *root = *state;
        DeviceState s;
        add_controller(root, "first", "nvme0", "nqn.first\n");
        int fd = sysfs_open_state(root->path, 0);
        assert_true(fd >= 0);
        assert_int_equal(sysfs_read_state(fd, &s), 0);
        assert_int_equal(s, DEVICE_LIVE);

        put(root, "first", "state", "connecting\n");
        assert_int_equal(sysfs_read_state(fd, &s), 0);
        assert_int_equal(s, DEVICE_CONNECTING);

        root_drop(root, "class/nvme/nvme0");
        add_controller(root, "second", "nvme0", "nqn.second\n");
        assert_int_equal(sysfs_read_state(fd, &s), 0);
        assert_int_equal(s, DEVICE_CONNECTING);
        assert_int_equal(close(fd), 0);
}

static void test_state_of_no_controller(void **state)
{
        const Root *root = *state;
        DeviceState s = DEVICE_DEAD;
        assert_int_equal(sysfs_open_state(root->path, 0), -ENODEV);
        assert_int_equal(sysfs_read_state(-1, &s), -EBADF);
        assert_int_equal(s, DEVICE_DEAD);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_read_device),
                TEST(test_the_address_is_read_of_a_live_controller_only),
                TEST(test_owner),
                TEST(test_what_is_told_by_the_registry_alone),
                TEST(test_read_device_that_cannot_be_used),
                TEST(test_older_kernels_have_fewer_attributes),
                TEST(test_scan),
                TEST(test_rdma_devices),
                TEST(test_scan_of_nothing),
                TEST(test_namespaces),
                TEST(test_state_follows_the_controller_not_its_name),
                TEST(test_state_of_no_controller),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
