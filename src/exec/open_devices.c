/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/open_devices.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "io/dir.h"
#include "io/fd.h"
#include "io/line.h"

typedef struct OpenDevice {
        char kind;
        unsigned major, minor;
} OpenDevice;

typedef struct OpenDevices {
        FILE *f;
        OpenDevice *devices; /* written so far */
        size_t n, n_allocated;
} OpenDevices;

typedef struct Process {
        const char *pid;
        char name[64]; /* comm: up to 16 bytes, longer for kernel threads */
} Process;

/* Returns 1 if *ret is the next numeric entry, 0 at the end, or a negative errno. */
static int next_number(DIR *dir, const char **ret)
{
        int r;

        do
                r = dir_next(dir, ret);
        while (r > 0 && !text_is_digit(**ret));
        return r;
}

/* These open every disk, but do not depend on them. */
static bool is_watcher(const char *name)
{
        static const char *const names[] = { "(udev-worker)", "systemd-udevd", "multipathd" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(name, names[i]))
                        return true;
        return false;
}

static bool is_gone(int error)
{
        return error == -ENOENT || error == -ESRCH;
}

static int add_device(OpenDevices *o, const Process *p, const OpenDevice *device)
{
        for (size_t i = 0; i < o->n; i++)
                if (o->devices[i].kind == device->kind && o->devices[i].major == device->major &&
                    o->devices[i].minor == device->minor)
                        return 0;
        int r = ARRAY_RESERVE(o->devices, o->n_allocated, o->n + 1);
        if (r < 0)
                return r;
        o->devices[o->n++] = *device;
        (void) fprintf(o->f, "%c %u:%u %s %s\n", device->kind, device->major, device->minor, p->pid,
                       p->name);
        return 0;
}

/* Not synced: cached attributes are sufficient, and the server of a remote file may not respond. */
static int look_at_descriptor(OpenDevices *o, const Process *p, int fds_fd, const char *fd)
{
        struct statx st;

        if (statx(fds_fd, fd, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) < 0)
                return errno == EACCES || errno == EPERM ? -errno : 0;
        if (!S_ISBLK(st.stx_mode) && !S_ISCHR(st.stx_mode))
                return 0;
        OpenDevice device = { .kind = S_ISBLK(st.stx_mode) ? 'b' : 'c',
                              .major = st.stx_rdev_major,
                              .minor = st.stx_rdev_minor };
        return add_device(o, p, &device);
}

static int look_at_descriptors(OpenDevices *o, const Process *p, int dir_fd)
{
        _cleanup_dir_ DIR *fds = NULL;
        const char *fd;

        int r = dir_open(dir_fd, "fd", &fds);
        while (r >= 0 && (r = next_number(fds, &fd)) > 0)
                r = look_at_descriptor(o, p, dirfd(fds), fd);
        return r;
}

static int look_at_process(OpenDevices *o, int proc_fd, Process *p)
{
        _cleanup_fd_ int dir_fd = openat(proc_fd, p->pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return is_gone(-errno) ? 0 : -errno;
        if (line_read(dir_fd, "comm", p->name, sizeof(p->name)) < 0)
                (void) snprintf(p->name, sizeof(p->name), "?");
        text_make_printable(p->name);
        if (is_watcher(p->name))
                return 0;

        int r = look_at_descriptors(o, p, dir_fd);
        if (r == -EACCES || r == -EPERM) {
                (void) fprintf(o->f, "? %s %s %s\n", strerrorname_np(-r), p->pid, p->name);
                return 0;
        }
        return is_gone(r) ? 0 : r;
}

int open_devices_write(const char *proc_root, pid_t except, FILE *f)
{
        OpenDevices o = { .f = f };
        _cleanup_dir_ DIR *dir = NULL;
        Process p;

        int r = dir_open(AT_FDCWD, proc_root, &dir);
        while (r >= 0 && (r = next_number(dir, &p.pid)) > 0)
                if (atoi(p.pid) != except)
                        r = look_at_process(&o, dirfd(dir), &p);
        free(o.devices);
        if (r < 0)
                return r;
        (void) fputs(OPEN_DEVICES_END, f);
        return fflush(f) == 0 ? 0 : -errno;
}
