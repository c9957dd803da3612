/* SPDX-License-Identifier: Apache-2.0 */

/* A full pipe acts as a kernel that blocks its caller: the write sleeps until the pipe is emptied,
 * and the answer read afterwards is what was written. */

#include "exec/executor.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/text.h"
#include "codec/fabrics_options.h"
#include "exec/test-threads.h"
#include "model/policy.h"
#include "observe/testing.h"

enum {
        N_MAX = 256,
        DEADLINE_SEC = 60
};

typedef struct Fixture {
        Root root;
        char registry[128];
        sd_event *event;
        Executor *executor;
        Completion results[N_MAX];
        size_t n_results;
        int submit_from_handler; /* jobs that the handler still has to submit */
} Fixture;

static void on_completion(Completion completion, void *userdata)
{
        Fixture *f = userdata;
        assert_true(f->n_results < N_MAX);
        f->results[f->n_results++] = completion;
        if (f->submit_from_handler > 0) {
                Job job = { .operation = OPERATION_SCAN,
                            .op_id = 1000 + (uint64_t) f->submit_from_handler-- };
                assert_int_equal(executor_submit(f->executor, &job), 0);
        }
}

static void start(Fixture *f, usec_t idle)
{
        ExecutorConfig config = { .daemon = "stacd",
                                  .sysfs_root = f->root.path,
                                  .dev_root = f->root.path,
                                  .proc_root = f->root.path,
                                  .registry_root = f->registry,
                                  .idle = idle };
        assert_int_equal(executor_new(f->event, &config, on_completion, f, &f->executor), 0);
}

static time_t now_sec(void)
{
        struct timespec ts;
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
        return ts.tv_sec;
}

static unsigned n_threads_at_start;

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new() };
        (void) snprintf(f.registry, sizeof(f.registry), "%s/run/nvme/registry", f.root.path);
        root_make_dir(&f.root, "run");
        assert_int_equal(sd_event_new(&f.event), 0);
        n_threads_at_start = threads_count();
        start(&f, 0);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        f->executor = executor_free(f->executor);
        /* Threads free their memory after completion: a leak would be detected. */
        threads_wait(n_threads_at_start);
        for (size_t i = 0; i < f->n_results; i++)
                completion_done(&f->results[i]);
        f->event = sd_event_unref(f->event);
        root_remove(&f->root);
        return 0;
}

static void submit(Fixture *f, Job job)
{
        assert_int_equal(executor_submit(f->executor, &job), 0);
        assert_null(job.options);
        assert_null(job.name);
        assert_null(job.known);
}

static void submit_connect(Fixture *f, uint64_t op_id, const char *options)
{
        submit(f, (Job) { .operation = OPERATION_CONNECT,
                          .op_id = op_id,
                          .options = strdup(options) });
}

static void wait_results(Fixture *f, size_t n)
{
        for (time_t end = now_sec() + DEADLINE_SEC; f->n_results < n;) {
                assert_true(sd_event_run(f->event, 100000) >= 0);
                assert_true(now_sec() < end);
        }
}

static const Completion *result_of(const Fixture *f, uint64_t op_id)
{
        const Completion *found = NULL;
        for (size_t i = 0; i < f->n_results; i++)
                if (f->results[i].op_id == op_id) {
                        assert_null(found);
                        found = &f->results[i];
                }
        return found;
}

/* A full pipe with this name. The descriptor keeps it open. */
static int put_full_pipe(const Fixture *f, const char *name)
{
        static const char filler[4096];
        char path[PATH_MAX];
        assert_int_equal(mkfifo(root_path(&f->root, name, path), 0600), 0);
        int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        assert_true(fd >= 0);
        while (write(fd, filler, sizeof(filler)) > 0)
                ;
        assert_int_equal(errno, EAGAIN);
        return fd;
}

/* A single read, so that nothing is taken in between. */
static void empty_pipe(int fd)
{
        static char sink[1024 * 1024];
        assert_true(read(fd, sink, sizeof(sink)) > 0);
}

