/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/registry.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/text.h"
#include "observe/registry_entry.h"
#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        char registry[PATH_MAX];
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f.root = root_new();
        (void) root_path(&f.root, "nvme/registry", f.registry);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        root_remove(&f->root);
        return 0;
}

static void assert_file(const Fixture *f, const char *name, const char *expected)
{
        char path[128], text[128];
        struct stat st;
        (void) snprintf(path, sizeof(path), "nvme/registry/%s", name);
        root_get(&f->root, path, text, sizeof(text));
        assert_string_equal(text, expected);
        char full[PATH_MAX];
        assert_int_equal(stat(root_path(&f->root, path, full), &st), 0);
        assert_int_equal(st.st_mode, S_IFREG | 0644);
}

static bool exists(const Fixture *f, const char *name)
{
        char path[PATH_MAX];
        return access(root_path(&f->root, name, path), F_OK) == 0;
}

/* Includes hidden ones: nothing is left behind. */
static void assert_n_entries(const Fixture *f, const char *folder, unsigned expected)
{
        char path[PATH_MAX];
        unsigned n = 0;
        DIR *dir = opendir(root_path(&f->root, folder, path));
        assert_non_null(dir);
        for (const struct dirent *e; (e = readdir(dir));)
                n += !streq(e->d_name, ".") && !streq(e->d_name, "..");
        assert_int_equal(closedir(dir), 0);
        assert_int_equal(n, expected);
}

static void assert_owner(const Fixture *f, int instance, uint64_t inode, const char *expected)
{
        RegistryEntry entry;
        bool found = registry_entry_find(f->registry, instance, inode, &entry);
        const char *owner = found ? registry_entry_owner(&entry, "stacd", false) : NULL;
        assert_true(streq_ptr(owner, expected));
}

static int write_entry(const Fixture *f, int instance, uint64_t inode, uint64_t seqnum)
{
        const Registry registry = { .root = f->registry, .daemon = "stacd" };

        return registry_write(&registry, instance, inode, seqnum);
}

static void test_write(void **state)
{
        Fixture *f = *state;
        struct stat st;
        mode_t before = umask(077);
        assert_int_equal(write_entry(f, 3, 4711, 815), 0);
        (void) umask(before);

        assert_file(f, "nvme3/owner", "stas\n");
        assert_file(f, "nvme3/seqnum", "815\n");
        assert_file(f, "nvme3/inode", "4711\n");
        assert_file(f, "nvme3/daemon", "stacd\n");
        assert_n_entries(f, "nvme/registry", 1);
        assert_n_entries(f, "nvme/registry/nvme3", 4);
        static const char *const folders[] = { "nvme", "nvme/registry", "nvme/registry/nvme3" };
        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                char path[PATH_MAX];
                assert_int_equal(stat(root_path(&f->root, folders[i], path), &st), 0);
                assert_int_equal(st.st_mode, S_IFDIR | 0755);
        }
        assert_owner(f, 3, 4711, "stas");
}

static void test_write_without_a_seqnum(void **state)
{
        Fixture *f = *state;
        assert_int_equal(write_entry(f, 3, 4711, 0), 0);
        assert_n_entries(f, "nvme/registry/nvme3", 3);
}

/* Whoever owned it, its controller no longer exists. */
static void test_write_over_what_is_left(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        root_put(&f->root, "nvme/registry/nvme3/note", "private\n");
        root_put(&f->root, "nvme/registry/nvme4", "not even an entry");
        root_make_dir(&f->root, "nvme/registry/nvme5");
        assert_int_equal(write_entry(f, 3, 4711, 815), 0);
        assert_int_equal(write_entry(f, 4, 4712, 816), 0);
        assert_int_equal(write_entry(f, 5, 4713, 817), 0);
        assert_int_equal(write_entry(f, 5, 4714, 818), 0);

        assert_owner(f, 3, 4711, "stas");
        assert_owner(f, 4, 4712, "stas");
        assert_owner(f, 5, 4713, NULL);
        assert_owner(f, 5, 4714, "stas");
        assert_false(exists(f, "nvme/registry/nvme3/note"));
        assert_n_entries(f, "nvme/registry", 3);
}

