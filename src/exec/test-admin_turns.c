/* SPDX-License-Identifier: Apache-2.0 */

/* Scheduling of admin commands on workers. */

#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "exec/executor.h"
#include "exec/test-threads.h"
#include "observe/testing.h"

enum {
        N_MAX = 256,
        N_WORKERS = 16,
        DEADLINE_SEC = 60
};

typedef struct Fixture {
        Root root;
        sd_event *event;
        Executor *executor;
        int fds[32];
        int errors[N_MAX]; /* by op_id; 1: none so far */
        size_t n_results;
} Fixture;

/* Replaces the C library's ioctl(): a pipe is a controller that answers one command per byte. */
int ioctl(int fd, unsigned long request, ...)
{
        struct stat st;
        va_list args;
        char answer;

        va_start(args, request);
        void *argument = va_arg(args, void *);
        va_end(args);
        if (request == NVME_IOCTL_ADMIN_CMD && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
                return read(fd, &answer, 1) == 1 ? 0 : -1;
        return (int) syscall(SYS_ioctl, fd, request, argument);
}

static void on_completion(Completion completion, void *userdata)
{
        Fixture *f = userdata;
        f->errors[completion.op_id] = completion.error;
        f->n_results++;
}

static unsigned n_threads_at_start;

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new() };
        for (size_t i = 0; i < N_MAX; i++)
                f.errors[i] = 1;
        for (size_t i = 0; i < ELEMENTSOF(f.fds); i++)
                f.fds[i] = -1;
        ExecutorConfig config = { .daemon = "stafd",
                                  .sysfs_root = f.root.path,
                                  .dev_root = f.root.path,
                                  .registry_root = f.root.path };
        assert_int_equal(sd_event_new(&f.event), 0);
        n_threads_at_start = threads_count();
        assert_int_equal(executor_new(f.event, &config, on_completion, &f, &f.executor), 0);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        f->executor = executor_free(f->executor);
        threads_wait(n_threads_at_start); /* leave none for valgrind to report */
        f->event = sd_event_unref(f->event);
        for (size_t i = 0; i < ELEMENTSOF(f->fds); i++)
                if (f->fds[i] >= 0)
                        assert_int_equal(close(f->fds[i]), 0);
        root_remove(&f->root);
        return 0;
}

static time_t now_sec(void)
{
        struct timespec ts;
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
        return ts.tv_sec;
}

static void wait_results(Fixture *f, size_t n)
{
        for (time_t end = now_sec() + DEADLINE_SEC; f->n_results < n;) {
                assert_true(sd_event_run(f->event, 100000) >= 0);
                assert_true(now_sec() < end);
        }
}

static void put(Fixture *f, int instance, unsigned n_answers)
{
        char name[32], path[PATH_MAX];
        (void) snprintf(name, sizeof(name), "nvme%d", instance);
        assert_int_equal(mkfifo(root_path(&f->root, name, path), 0600), 0);
        f->fds[instance] = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        assert_true(f->fds[instance] >= 0);
        for (unsigned i = 0; i < n_answers; i++)
                assert_int_equal(write(f->fds[instance], "a", 1), 1);
}

static void answer_all(Fixture *f, int n)
{
        for (int i = 0; i < n; i++)
                assert_int_equal(write(f->fds[i], "a", 1), 1);
}

static void command(Fixture *f, uint64_t op_id, int instance)
{
        Job job = { .operation = OPERATION_REGISTER,
                    .op_id = op_id,
                    .instance = instance,
                    .whom = 1 + (uint64_t) instance };
        assert_int_equal(executor_submit(f->executor, &job), 0);
}

/* The controller does not exist yet: not an answer. */
static void fail_all(Fixture *f, int n)
{
        for (int i = 0; i < n; i++)
                command(f, (uint64_t) i, i);
        wait_results(f, (size_t) n);
        for (int i = 0; i < n; i++)
                assert_int_equal(f->errors[i], -ENODEV);
}