/* Waits until a worker has the file open as well: it is in its write then, or about to be. */
static void wait_opened(const Fixture *f, const char *name)
{
        char path[PATH_MAX], link[PATH_MAX];
        size_t n = strlen(root_path(&f->root, name, path));
        unsigned n_open = 0;

        for (time_t end = now_sec() + DEADLINE_SEC; n_open < 2; (void) usleep(2000)) {
                n_open = 0;
                for (int fd = 0; fd < 64; fd++) {
                        char proc[64];
                        (void) snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
                        n_open += readlink(proc, link, sizeof(link)) == (ssize_t) n &&
                                  memcmp(link, path, n) == 0;
                }
                assert_true(now_sec() < end);
        }
}

static void put_controller(const Fixture *f, unsigned instance)
{
        static const char *const attributes[][2] = {
                { "transport", "tcp\n" },     { "address", "traddr=127.0.0.1,trsvcid=4420\n" },
                { "subsysnqn", "nqn.sub\n" }, { "state", "live\n" },
                { "delete_controller", "" },
        };
        for (size_t i = 0; i < ELEMENTSOF(attributes); i++) {
                char name[128];
                (void) snprintf(name, sizeof(name), "class/nvme/nvme%u/%s", instance,
                                attributes[i][0]);
                root_put(&f->root, name, attributes[i][1]);
        }
}

/* Same as after deletion by the kernel: the state cannot be read. */
static void drop_state(const Fixture *f, int instance)
{
        char name[64];
        (void) snprintf(name, sizeof(name), "class/nvme/nvme%d/state", instance);
        root_drop(&f->root, name);
}

static void test_nothing_runs_without_a_job(void **state)
{
        assert_int_equal(threads_count(), n_threads_at_start);
}

static void test_connect(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme-fabrics", "???????instance=4,cntlid=3\n");
        submit_connect(f, 11, "a=b,c=d");
        wait_results(f, 1);

        const Completion *r = result_of(f, 11);
        assert_int_equal(r->operation, OPERATION_CONNECT);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->instance, 4);
        assert_true(r->inode == 0); /* no such directory */
}

static void get_owner(const Fixture *f, int instance, char owner[static 64])
{
        char name[64], path[PATH_MAX];
        (void) snprintf(name, sizeof(name), "run/nvme/registry/nvme%d/owner", instance);
        *owner = '\0';
        if (access(root_path(&f->root, name, path), F_OK) == 0)
                root_get(&f->root, name, owner, 64);
}

static void put_owner(const Fixture *f, int instance, const char *owner, uint64_t inode)
{
        char name[64], text[32];
        (void) snprintf(name, sizeof(name), "run/nvme/registry/nvme%d/owner", instance);
        root_put(&f->root, name, owner);
        if (inode == 0)
                return;
        (void) snprintf(name, sizeof(name), "run/nvme/registry/nvme%d/inode", instance);
        (void) snprintf(text, sizeof(text), "%ju\n", (uintmax_t) inode);
        root_put(&f->root, name, text);
}

static void test_connect_says_whose_it_is(void **state)
{
        Fixture *f = *state;
        char text[64], inode[64];
        root_put(&f->root, "nvme-fabrics", "???????instance=4,cntlid=3\n");
        root_put(&f->root, "kernel/uevent_seqnum", "815\n");
        put_controller(f, 4);
        put_owner(f, 4, "discoverd\n", 0); /* of the previous nvme4 */
        submit_connect(f, 11, "a=b,c=d");
        wait_results(f, 1);

        const Completion *r = result_of(f, 11);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->inode, root_inode(&f->root, "class/nvme/nvme4"));
        get_owner(f, 4, text);
        assert_string_equal(text, "stas\n");
        root_get(&f->root, "run/nvme/registry/nvme4/seqnum", text, sizeof(text));
        assert_string_equal(text, "815\n");
        root_get(&f->root, "run/nvme/registry/nvme4/inode", text, sizeof(text));
        (void) snprintf(inode, sizeof(inode), "%ju\n", (uintmax_t) r->inode);
        assert_string_equal(text, inode);
}

static mode_t mode_of(const Fixture *f, const char *name)
{
        char path[PATH_MAX];
        struct stat st;
        assert_int_equal(stat(root_path(&f->root, name, path), &st), 0);
        return st.st_mode & 0777;
}