static void test_write_fails(void **state)
{
        Fixture *f = *state;
        assert_int_equal(
                registry_write(&(const Registry) { "/no/such/registry", "stacd" }, 3, 4711, 815),
                -ENOENT);
        root_put(&f->root, "nvme", "a file");
        assert_int_equal(write_entry(f, 3, 4711, 815), -ENOTDIR);
}

/* In the place of a file system that is full. */
static void limit_files(rlim_t size)
{
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = size;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What is left of the controller before goes in any case: the new one is not its owner's. */
static void test_write_without_room(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        (void) signal(SIGXFSZ, SIG_IGN);
        limit_files(0);
        int r = write_entry(f, 3, 4711, 815);
        limit_files(RLIM_INFINITY);
        (void) signal(SIGXFSZ, SIG_DFL);

        assert_int_equal(r, -EFBIG);
        assert_owner(f, 3, 4711, NULL);
        assert_n_entries(f, "nvme/registry", 0);
}

static void put_controller(const Fixture *f, int instance)
{
        char name[64];
        (void) snprintf(name, sizeof(name), "class/nvme/nvme%d/state", instance);
        root_put(&f->root, name, "live\n");
}

static uint64_t inode_of(const Fixture *f, int instance)
{
        char name[64];
        (void) snprintf(name, sizeof(name), "class/nvme/nvme%d", instance);
        return root_inode(&f->root, name);
}

static int forget(const Fixture *f, int instance)
{
        return registry_forget(f->registry, f->root.path, instance);
}

static void test_forget(void **state)
{
        Fixture *f = *state;
        assert_int_equal(forget(f, 3), 0); /* without a registry */
        put_controller(f, 3);
        assert_int_equal(write_entry(f, 3, inode_of(f, 3), 815), 0);

        assert_int_equal(forget(f, 3), 0);
        assert_owner(f, 3, inode_of(f, 3), "stas"); /* its controller still exists */

        root_drop(&f->root, "class/nvme/nvme3/state");
        root_drop(&f->root, "class/nvme/nvme3");
        assert_int_equal(forget(f, 3), 0);
        assert_n_entries(f, "nvme/registry", 0);
        assert_int_equal(forget(f, 3), 0);
}

static void test_forget_after_the_name_was_given_away(void **state)
{
        Fixture *f = *state;
        put_controller(f, 3);
        assert_int_equal(write_entry(f, 3, inode_of(f, 3) + 1, 815), 0);
        root_put(&f->root, "nvme/registry/nvme3/note", "somebody's");
        assert_int_equal(forget(f, 3), 0);
        assert_n_entries(f, "nvme/registry", 0);
}

/* Written by a program that does not record inodes: removed only if no such controller exists. */
static void test_forget_without_an_inode(void **state)
{
        Fixture *f = *state;
        char path[PATH_MAX];
        root_put(&f->root, "nvme/registry/nvme3/owner", "stas\n");
        put_controller(f, 3);
        assert_int_equal(forget(f, 3), 0);
        assert_int_equal(access(root_path(&f->root, "nvme/registry/nvme3/owner", path), F_OK), 0);
        root_drop(&f->root, "class/nvme/nvme3/state");
        root_drop(&f->root, "class/nvme/nvme3");
        assert_int_equal(forget(f, 3), 0);
        assert_n_entries(f, "nvme/registry", 0);
}

static void test_entries_of_others_stay(void **state)
{
        Fixture *f = *state;
        const struct timespec long_ago[2] = { 0 };
        struct stat st;
        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        assert_int_equal(utimensat(AT_FDCWD, f->registry, long_ago, 0), 0);
        assert_int_equal(forget(f, 3), 0);
        assert_file(f, "nvme3/owner", "discoverd\n");
        assert_n_entries(f, "nvme/registry", 1);
        /* It was not even moved. */
        assert_int_equal(stat(f->registry, &st), 0);
        assert_int_equal(st.st_mtim.tv_sec, 0);
}

/* Written late, an entry is of the controller that it was to be of, or of none, and takes nothing
 * from an owner who came meanwhile. */
static void test_claim(void **state)
{
        Fixture *f = *state;
        const Registry registry = { .root = f->registry, .daemon = "stacd" };

        root_put(&f->root, "kernel/uevent_seqnum", "815\n");
        assert_int_equal(registry_claim(&registry, f->root.path, 3, 4711, false), -ENODEV);
        put_controller(f, 3);
        uint64_t inode = inode_of(f, 3);
        assert_int_equal(registry_claim(&registry, f->root.path, 3, inode + 1, false), -ESTALE);
        assert_owner(f, 3, inode, NULL);

        assert_int_equal(write_entry(f, 3, inode + 1, 814), 0); /* left from another one */
        assert_int_equal(registry_claim(&registry, f->root.path, 3, inode, false), 0);
        assert_owner(f, 3, inode, "stas");
        assert_file(f, "nvme3/seqnum", "815\n");

        put_controller(f, 4);
        root_put(&f->root, "nvme/registry/nvme4/owner", "discoverd\n");
        assert_int_equal(registry_claim(&registry, f->root.path, 4, inode_of(f, 4), true), 0);
        assert_owner(f, 4, inode_of(f, 4), "discoverd");
}

/* What the daemon uses without having made it, until it uses it no longer. */
static void test_adopted(void **state)
{
        Fixture *f = *state;
        const Registry registry = { .root = f->registry, .daemon = "stacd" };
        RegistryEntry entry;

        root_put(&f->root, "kernel/uevent_seqnum", "815\n");
        put_controller(f, 3);
        uint64_t inode = inode_of(f, 3);
        assert_int_equal(registry_claim(&registry, f->root.path, 3, inode, true), 0);
        assert_true(registry_entry_find(f->registry, 3, inode, &entry));
        assert_true(entry.is_ours && entry.is_adopted);
        assert_int_equal(registry_forget(f->registry, f->root.path, 3), 0);
        assert_owner(f, 3, inode, "stas");

        assert_int_equal(registry_disown(f->registry, 3, inode + 1), 0); /* another controller */
        assert_owner(f, 3, inode, "stas");
        assert_int_equal(registry_disown(f->registry, 3, inode), 0);
        assert_owner(f, 3, inode, NULL);
        assert_int_equal(registry_disown(f->registry, 3, inode), 0);

        root_put(&f->root, "nvme/registry/nvme3/owner", "discoverd\n");
        assert_int_equal(registry_disown(f->registry, 3, inode), 0);
        assert_owner(f, 3, inode, "discoverd");
}

static void *forget_in_thread(void *userdata)
{
        Fixture *f = userdata;
        return (void *) (intptr_t) forget(f, 3);
}

/* The previous controller is gone, and the one that has the name now is registered concurrently. */
static void test_forget_beside_a_write(void **state)
{
        Fixture *f = *state;
        put_controller(f, 3);
        uint64_t inode = inode_of(f, 3);
        for (unsigned i = 0; i < 300; i++) {
                pthread_t thread;
                void *result;
                assert_int_equal(write_entry(f, 3, inode + 1, 815), 0);
                assert_int_equal(pthread_create(&thread, NULL, forget_in_thread, f), 0);
                if (i % 3 == 0)
                        (void) sched_yield();
                assert_int_equal(write_entry(f, 3, inode, 816), 0);
                assert_int_equal(pthread_join(thread, &result), 0);
                assert_null(result);
                assert_owner(f, 3, inode, "stas");
                assert_n_entries(f, "nvme/registry", 1);
        }
}

static void test_seqnum(void **state)
{
        Fixture *f = *state;
        assert_int_equal(registry_read_seqnum(f->root.path), 0);
        root_put(&f->root, "kernel/uevent_seqnum", "815\n");
        assert_int_equal(registry_read_seqnum(f->root.path), 815);
        root_put(&f->root, "kernel/uevent_seqnum", "many\n");
        assert_int_equal(registry_read_seqnum(f->root.path), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_write),
                TEST(test_write_without_a_seqnum),
                TEST(test_write_over_what_is_left),
                TEST(test_write_fails),
                TEST(test_write_without_room),
                TEST(test_claim),
                TEST(test_adopted),
                TEST(test_forget),
                TEST(test_forget_after_the_name_was_given_away),
                TEST(test_forget_without_an_inode),
                TEST(test_entries_of_others_stay),
                TEST(test_forget_beside_a_write),
                TEST(test_seqnum),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