/* Workers in a command: each has the pipe open in addition to the test. */
static unsigned count_open(const Fixture *f)
{
        char path[PATH_MAX], link[PATH_MAX], proc[64];
        size_t n = strlen(root_path(&f->root, "nvme", path));
        unsigned n_open = 0;

        for (int fd = 0; fd < 256; fd++) {
                (void) snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
                ssize_t length = readlink(proc, link, sizeof(link));
                n_open += length > (ssize_t) n && memcmp(link, path, n) == 0;
        }
        return n_open;
}

static void wait_busy(const Fixture *f, unsigned n)
{
        unsigned n_pipes = 0;
        for (size_t i = 0; i < ELEMENTSOF(f->fds); i++)
                n_pipes += f->fds[i] >= 0;
        for (time_t end = now_sec() + DEADLINE_SEC; count_open(f) != n_pipes + n;
             (void) usleep(2000))
                assert_true(now_sec() < end);
}

static void test_eight_that_hang_hold_nobody_else(void **state)
{
        Fixture *f = *state;
        for (int i = 0; i < 9; i++) {
                put(f, i, i < 8 ? 0 : 1);
                command(f, (uint64_t) i, i);
        }
        wait_results(f, 1);
        assert_int_equal(f->errors[8], 0);
        answer_all(f, 8);
        wait_results(f, 9);
}

static void test_those_that_failed_have_half_of_the_workers(void **state)
{
        enum {
                N = 20
        };
        Fixture *f = *state;
        fail_all(f, N);
        for (int i = 0; i < N; i++) {
                put(f, i, 0);
                command(f, 100 + (uint64_t) i, i);
        }
        wait_busy(f, N_WORKERS / 2);
        put(f, N, N_WORKERS);
        for (uint64_t i = 0; i < N_WORKERS; i++) {
                command(f, 200 + i, N);
                wait_results(f, N + 1 + i);
                assert_int_equal(f->errors[200 + i], 0);
        }
        wait_busy(f, N_WORKERS / 2);
        answer_all(f, N);
        wait_results(f, 2 * N + N_WORKERS);
}

static void test_who_answers_is_not_slow_any_more(void **state)
{
        enum {
                N = 12
        };
        Fixture *f = *state;
        fail_all(f, N);
        for (int i = 0; i < N; i++) {
                put(f, i, 1);
                command(f, 100 + (uint64_t) i, i);
        }
        wait_results(f, 2 * N);
        for (int i = 0; i < N; i++)
                command(f, 200 + (uint64_t) i, i);
        wait_busy(f, N);
        answer_all(f, N);
        wait_results(f, 3 * N);
}

/* One second counts as slow. */
static void test_who_was_slow_goes_last(void **state)
{
        enum {
                N = 9
        };
        Fixture *f = *state;
        for (int i = 0; i < N; i++) {
                put(f, i, 0);
                command(f, (uint64_t) i, i);
        }
        wait_busy(f, N);
        (void) usleep(1100 * 1000);
        answer_all(f, N);
        wait_results(f, N);
        for (int i = 0; i < N; i++)
                command(f, 100 + (uint64_t) i, i);
        wait_busy(f, N_WORKERS / 2);
        (void) usleep(100 * 1000);
        wait_busy(f, N_WORKERS / 2);
        answer_all(f, N);
        wait_results(f, 2 * N);
}

/* A disconnect waits for the kernel, not for the controller. */
static void test_who_was_slow_is_disconnected_like_others(void **state)
{
        Fixture *f = *state;
        fail_all(f, 1);
        Job job = { .operation = OPERATION_DISCONNECT, .op_id = 1, .whom = 1 };
        assert_int_equal(executor_submit(f->executor, &job), 0);
        wait_results(f, 2);
        assert_int_equal(f->errors[1], -ENODEV);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_eight_that_hang_hold_nobody_else),
                TEST(test_those_that_failed_have_half_of_the_workers),
                TEST(test_who_answers_is_not_slow_any_more),
                TEST(test_who_was_slow_goes_last),
                TEST(test_who_was_slow_is_disconnected_like_others),
        };
        return cmocka_run_group_tests(tests, threads_start_runtime, NULL);
}