static void test_connect_hides_the_keys(void **state)
{
        Fixture *f = *state;
        char path[PATH_MAX];
        root_put(&f->root, "nvme-fabrics", "???????instance=4,cntlid=3\n");
        put_controller(f, 4);
        root_put(&f->root, "class/nvme/nvme4/dhchap_secret", "DHHC-1:00:a:\n");
        root_put(&f->root, "class/nvme/nvme4/dhchap_ctrl_secret", "DHHC-1:00:b:\n");
        for (size_t i = 0; i < 3; i++) {
                static const char *const names[] = { "state", "dhchap_secret",
                                                     "dhchap_ctrl_secret" };
                char name[64];
                (void) snprintf(name, sizeof(name), "class/nvme/nvme4/%s", names[i]);
                assert_int_equal(chmod(root_path(&f->root, name, path), 0644), 0);
        }
        submit_connect(f, 11, "a=b,c=d");
        wait_results(f, 1);
        assert_int_equal(result_of(f, 11)->error, 0);
        assert_int_equal(mode_of(f, "class/nvme/nvme4/dhchap_secret"), 0600);
        assert_int_equal(mode_of(f, "class/nvme/nvme4/dhchap_ctrl_secret"), 0600);
        assert_int_equal(mode_of(f, "class/nvme/nvme4/state"), 0644);
}

static void test_connect_without_a_registry(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme-fabrics", "???????instance=4,cntlid=3\n");
        root_put(&f->root, "run/nvme", "a file");
        put_controller(f, 4);
        submit_connect(f, 11, "a=b,c=d");
        wait_results(f, 1);
        assert_int_equal(result_of(f, 11)->error, 0);
        assert_int_equal(result_of(f, 11)->instance, 4);
        assert_int_equal(result_of(f, 11)->entry_error, -ENOTDIR);
}

static void test_connect_fails(void **state)
{
        Fixture *f = *state;
        submit_connect(f, 11, "a=b");
        wait_results(f, 1);
        assert_int_equal(result_of(f, 11)->error, -ENOENT);
        assert_int_equal(result_of(f, 11)->instance, -1);
}

static void test_read_options(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme-fabrics", "instance=-1,cntlid=-1,discovery\n");
        submit(f, (Job) { .operation = OPERATION_READ_OPTIONS, .op_id = 1 });
        wait_results(f, 1);
        assert_int_equal(result_of(f, 1)->error, 0);
        assert_int_equal(result_of(f, 1)->options, 1U << FABRICS_DISCOVERY);
}

static void test_read_device_and_scan(void **state)
{
        Fixture *f = *state;
        put_controller(f, 3);
        put_controller(f, 5);
        submit(f, (Job) { .operation = OPERATION_READ_DEVICE, .op_id = 1, .instance = 5 });
        submit(f, (Job) { .operation = OPERATION_READ_DEVICE, .op_id = 2, .instance = 7 });
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 3 });
        wait_results(f, 3);

        const Completion *r = result_of(f, 1);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->instance, 5);
        assert_int_equal(r->device->instance, 5);
        assert_int_equal(r->device->inode, root_inode(&f->root, "class/nvme/nvme5"));
        r = result_of(f, 2);
        assert_int_equal(r->error, -ENODEV);
        assert_int_equal(r->instance, 7);
        assert_null(r->device);
        r = result_of(f, 3);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->n_devices, 2);
        assert_int_equal(r->devices[0]->instance, 3);
        assert_int_equal(r->devices[1]->instance, 5);
}

static void test_disconnect(void **state)
{
        Fixture *f = *state;
        char text[16];
        put_controller(f, 3);
        drop_state(f, 3);
        uint64_t inode = root_inode(&f->root, "class/nvme/nvme3");
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 1,
                          .instance = 3,
                          .inode = inode + 1 });
        wait_results(f, 1);
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 2,
                          .instance = 3,
                          .inode = inode });
        wait_results(f, 2);

        assert_int_equal(result_of(f, 1)->error, -ESTALE);
        assert_int_equal(result_of(f, 2)->error, 0);
        root_get(&f->root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");
}

/* Only nvme3 leads to nvme0n1, which is in use, simulated by a node that cannot be opened. */
static void put_device_in_use(const Fixture *f)
{
        put_controller(f, 3);
        root_put(&f->root, "class/nvme/nvme3/nvme0c3n1/nsid", "1\n");
        root_put(&f->root, "class/block/nvme0n1/dev", "259:0\n");
        root_link(&f->root, "nvme0n1", "nvme0n1");
}

