/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/memory.h"

#include <dlfcn.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/macro.h"
#include "base/text.h"
#include "codec/nsswitch.h"
#include "io/file_text.h"

/* The maximum that glibc accepts (HEAP_MAX_SIZE / 2). */
#define MMAP_THRESHOLD_MAX (4 * 1024 * 1024 * (int) sizeof(long))

/* All or nothing: if a limit were reached later, no more memory could be allocated. With a limit of
 * 0 mlockall() fails at once, unless CAP_IPC_LOCK exempts the process. */
static void lift_limit(void)
{
        struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

        if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
                return;
        limit.rlim_cur = 0;
        (void) setrlimit(RLIMIT_MEMLOCK, &limit);
}

void memory_share_heap(void)
{
        (void) mallopt(M_ARENA_MAX, 1);
}

/* Keeps freed memory, so that repeating an operation needs no new memory. */
static void keep_heap(void)
{
        (void) mallopt(M_TRIM_THRESHOLD, INT_MAX);
        (void) mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_MAX);
}

/* Loads the modules that getaddrinfo() would load later; those built into libc are not files. */
static void load_name_services(const char *nsswitch)
{
        _cleanup_file_text_ FileText text = { 0 };

        (void) file_text_read(nsswitch, SIZE_MAX, &text); /* without the file a default applies */
        _cleanup_free_ char *services = nsswitch_host_services(text_or(text.data, ""));
        char *lines = services;

        for (char *service; (service = strsep(&lines, "\n"));) {
                char name[64];

                if (!*service)
                        continue;
                (void) snprintf(name, sizeof(name), "libnss_%s.so.2", service);
                (void) dlopen(name, RTLD_NOW | RTLD_NODELETE);
        }
}

int memory_lock(const char *nsswitch)
{
        lift_limit();
        keep_heap();
        load_name_services(nsswitch);
        return mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0;
}

void memory_unlock(void)
{
        (void) munlockall();
}
