/* SPDX-License-Identifier: Apache-2.0 */

/* /dev is a directory here: an unused device is a regular file, and one that cannot be opened, for
 * whatever reason, a link to itself. */

#include "exec/in_use.h"

#include "base/text.h"
#include "observe/testing.h"
#include <sys/socket.h>
#include <sys/un.h>

typedef struct Fixture {
        Root root;
        char dev[PATH_MAX], proc[PATH_MAX];
        Deletions all;
        Users users;
        bool force;
        char *why;
} Fixture;

/* The list of open devices, as if it had just been queried. */
static void put_open(Fixture *f, const char *answer)
{
        Openers *o = &f->users.openers;
        free(o->answer);
        o->answer = strdup(answer);
        o->asked_at = USEC_INFINITY;
}

static int setup(void **state)
{
        static Fixture f;
        f.root = root_new();
        (void) root_path(&f.root, "dev", f.dev);
        root_make_dir(&f.root, "dev");
        deletions_init(&f.all);
        users_init(&f.users, f.root.path, f.dev, root_path(&f.root, "proc", f.proc),
                   "/nonexistent");
        f.force = false;
        f.why = NULL;
        put_open(&f, "end\n");
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        free(f->why);
        users_done(&f->users);
        deletions_done(&f->all);
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

_printf_(3, 4) static void put_link(const Fixture *f, const char *target, const char *format, ...)
{
        char name[256];
        va_list args;
        va_start(args, format);
        (void) vsnprintf(name, sizeof(name), format, args);
        va_end(args);
        root_link(&f->root, target, name);
}

static void put_controller(const Fixture *f, int subsystem, int instance, const char *state)
{
        char target[64];
        put(f, state, "class/nvme/nvme%d/state", instance);
        put(f, "nqn.sub\n", "class/nvme-subsystem/nvme-subsys%d/subsysnqn", subsystem);
        (void) snprintf(target, sizeof(target), "../../nvme/nvme%d", instance);
        put_link(f, target, "class/nvme-subsystem/nvme-subsys%d/nvme%d", subsystem, instance);
}

static void put_path(const Fixture *f, int subsystem, int instance, int head, const char *ana_state)
{
        put(f, "1\n", "class/nvme/nvme%d/nvme%dc%dn%d/nsid", instance, subsystem, instance, head);
        if (ana_state)
                put(f, ana_state, "class/nvme/nvme%d/nvme%dc%dn%d/ana_state", instance, subsystem,
                    instance, head);
}

static void put_disk(const Fixture *f, const char *name, bool is_busy)
{
        put(f, "0:0\n", "class/block/%s/dev", name); /* the number of a regular file */
        if (is_busy)
                put_link(f, name, "dev/%s", name);
        else
                put(f, "", "dev/%s", name);
}

/* nvme0 and nvme1 of one subsystem, with one path each to the same device. */
static void put_two_paths(const Fixture *f, bool is_busy)
{
        put_controller(f, 0, 0, "live\n");
        put_controller(f, 0, 1, "live\n");
        put_path(f, 0, 0, 1, NULL);
        put_path(f, 0, 1, 1, NULL);
        put_disk(f, "nvme0n1", is_busy);
}

static int check(Fixture *f, Deletion *d)
{
        char name[64], path[PATH_MAX];
        (void) snprintf(name, sizeof(name), "class/nvme/nvme%d", d->instance);
        int fd = open(root_path(&f->root, name, path), O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        free(f->why);
        f->why = NULL;
        int r = in_use_check(&f->users, fd, d, f->force, &f->why);
        assert_true((r == -EBUSY || r == -ENODATA) == (f->why != NULL));
        assert_int_equal(close(fd), 0);
        return r;
}

static int check_alone(Fixture *f, int instance)
{
        Deletion d;
        deletion_begin(&f->all, instance, &d);
        int r = check(f, &d);
        deletion_end(&d);
        return r;
}

static void test_no_namespace(void **state)
{
        Fixture *f = *state;
        put_controller(f, 0, 0, "live\n");
        put(f, "", "class/nvme/nvme0/ng0n1/dev");
        put(f, "", "class/nvme/nvme0/hwmon0/name");
        put(f, "", "class/nvme/nvme0/nvme0c0/x");
        put(f, "", "class/nvme/nvme0/nvme0n1p/x");
        put(f, "", "class/nvme/nvme0/nvme99999999999n1/x");
        assert_int_equal(check_alone(f, 0), 0);
}

static void test_the_only_path(void **state)
{
        Fixture *f = *state;
        Deletion d;
        put_controller(f, 0, 0, "live\n");
        put_path(f, 0, 0, 1, "optimized\n");
        put_disk(f, "nvme0n1", false);

        deletion_begin(&f->all, 0, &d);
        assert_int_equal(check(f, &d), 0);
        assert_false(SLIST_EMPTY(&d.claims)); /* cannot be mounted from now on */
        assert_string_equal(SLIST_FIRST(&d.claims)->name, "nvme0n1");
        deletion_end(&d);

        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        assert_int_equal(check_alone(f, 0), -EBUSY);
}

static void test_another_path(void **state)
{
        Fixture *f = *state;
        Deletion d;
        put_two_paths(f, true);
        deletion_begin(&f->all, 0, &d);
        assert_int_equal(check(f, &d), 0);
        assert_true(SLIST_EMPTY(&d.claims));
        deletion_end(&d);
}

static void test_another_path_that_does_not_count(void **state)
{
        static const struct {
                const char *state, *ana_state;
                int expected;
        } table[] = {
                { "live\n", NULL, 0 },
                { "live\n", "optimized\n", 0 },
                { "live\n", "non-optimized\n", 0 },
                { "live\n", "inaccessible\n", -EBUSY },
                { "live\n", "persistent-loss\n", -EBUSY },
                { "live\n", "change\n", -EBUSY },
                { "live\n", "\n", -EBUSY },
                { "connecting\n", "optimized\n", -EBUSY },
                { "resetting\n", NULL, -EBUSY },
                { "deleting\n", NULL, -EBUSY },
                { "deleting (no IO)\n", NULL, -EBUSY },
                { "dead\n", NULL, -EBUSY },
                { "new\n", NULL, -EBUSY },
                { "", NULL, -EBUSY },
        };
        Fixture *f = *state;
        put_two_paths(f, true);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                put(f, table[i].state, "class/nvme/nvme1/state");
                if (table[i].ana_state)
                        put_path(f, 0, 1, 1, table[i].ana_state);
                int r = check_alone(f, 0);
                if (r != table[i].expected)
                        fail_msg("%s %s: %d", table[i].state, text_or(table[i].ana_state, "-"), r);
                if (table[i].ana_state)
                        root_drop(&f->root, "class/nvme/nvme1/nvme0c1n1/ana_state");
        }
}

static void test_paths_to_other_devices(void **state)
{
        Fixture *f = *state;
        put_two_paths(f, true);
        put_path(f, 0, 0, 2, NULL); /* through nvme0 only */
        put_disk(f, "nvme0n2", false);
        assert_int_equal(check_alone(f, 0), 0);

        put_path(f, 0, 0, 3, NULL);
        put_disk(f, "nvme0n3", true);
        assert_int_equal(check_alone(f, 0), -EBUSY);
        assert_int_equal(check_alone(f, 1), 0);
        /* The same number in another subsystem refers to another device. */
        put_controller(f, 7, 2, "live\n");
        put_path(f, 7, 2, 3, NULL);
        assert_int_equal(check_alone(f, 0), -EBUSY);
        put_controller(f, 0, 3, "live\n");
        put_path(f, 0, 3, 3, NULL);
        assert_int_equal(check_alone(f, 0), 0);
}

/* The kernel creates the device once the first path to it is usable. */
static void test_a_device_that_never_was(void **state)
{
        Fixture *f = *state;
        put_controller(f, 0, 0, "connecting\n");
        put_path(f, 0, 0, 1, "inaccessible\n");
        assert_int_equal(check_alone(f, 0), 0);
}

static void test_doubts(void **state)
{
        Fixture *f = *state;
        put_controller(f, 0, 0, "live\n");
        put_path(f, 0, 0, 1, NULL);
        put_disk(f, "nvme0n1", false);
        assert_int_equal(check_alone(f, 0), 0);

        put(f, "259:1\n", "class/block/nvme0n1/dev"); /* another device has its name in /dev */
        assert_int_equal(check_alone(f, 0), -EBUSY);
        root_drop(&f->root, "class/block/nvme0n1/dev");
        assert_int_equal(check_alone(f, 0), -EBUSY);
        put(f, "0:0\n", "class/block/nvme0n1/dev");
        root_drop(&f->root, "dev/nvme0n1");
        assert_int_equal(check_alone(f, 0), -EBUSY);
        root_drop(&f->root, "class/block/nvme0n1/dev");
        root_drop(&f->root, "class/block/nvme0n1");
        put_link(f, "nvme0n1", "class/block/nvme0n1");
        assert_int_equal(check_alone(f, 0), -EBUSY);
}

static void test_of_two_deletions_one_stays(void **state)
{
        Fixture *f = *state;
        Deletion a, b;
        put_two_paths(f, true);
        deletion_begin(&f->all, 0, &a);
        deletion_begin(&f->all, 1, &b);
        assert_int_equal(check(f, &b), -EBUSY);
        assert_int_equal(check(f, &a), 0);
        deletion_end(&b);
        deletion_end(&a);
}

/* If neither is live both are the last path: a device claimed by one is unused for the other. */
static void test_two_deletions_of_a_device_that_nobody_uses(void **state)
{
        Fixture *f = *state;
        Deletion a, b;
        put_two_paths(f, false);
        put(f, "connecting\n", "class/nvme/nvme0/state");
        put(f, "connecting\n", "class/nvme/nvme1/state");
        deletion_begin(&f->all, 0, &a);
        deletion_begin(&f->all, 1, &b);
        assert_int_equal(check(f, &a), 0);
        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        assert_int_equal(check(f, &b), 0);
        deletion_end(&a);
        deletion_end(&b);
}

/* Without native multipath: nvme0n1 and nvme1n1, joined by a map. */
static void put_map(const Fixture *f, bool is_busy)
{
        for (int i = 0; i < 2; i++) {
                char name[32], target[64];
                put_controller(f, i, i, "live\n");
                put(f, "1\n", "class/nvme/nvme%d/nvme%dn1/nsid", i, i);
                (void) snprintf(name, sizeof(name), "nvme%dn1", i);
                put_disk(f, name, true);
                (void) snprintf(target, sizeof(target), "../../nvme/nvme%d", i);
                put_link(f, target, "class/block/%s/device", name);
                put(f, "", "class/block/%s/holders/dm-0/dev", name);
                put(f, "", "class/block/dm-0/slaves/%s/dev", name);
        }
        put_disk(f, "dm-0", is_busy);
        put(f, "mpath-uuid.7b699377\n", "class/block/dm-0/dm/uuid");
}

static void test_plain_devices(void **state)
{
        Fixture *f = *state;
        put_controller(f, 0, 0, "live\n");
        put_controller(f, 0, 1, "live\n"); /* native multipath, but not for this subsystem */
        put(f, "1\n", "class/nvme/nvme0/nvme0n1/nsid");
        put_disk(f, "nvme0n1", false);
        assert_int_equal(check_alone(f, 0), 0);
        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        assert_int_equal(check_alone(f, 0), -EBUSY);
        root_make_dir(&f->root, "class/block/nvme0n1/holders");
        assert_int_equal(check_alone(f, 0), -EBUSY);
}

static void test_a_map_with_another_path(void **state)
{
        Fixture *f = *state;
        Deletion a, b;
        put_map(f, true);
        assert_int_equal(check_alone(f, 0), 0);
        assert_int_equal(check_alone(f, 1), 0);

        deletion_begin(&f->all, 1, &a);
        deletion_begin(&f->all, 0, &b);
        assert_int_equal(check(f, &a), 0);
        assert_int_equal(check(f, &b), -EBUSY);
        deletion_end(&a);
        deletion_end(&b);

        put(f, "connecting\n", "class/nvme/nvme1/state");
        assert_int_equal(check_alone(f, 0), -EBUSY);
        assert_int_equal(check_alone(f, 1), 0);
}

static void test_a_map_that_nobody_uses(void **state)
{
        Fixture *f = *state;
        Deletion d;
        put_map(f, false);
        put(f, "connecting\n", "class/nvme/nvme1/state");
        deletion_begin(&f->all, 0, &d);
        assert_int_equal(check(f, &d), 0);
        assert_string_equal(SLIST_FIRST(&d.claims)->name, "dm-0");
        deletion_end(&d);
}

static void test_other_holders(void **state)
{
        Fixture *f = *state;
        put_map(f, true);
        put(f, "LVM-7b699377\n", "class/block/dm-0/dm/uuid");
        assert_int_equal(check_alone(f, 0), -EBUSY);
        put(f, "mpath-uuid.7b699377\n", "class/block/dm-0/dm/uuid");
        assert_int_equal(check_alone(f, 0), 0);
        put(f, "", "class/block/nvme0n1/holders/md127/dev");
        put(f, "", "class/block/md127/md/level");
        assert_int_equal(check_alone(f, 0), -EBUSY);
}

static void put_only_path(const Fixture *f)
{
        put_controller(f, 0, 0, "live\n");
        put_path(f, 0, 0, 1, NULL);
        put_disk(f, "nvme0n1", false);
        put(f, "259:1\n", "class/block/nvme0n1/nvme0n1p1/dev");
        put(f, "241:0\n", "class/nvme-generic/ng0n1/dev");
}

static void expect_kept(Fixture *f, int error, const char *why)
{
        assert_int_equal(check_alone(f, 0), error);
        assert_string_equal(f->why, why);
}

static void test_what_a_process_has_open(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        assert_int_equal(check_alone(f, 0), 0);
        put_open(f, "b 0:0 1234 qemu-system-x86\nend\n");
        expect_kept(f, -EBUSY, "nvme0n1: in use by 1234 (qemu-system-x86)");
        put_open(f, "b 259:1 17 database\nend\n");
        expect_kept(f, -EBUSY, "nvme0n1p1: in use by 17 (database)");
        put_open(f, "c 241:0 18 spdk\nend\n");
        expect_kept(f, -EBUSY, "ng0n1: in use by 18 (spdk)");
        put_open(f, "? EACCES 19 secret\nend\n");
        expect_kept(f, -ENODATA,
                    "nvme0n1: the processes that have it open cannot be determined: it may be 19 "
                    "(secret)");
        put_open(f, "b 259:2 20 other\nend\n");
        assert_int_equal(check_alone(f, 0), 0);
}

/* Openers are queried only for the last path to a device. */
static void test_nobody_is_asked_in_vain(void **state)
{
        Fixture *f = *state;
        put_two_paths(f, false);
        put_open(f, "b 0:0 1234 qemu-system-x86\nend\n");
        assert_int_equal(check_alone(f, 0), 0);
        f->users.openers.asked_at = 0;
        assert_int_equal(check_alone(f, 1), 0);
        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        put(f, "connecting\n", "class/nvme/nvme1/state");
        expect_kept(f, -EBUSY, "nvme0n1: it cannot be opened: ELOOP");
        assert_true(f->users.openers.asked_at == 0);
}

static void test_when_nobody_answers(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        f->users.openers.asked_at = 0;
        expect_kept(f, -ENODATA,
                    "nvme0n1: the processes that have it open cannot be determined: ENOENT "
                    "(stas-open-devices.socket)");
}

/* As root without the capability to override permissions, or as another user. */
static void expect_not_allowed(Fixture *f, const char *node, const char *why)
{
        char path[PATH_MAX];
        assert_int_equal(chmod(f->root.path, 0755), 0);
        assert_int_equal(chmod(root_path(&f->root, node, path), 0), 0);
        if (geteuid() == 0)
                assert_int_equal(seteuid(65534), 0);
        int r = check_alone(f, 0);
        assert_int_equal(seteuid(getuid()), 0);
        assert_int_equal(r, -ENODATA);
        assert_string_equal(f->why, why);
}

static void test_what_may_not_be_opened(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        expect_not_allowed(f, "dev/nvme0n1", "nvme0n1: it cannot be opened: EACCES");
}

/* A node without a device behind it, as if the driver were gone. */
static void test_what_cannot_be_opened(void **state)
{
        Fixture *f = *state;
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        put_only_path(f);
        root_drop(&f->root, "dev/nvme0n1");
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        (void) snprintf(a.sun_path, sizeof(a.sun_path), "%s/dev/nvme0n1", f->root.path);
        assert_int_equal(bind(fd, (const struct sockaddr *) &a, sizeof(a)), 0);
        expect_kept(f, -ENODATA, "nvme0n1: it cannot be opened: ENXIO");
        assert_int_equal(close(fd), 0);
}

static void test_a_map_that_may_not_be_opened(void **state)
{
        Fixture *f = *state;
        put_map(f, false);
        put(f, "connecting\n", "class/nvme/nvme1/state");
        expect_not_allowed(f, "dev/dm-0", "dm-0: it cannot be opened: EACCES");
}

static void test_what_is_exported(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        put(f, "/dev/nvme0n1p1\n",
            "kernel/config/nvmet/subsystems/nqn.again/namespaces/1/device_path");
        put(f, "1\n", "kernel/config/nvmet/subsystems/nqn.again/namespaces/1/enable");
        expect_kept(f, -EBUSY, "nvme0n1p1: exported by nvmet subsystem nqn.again");
        put(f, "0\n", "kernel/config/nvmet/subsystems/nqn.again/namespaces/1/enable");
        assert_int_equal(check_alone(f, 0), 0);
}

static void put_reads(const Fixture *f, int n)
{
        char text[64];
        (void) snprintf(text, sizeof(text), "%d 0 9 9 0 0 9 9 0 9 9\n", n);
        put(f, text, "class/nvme/nvme0/nvme0c0n1/stat");
}

static void test_what_is_read_by_nobody_that_is_seen(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        put_reads(f, 1);
        assert_int_equal(check_alone(f, 0), -EINPROGRESS); /* no earlier sample */
        put_reads(f, 2);
        assert_int_equal(check_alone(f, 0), -EINPROGRESS); /* it may have been the last I/O */
        put_reads(f, 3);
        expect_kept(f, -EBUSY, "nvme0n1: read or written by an unknown user");
        (void) usleep(600000);
        assert_int_equal(check_alone(f, 0), 0);

        /* If samples were taken since it was no longer wanted, it is deleted at once. */
        users_watch(&f->users, 0, false);
        (void) usleep(600000);
        assert_int_equal(check_alone(f, 0), 0);
}

/* The last reads of a known user are attributed to it. */
static void test_what_was_read_by_somebody_known(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        put_open(f, "b 0:0 1234 qemu-system-x86\nend\n");
        for (int i = 0; i < 3; i++) {
                put_reads(f, i);
                expect_kept(f, -EBUSY, "nvme0n1: in use by 1234 (qemu-system-x86)");
        }
        put_open(f, "end\n");
        put_reads(f, 4);
        assert_int_equal(check_alone(f, 0), 0);

        /* Same for a holder. */
        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        put_reads(f, 5);
        expect_kept(f, -EBUSY, "nvme0n1: it cannot be opened: ELOOP");
        put_reads(f, 6);
        root_drop(&f->root, "dev/nvme0n1");
        put_disk(f, "nvme0n1", false);
        assert_int_equal(check_alone(f, 0), 0);
}

static void test_who_claims_it(void **state)
{
        Fixture *f = *state;
        put_map(f, true);
        put(f, "connecting\n", "class/nvme/nvme1/state");
        put(f, "lab\n", "class/block/dm-0/dm/name");
        expect_kept(f, -EBUSY, "dm-0: it cannot be opened: ELOOP");
}

/* A host with these file systems, and force. */
static void put_mounts(Fixture *f, const char *mounts)
{
        f->force = true;
        put(f, mounts, "proc/self/mountinfo");
}

static void test_force(void **state)
{
        Fixture *f = *state;
        Deletion d;
        put_mounts(f, "29 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
                      "30 29 259:1 / /srv/data rw - ext4 /dev/nvme0n1p1 rw\n");
        put_only_path(f);
        put_open(f, "b 0:0 1234 qemu-system-x86\nend\n");
        root_drop(&f->root, "dev/nvme0n1");
        put_link(f, "nvme0n1", "dev/nvme0n1");
        deletion_begin(&f->all, 0, &d);
        assert_int_equal(check(f, &d), 0);
        assert_true(SLIST_EMPTY(&d.claims));
        deletion_end(&d);
}

static void test_force_keeps_what_the_host_runs_from(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        put_mounts(f, "29 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
        expect_kept(f, -EBUSY, "nvme0n1p1: mounted on /");
        put(f, "/dev/nvme0n1p1 partition 1 0 -2\n", "proc/swaps");
        expect_kept(f, -EBUSY, "nvme0n1p1: a swap");
        root_drop(&f->root, "proc/swaps");

        put_controller(f, 0, 1, "live\n");
        put_path(f, 0, 1, 1, NULL);
        assert_int_equal(check_alone(f, 0), 0); /* another path leads there */
        put(f, "connecting\n", "class/nvme/nvme1/state");
        expect_kept(f, -EBUSY, "nvme0n1p1: mounted on /");
        root_drop(&f->root, "proc/self/mountinfo");
        expect_kept(f, -EBUSY,
                    "nvme0n1: whether this host runs from it cannot be determined: ENOENT");
}

/* LUKS on a partition, containing a volume group. */
static void test_force_keeps_what_is_below(void **state)
{
        Fixture *f = *state;
        put_only_path(f);
        put(f, "", "class/block/nvme0n1/nvme0n1p1/holders/dm-0/dev");
        put_link(f, "nvme0n1/nvme0n1p1", "class/block/nvme0n1p1");
        put(f, "254:0\n", "class/block/dm-0/dev");
        put(f, "", "class/block/dm-0/holders/dm-1/dev");
        put(f, "", "class/block/dm-0/holders/dm-2/dev");
        put(f, "254:1\n", "class/block/dm-1/dev");
        put(f, "254:2\n", "class/block/dm-2/dev");
        put_mounts(f, "29 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
                      "30 29 254:1 / /srv rw - xfs /dev/mapper/vg-srv rw\n");
        assert_int_equal(check_alone(f, 0), 0);
        put_mounts(f, "29 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
                      "30 29 254:2 / /var rw - xfs /dev/mapper/vg-var rw\n");
        expect_kept(f, -EBUSY, "dm-2: mounted on /var");
}

static void test_force_by_a_map(void **state)
{
        Fixture *f = *state;
        put_map(f, true);
        put(f, "254:0\n", "class/block/dm-0/dev");
        put_mounts(f, "29 1 254:0 / / rw - ext4 /dev/mapper/mpatha rw\n");
        assert_int_equal(check_alone(f, 0), 0);
        put(f, "connecting\n", "class/nvme/nvme1/state");
        expect_kept(f, -EBUSY, "dm-0: mounted on /");
        put(f, "live\n", "class/nvme/nvme1/state");
        put(f, "LVM-7b699377\n", "class/block/dm-0/dm/uuid");
        expect_kept(f, -EBUSY, "dm-0: mounted on /");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_no_namespace),
                TEST(test_the_only_path),
                TEST(test_another_path),
                TEST(test_another_path_that_does_not_count),
                TEST(test_paths_to_other_devices),
                TEST(test_a_device_that_never_was),
                TEST(test_doubts),
                TEST(test_of_two_deletions_one_stays),
                TEST(test_two_deletions_of_a_device_that_nobody_uses),
                TEST(test_plain_devices),
                TEST(test_a_map_with_another_path),
                TEST(test_a_map_that_nobody_uses),
                TEST(test_other_holders),
                TEST(test_what_a_process_has_open),
                TEST(test_nobody_is_asked_in_vain),
                TEST(test_when_nobody_answers),
                TEST(test_what_may_not_be_opened),
                TEST(test_what_cannot_be_opened),
                TEST(test_a_map_that_may_not_be_opened),
                TEST(test_what_is_exported),
                TEST(test_what_is_read_by_nobody_that_is_seen),
                TEST(test_what_was_read_by_somebody_known),
                TEST(test_who_claims_it),
                TEST(test_force),
                TEST(test_force_keeps_what_the_host_runs_from),
                TEST(test_force_keeps_what_is_below),
                TEST(test_force_by_a_map),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