static void test_disconnect_of_what_is_in_use(void **state)
{
        Fixture *f = *state;
        char text[64];
        put_device_in_use(f);
        uint64_t inode = root_inode(&f->root, "class/nvme/nvme3");
        put_owner(f, 3, "stas\n", inode);
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 1,
                          .instance = 3,
                          .inode = inode });
        wait_results(f, 1);
        assert_int_equal(result_of(f, 1)->error, -EBUSY);
        assert_string_equal(result_of(f, 1)->used_by, "nvme0n1: it cannot be opened: ELOOP");
        root_get(&f->root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "");
        get_owner(f, 3, text);
        assert_string_equal(text, "stas\n");

        Job by_force = { .operation = OPERATION_DISCONNECT,
                         .op_id = 2,
                         .instance = 3,
                         .inode = inode,
                         .force = true };
        root_put(&f->root, "self/mountinfo", "29 1 259:0 / / rw - ext4 /dev/root rw\n");
        submit(f, by_force);
        wait_results(f, 2);
        assert_int_equal(result_of(f, 2)->error, -EBUSY);
        assert_string_equal(result_of(f, 2)->used_by, "nvme0n1: mounted on /");

        root_put(&f->root, "self/mountinfo", "29 1 8:0 / / rw - ext4 /dev/root rw\n");
        drop_state(f, 3);
        by_force.op_id = 3;
        submit(f, by_force);
        wait_results(f, 3);
        assert_int_equal(result_of(f, 3)->error, 0);
        root_get(&f->root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "1");
}

/* The owner may change between the read and the deletion. */
static void test_disconnect_of_what_others_own(void **state)
{
        Fixture *f = *state;
        char text[64];
        put_controller(f, 3);
        put_owner(f, 3, "discoverd\n", 0);
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 1,
                          .instance = 3,
                          .force = true });
        wait_results(f, 1);
        assert_int_equal(result_of(f, 1)->error, -ESTALE);
        root_get(&f->root, "class/nvme/nvme3/delete_controller", text, sizeof(text));
        assert_string_equal(text, "");
}

/* The kernel would remove the controller upon the write; here the entry belongs to another one. */
static void test_disconnect_takes_our_entry_along(void **state)
{
        Fixture *f = *state;
        char text[64];
        put_controller(f, 3);
        uint64_t inode = root_inode(&f->root, "class/nvme/nvme3");
        put_owner(f, 3, "stas\n", inode + 1);
        drop_state(f, 3);
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 1,
                          .instance = 3,
                          .inode = inode });
        wait_results(f, 1);
        assert_int_equal(result_of(f, 1)->error, 0);
        get_owner(f, 3, text);
        assert_string_equal(text, "");
}

/* It stays ours according to the entry. */
static void test_disconnect_that_the_kernel_does_not_do(void **state)
{
        Fixture *f = *state;
        char text[64];
        put_controller(f, 3);
        uint64_t inode = root_inode(&f->root, "class/nvme/nvme3");
        put_owner(f, 3, "stas\n", inode);
        submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                          .op_id = 1,
                          .instance = 3,
                          .inode = inode });
        wait_results(f, 1);
        assert_int_equal(result_of(f, 1)->error, -ECANCELED);
        get_owner(f, 3, text);
        assert_string_equal(text, "stas\n");
}

static void test_forget_owner(void **state)
{
        Fixture *f = *state;
        char text[64];
        put_controller(f, 4);
        put_owner(f, 3, "stas\n", 4711);
        put_owner(f, 4, "stas\n", root_inode(&f->root, "class/nvme/nvme4"));
        put_owner(f, 5, "discoverd\n", 0);
        for (int i = 3; i <= 6; i++)
                submit(f, (Job) { .operation = OPERATION_FORGET_OWNER,
                                  .op_id = (uint64_t) i,
                                  .instance = i });
        wait_results(f, 4);
        for (uint64_t i = 3; i <= 6; i++)
                assert_int_equal(result_of(f, i)->error, 0);
        get_owner(f, 3, text);
        assert_string_equal(text, "");
        get_owner(f, 4, text);
        assert_string_equal(text, "stas\n");
        get_owner(f, 5, text);
        assert_string_equal(text, "discoverd\n");
}

