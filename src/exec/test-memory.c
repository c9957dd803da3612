/* SPDX-License-Identifier: Apache-2.0 */

/* Each test runs in a process of its own, because unlocking does not restore everything. */

#include "exec/memory.h"

#include <dlfcn.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/text.h"
#include "io/file_text.h"
#include "observe/testing.h"

enum {
        PASSED = 7, /* distinct from the exit status of a sanitizer or a failed assertion */
        SKIPPED
};

/* Returns KiB. */
static long locked(void)
{
        _cleanup_file_text_ FileText text = { 0 };
        assert_int_equal(file_text_read("/proc/self/status", SIZE_MAX, &text), 0);
        const char *line = strstr(text.data, "\nVmLck:");
        return line ? atol(line + strlen("\nVmLck:")) : -1;
}

/* A sanitizer's mlockall() reports success and does nothing, because its shadow memory would be
 * locked as well. */
static int lock_alone(const char *nsswitch)
{
        return mlockall(MCL_CURRENT) == 0 && locked() == 0 ? SKIPPED : PASSED;
}

static int run_child(int (*test)(const char *nsswitch))
{
        Root root = root_new();
        char nsswitch[PATH_MAX];
        int status;

        root_put(&root, "nsswitch.conf", "hosts: nosuch files [NOTFOUND=return] dns\n");
        (void) root_path(&root, "nsswitch.conf", nsswitch);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(test(nsswitch));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        root_remove(&root);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void in_child(int (*test)(const char *nsswitch))
{
        int r = run_child(lock_alone);
        if (r != SKIPPED)
                r = run_child(test);
        if (r == SKIPPED)
                skip();
        assert_int_equal(r, PASSED);
}

static bool is_resident(void *page)
{
        unsigned char there = 0;
        return mincore(page, 1, &there) == 0 && (there & 1);
}

static void *new_page(void)
{
        return mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int lock_and_release(const char *nsswitch)
{
        if (memory_lock(nsswitch) == -EPERM)
                return SKIPPED;
        if (locked() <= 0)
                return 1;
        if (!is_resident(new_page()))
                return 2;
        memory_unlock();
        if (locked() != 0)
                return 4;
        return is_resident(new_page()) ? 5 : PASSED;
}

static void test_all_is_locked(void **state)
{
        in_child(lock_and_release);
}

static int keep_what_was_freed(const char *nsswitch)
{
        if (strstr(text_or(getenv("LD_PRELOAD"), ""), "vgpreload")) /* it has a heap of its own */
                return SKIPPED;
        if (memory_lock(nsswitch) == -EPERM)
                return SKIPPED;
        void *end = sbrk(0);
        char *p = malloc(4 * 1024 * 1024);
        void *grown = sbrk(0);
        if (!p || mallinfo2().hblks != 0 || grown == end)
                return 1;
        free(p);
        return sbrk(0) == grown ? PASSED : 2;
}

static void test_the_heap_stays(void **state)
{
        in_child(keep_what_was_freed);
}

static int load_first(const char *nsswitch)
{
        if (dlopen("libnss_dns.so.2", RTLD_NOW | RTLD_NOLOAD))
                return SKIPPED;
        if (memory_lock(nsswitch) == -EPERM)
                return SKIPPED;
        if (dlopen("libnss_dns.so.2", RTLD_NOW | RTLD_NOLOAD))
                return PASSED;
        return dlopen("libnss_dns.so.2", RTLD_NOW) ? 1 : SKIPPED;
}

static void test_name_services_are_loaded(void **state)
{
        in_child(load_first);
}

/* Memory is not locked up to a limit: later allocations would fail. */
static int meet_limit(const char *nsswitch)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
                return 1;
        limit.rlim_max = MIN(limit.rlim_max, (rlim_t) 1 << 30);
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || (geteuid() == 0 && seteuid(65534) < 0))
                return SKIPPED;
        if (memory_lock(nsswitch) != -EPERM)
                return 2;
        return locked() == 0 ? PASSED : 3;
}

static void test_a_limit(void **state)
{
        in_child(meet_limit);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_is_locked),
                cmocka_unit_test(test_the_heap_stays),
                cmocka_unit_test(test_name_services_are_loaded),
                cmocka_unit_test(test_a_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
