/* SPDX-License-Identifier: Apache-2.0 */

/* Allows a daemon to restore the storage that its own program resides on. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "exec/backing.h"
#include "exec/memory.h"
#include "io/fd.h"

#define MOUNTINFO "/proc/self/mountinfo"

/* Finds a path that the daemon, or the system it runs in, depends on. */
static bool find_dependence(char *buf, size_t size)
{
        static const struct {
                const char *path, *name;
        } places[] = {
                { "/", "/" },
                { "/usr", "/usr" },
                { "/var", "/var" },
                { "/proc/self/exe", "the program" },
        };
        FabricsDisk disk;

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (backing_find("/sys", MOUNTINFO, places[i].path, &disk)) {
                        (void) snprintf(buf, size, "%s is on %s (%s)", places[i].name, disk.name,
                                        disk.transport);
                        return true;
                }
        return false;
}

static void lock(Daemon *d, const char *why)
{
        int r = memory_lock("/etc/nsswitch.conf");

        d->memory.locked = r >= 0;
        if (r >= 0)
                log_info(MESSAGE_MEMORY_LOCKED, "Memory is locked: %s", why);
        else if (!d->memory.failed)
                log_warning(MESSAGE_MEMORY_NOT_LOCKED, "Cannot lock memory, although %s: %s%s", why,
                            strerror(-r), r == -EPERM ? " (LimitMEMLOCK= must be infinity)" : "");
        d->memory.failed = r < 0;
}

void memory_apply(Daemon *d)
{
        LockMemory mode = d->inputs.configuration->lock_memory;
        char why[128] = "lock-memory=yes";

        if (mode == LOCK_MEMORY_NO && d->memory.locked) {
                memory_unlock();
                d->memory.locked = false;
                log_info(MESSAGE_MEMORY_UNLOCKED, "Memory is no longer locked");
        }
        /* If the dependency is gone now, locking is needed all the more. */
        if (mode == LOCK_MEMORY_NO || d->memory.locked)
                return;
        if (mode == LOCK_MEMORY_YES || find_dependence(why, sizeof(why)))
                lock(d, why);
}

static int on_mounts(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
        memory_apply(userdata);
        return 0;
}

void memory_watch_mounts(Daemon *d)
{
        _cleanup_fd_ int fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);

        int r = fd < 0 ? -errno
                       : sd_event_add_io(d->loop.event, &d->memory.mounts, fd, EPOLLPRI, on_mounts,
                                         d);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(d->memory.mounts, 1);
        if (r >= 0)
                (void) fd_take(&fd);
        else
                log_warning(
                        MESSAGE_MEMORY_NOT_LOCKED,
                        "Cannot watch mounts, lock-memory=auto takes effect on the next reload: %s",
                        strerror(-r));
}