static void test_a_snapshot_tells_the_owner(void **state)
{
        Fixture *f = *state;
        put_controller(f, 3);
        put_owner(f, 3, "discoverd\n", 0);
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 1 });
        submit(f, (Job) { .operation = OPERATION_READ_DEVICE, .op_id = 2, .instance = 3 });
        wait_results(f, 2);
        assert_string_equal(result_of(f, 1)->devices[0]->owner, "discoverd");
        assert_string_equal(result_of(f, 2)->device->owner, "discoverd");
}

static void submit_resolve(Fixture *f, uint64_t op_id, const char *name, unsigned families)
{
        submit(f, (Job) { .operation = OPERATION_RESOLVE,
                          .op_id = op_id,
                          .ip_families = families,
                          .name = strdup(name),
                          .known = strdup("192.0.2.77") });
}

static void test_resolve(void **state)
{
        Fixture *f = *state;
        submit_resolve(f, 1, "localhost", IP_FAMILY_IPV4);
        submit_resolve(f, 2, "2001:db8::1", IP_FAMILY_IPV4 | IP_FAMILY_IPV6);
        submit_resolve(f, 3, "2001:db8::1", IP_FAMILY_IPV4);
        submit_resolve(f, 4, "", IP_FAMILY_IPV4);
        submit(f, (Job) { .operation = OPERATION_RESOLVE, .op_id = 5 });
        wait_results(f, 5);
        assert_int_equal(result_of(f, 1)->error, 0);
        assert_string_equal(result_of(f, 1)->address, "127.0.0.1");
        assert_int_equal(result_of(f, 2)->error, 0);
        assert_string_equal(result_of(f, 2)->address, "2001:db8::1");
        assert_int_equal(result_of(f, 3)->error, -EAFNOSUPPORT);
        assert_null(result_of(f, 3)->address);
        assert_int_equal(result_of(f, 4)->error, -ENOENT);
        assert_int_equal(result_of(f, 5)->error, -ENOENT);
}

static void test_read_log_fails(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme3", "");
        submit(f, (Job) { .operation = OPERATION_READ_LOG, .op_id = 1, .instance = 3 });
        submit(f, (Job) { .operation = OPERATION_READ_LOG, .op_id = 2, .instance = 4 });
        wait_results(f, 2);
        assert_int_equal(result_of(f, 1)->error, -ENOTTY);
        assert_int_equal(result_of(f, 1)->nvme_status, 0);
        assert_int_equal(result_of(f, 1)->instance, 3);
        assert_null(result_of(f, 1)->log);
        assert_int_equal(result_of(f, 2)->error, -ENODEV);
}

static void test_a_stuck_connect_holds_only_connects(void **state)
{
        Fixture *f = *state;
        int fd = put_full_pipe(f, "nvme-fabrics");
        put_controller(f, 3);
        drop_state(f, 3);
        submit_connect(f, 1, "instance=1,cntlid=10");
        submit_connect(f, 2, "instance=2,cntlid=20");
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 3 });
        submit(f, (Job) { .operation = OPERATION_DISCONNECT, .op_id = 4, .instance = 3 });
        submit(f, (Job) { .operation = OPERATION_READ_LOG, .op_id = 5, .instance = 3 });
        submit(f, (Job) { .operation = OPERATION_READ_DEVICE, .op_id = 6, .instance = 3 });
        submit(f, (Job) { .operation = OPERATION_FORGET_OWNER, .op_id = 7, .instance = 3 });
        submit_resolve(f, 8, "192.0.2.1", IP_FAMILY_IPV4);
        wait_results(f, 6);
        assert_null(result_of(f, 1));
        assert_null(result_of(f, 2));
        /* One per lane: the second connect was given no thread, which would wait in the kernel. */
        assert_int_equal(threads_count(), n_threads_at_start + 5);

        wait_opened(f, "nvme-fabrics");
        empty_pipe(fd);
        wait_results(f, 8);
        assert_int_equal(result_of(f, 1)->instance, 1);
        assert_int_equal(result_of(f, 2)->instance, 2);
        assert_int_equal(f->results[6].op_id, 1);
        assert_int_equal(close(fd), 0);
}

static void test_stuck_disconnects_hold_no_other(void **state)
{
        Fixture *f = *state;
        int fds[4];
        put_controller(f, 4);
        drop_state(f, 4);
        for (int i = 0; i < 4; i++) {
                char name[64];
                put_controller(f, (unsigned) i);
                drop_state(f, i);
                (void) snprintf(name, sizeof(name), "class/nvme/nvme%d/delete_controller", i);
                root_drop(&f->root, name);
                fds[i] = put_full_pipe(f, name);
                submit(f, (Job) { .operation = OPERATION_DISCONNECT,
                                  .op_id = 10 + (uint64_t) i,
                                  .instance = i });
        }
        submit(f, (Job) { .operation = OPERATION_DISCONNECT, .op_id = 14, .instance = 4 });
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 15 });
        for (int i = 0; i < 4; i++) {
                char name[64];
                (void) snprintf(name, sizeof(name), "class/nvme/nvme%d/delete_controller", i);
                wait_opened(f, name);
        }
        wait_results(f, 2);
        assert_non_null(result_of(f, 15));
        assert_int_equal(result_of(f, 14)->error, 0);
        assert_int_equal(threads_count(), n_threads_at_start + 5 + 1);

        empty_pipe(fds[2]);
        wait_results(f, 3);
        assert_int_equal(result_of(f, 12)->error, 0);
        for (int i = 0; i < 4; i++) {
                if (i != 2)
                        empty_pipe(fds[i]);
                assert_int_equal(close(fds[i]), 0);
        }
        wait_results(f, 6);
}

static void test_free_does_not_wait_for_the_kernel(void **state)
{
        Fixture *f = *state;
        int fd = put_full_pipe(f, "nvme-fabrics");
        submit_connect(f, 1, "instance=1,cntlid=10");
        submit_connect(f, 2, "instance=2,cntlid=20");
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 3 });
        wait_results(f, 1);
        wait_opened(f, "nvme-fabrics");

        f->executor = executor_free(f->executor);
        threads_wait(n_threads_at_start + 1);
        /* A new executor does not receive results of the old one. */
        start(f, 0);
        empty_pipe(fd);
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 4 });
        wait_results(f, 2);
        assert_non_null(result_of(f, 4));
        assert_null(result_of(f, 1));
        assert_int_equal(close(fd), 0);
}

static void test_free_with_results_not_fetched(void **state)
{
        Fixture *f = *state;
        put_controller(f, 0);
        for (uint64_t i = 0; i < 20; i++)
                submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = i });
        (void) usleep(5000);
        f->executor = executor_free(f->executor);
        assert_int_equal(f->n_results, 0);
}

static void test_free_at_once(void **state)
{
        Fixture *f = *state;
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 1 });
        submit_connect(f, 2, "a=b");
        f->executor = executor_free(f->executor);
        assert_null(executor_free(NULL));
}

static void test_idle_threads_end(void **state)
{
        Fixture *f = *state;
        f->executor = executor_free(f->executor);
        start(f, 20 * USEC_PER_MSEC);
        for (uint64_t i = 1; i <= 3; i++) {
                submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = i });
                wait_results(f, i);
                threads_wait(n_threads_at_start);
        }
}

/* The bit of SIGTERM in a line "SigBlk:\t0000000000004000" of each thread but the first. */
static unsigned count_deaf_threads(void)
{
        DIR *dir = opendir("/proc/self/task");
        unsigned n = 0;
        assert_non_null(dir);
        for (const struct dirent *e; (e = readdir(dir));) {
                char path[PATH_MAX], line[256];
                if (e->d_name[0] == '.' || atoi(e->d_name) == getpid())
                        continue;
                (void) snprintf(path, sizeof(path), "/proc/self/task/%s/status", e->d_name);
                FILE *status = fopen(path, "re");
                while (status && fgets(line, sizeof(line), status)) {
                        const char *mask = text_after(line, "SigBlk:\t");
                        n += mask && strtoull(mask, NULL, 16) & 1ULL << (SIGTERM - 1);
                }
                if (status)
                        assert_int_equal(fclose(status), 0);
        }
        assert_int_equal(closedir(dir), 0);
        return n;
}

static void test_workers_take_no_signals(void **state)
{
        Fixture *f = *state;
        unsigned n_before = count_deaf_threads();
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 1 });
        wait_results(f, 1);
        assert_int_equal(count_deaf_threads(), n_before + 1);
}

static int save_nowhere(const char *path, const LastKnown *l)
{
        return 0;
}

/* Operation of job i: CONNECT, and everything after SETTLE. */
static Operation operation_of(uint64_t i)
{
        unsigned n = (unsigned) i % (_OPERATION_MAX - OPERATION_SETTLE);
        return n == 0 ? OPERATION_CONNECT : OPERATION_SETTLE + n;
}

static void test_every_job_has_one_result(void **state)
{
        Fixture *f = *state;
        root_put(&f->root, "nvme-fabrics", "");
        put_controller(f, 0);
        for (uint64_t i = 0; i < 200; i++) {
                Job job = { .operation = operation_of(i), .op_id = i, .save = save_nowhere };
                if (job.operation == OPERATION_CONNECT)
                        job.options = strdup("a=b");
                assert_int_equal(executor_submit(f->executor, &job), 0);
                if (i % 7 == 0)
                        (void) sd_event_run(f->event, 0);
        }
        wait_results(f, 200);
        for (uint64_t i = 0; i < 200; i++) {
                assert_non_null(result_of(f, i));
                assert_int_equal(result_of(f, i)->operation, operation_of(i));
        }
        assert_true(threads_count() <= n_threads_at_start + 1 + 64 + 16 + 1 + 2 + 1);
}

static void test_what_could_not_begin_ends_in_a_later_turn(void **state)
{
        Fixture *f = *state;
        const Completion c = { .operation = OPERATION_CONNECT, .op_id = 7, .error = -EAGAIN };
        assert_int_equal(executor_complete(f->executor, &c), 0);
        assert_int_equal(f->n_results, 0);
        wait_results(f, 1);
        assert_int_equal(result_of(f, 7)->operation, OPERATION_CONNECT);
        assert_int_equal(result_of(f, 7)->error, -EAGAIN);
}

static void test_handler_may_submit(void **state)
{
        Fixture *f = *state;
        f->submit_from_handler = 5;
        submit(f, (Job) { .operation = OPERATION_SCAN, .op_id = 1 });
        wait_results(f, 6);
        for (uint64_t i = 1; i <= 5; i++)
                assert_non_null(result_of(f, 1000 + i));
}

static void test_reads_of_sysfs_keep_their_order(void **state)
{
        Fixture *f = *state;
        for (uint64_t i = 0; i < 50; i++)
                submit(f, (Job) { .operation = i % 2 ? OPERATION_SCAN : OPERATION_READ_DEVICE,
                                  .op_id = i });
        wait_results(f, 50);
        for (uint64_t i = 0; i < 50; i++)
                assert_int_equal(f->results[i].op_id, i);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_nothing_runs_without_a_job),
                TEST(test_connect),
                TEST(test_connect_says_whose_it_is),
                TEST(test_connect_hides_the_keys),
                TEST(test_connect_without_a_registry),
                TEST(test_connect_fails),
                TEST(test_read_options),
                TEST(test_read_device_and_scan),
                TEST(test_disconnect),
                TEST(test_disconnect_of_what_is_in_use),
                TEST(test_disconnect_that_the_kernel_does_not_do),
                TEST(test_disconnect_of_what_others_own),
                TEST(test_disconnect_takes_our_entry_along),
                TEST(test_forget_owner),
                TEST(test_a_snapshot_tells_the_owner),
                TEST(test_resolve),
                TEST(test_read_log_fails),
                TEST(test_a_stuck_connect_holds_only_connects),
                TEST(test_stuck_disconnects_hold_no_other),
                TEST(test_free_does_not_wait_for_the_kernel),
                TEST(test_free_with_results_not_fetched),
                TEST(test_free_at_once),
                TEST(test_idle_threads_end),
                TEST(test_workers_take_no_signals),
                TEST(test_every_job_has_one_result),
                TEST(test_what_could_not_begin_ends_in_a_later_turn),
                TEST(test_handler_may_submit),
                TEST(test_reads_of_sysfs_keep_their_order),
        };
        return cmocka_run_group_tests(tests, threads_start_runtime, NULL);
}
