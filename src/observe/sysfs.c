/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/sysfs.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/text.h"
#include "codec/kernel_release.h"
#include "codec/nvme_name.h"
#include "codec/sysfs_device.h"
#include "io/dir.h"
#include "io/fd.h"

/* sysfs returns an attribute in a single read, at most one page. */
#define ATTRIBUTE_SIZE 4096

/* A missing path means that the controller no longer exists. */
static int open_error(int r)
{
        return r == -ENOENT || r == -ENXIO ? -ENODEV : r;
}

int sysfs_open_controller(const char *sysfs_root, int instance)
{
        return open_error(
                fd_open(O_PATH | O_DIRECTORY, "%s/class/nvme/nvme%d", sysfs_root, instance));
}

int sysfs_read_inode(const char *sysfs_root, int instance, uint64_t *ret)
{
        struct stat st;
        _cleanup_fd_ int dir_fd = sysfs_open_controller(sysfs_root, instance);
        if (dir_fd < 0)
                return dir_fd;
        if (fstat(dir_fd, &st) < 0)
                return -errno;
        *ret = st.st_ino;
        return 0;
}

/* Returns 0 with NULL if the kernel does not have the attribute. */
static int read_attribute(int dir_fd, const char *name, char **ret)
{
        char buf[ATTRIBUTE_SIZE];
        _cleanup_fd_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        int r = fd_read_text(fd, buf, sizeof(buf));
        if (r < 0)
                return r;
        *ret = strdup(buf);
        return *ret ? 0 : -ENOMEM;
}

static int read_attributes(int dir_fd, SysfsAttributes *a)
{
        const struct {
                const char *name;
                char **value;
        } table[] = {
                { "transport", &a->transport }, { "subsysnqn", &a->subsysnqn },
                { "hostnqn", &a->hostnqn },     { "hostid", &a->hostid },
                { "dctype", &a->dctype },       { "model", &a->model },
                { "serial", &a->serial },       { "kato", &a->kato },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                int r = read_attribute(dir_fd, table[i].name, table[i].value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* While a TCP connection is being torn down, reading "address" may dereference a NULL pointer in
 * the kernel: nvme_tcp_get_address() of 6.12 checks whether the queue is live before it waits for
 * the queue's lock, and the socket may be gone once it has it. The reader is killed with the lock
 * held. Hence it is read only for a live controller, immediately after its state; "uevent" does not
 * need the socket. */
static int read_address(int dir_fd, int state_fd, SysfsAttributes *a)
{
        DeviceState state;
        int r = sysfs_read_state(state_fd, &state);
        if (r < 0)
                return r;
        return state == DEVICE_LIVE ? read_attribute(dir_fd, "address", &a->address)
                                    : read_attribute(dir_fd, "uevent", &a->uevent);
}

static bool kernel_shows_source(void)
{
        struct utsname u;

        return uname(&u) == 0 && kernel_release_is_since(u.release, 6, 1);
}

/* Reads the existing attributes, and the state. */
static int read_all(int dir_fd, const char *skip_type, SysfsAttributes *a)
{
        char state[ATTRIBUTE_SIZE];
        _cleanup_fd_ int state_fd = openat(dir_fd, "state", O_RDONLY | O_CLOEXEC);
        if (state_fd < 0)
                return open_error(-errno);

        int r = read_attribute(dir_fd, "cntrltype", &a->cntrltype);
        if (r < 0)
                return r;
        if (skip_type && a->cntrltype && text_after(a->cntrltype, skip_type))
                return -EOPNOTSUPP;
        r = read_address(dir_fd, state_fd, a);
        if (r < 0)
                return r;
        r = read_attributes(dir_fd, a);
        if (r < 0)
                return r;
        /* Last, because this read fails if the controller was removed: that distinguishes
         * attributes missing for this reason from those the kernel does not have. */
        r = fd_read_text(state_fd, state, sizeof(state));
        if (r < 0)
                return r;
        a->state = strdup(state);
        return a->state ? 0 : -ENOMEM;
}

static int take_owner(Device *d, const RegistryEntry *entry, const char *daemon)
{
        bool tells_kind = d->kind == CONTROLLER_DISCOVERY || sysfs_type_is_told(d->cntrltype);

        return text_replace(&d->owner, registry_entry_owner(entry, daemon, tells_kind));
}

int sysfs_read_device(const char *sysfs_root, const Registry *registry, int instance,
                      const char *skip_type, Device **ret)
{
        _cleanup_(sysfs_attributes_done) SysfsAttributes a = {
                .shows_source = kernel_shows_source(),
        };
        RegistryEntry entry;
        struct stat st;
        _cleanup_fd_ int dir_fd = sysfs_open_controller(sysfs_root, instance);
        if (dir_fd < 0)
                return dir_fd;
        if (fstat(dir_fd, &st) < 0)
                return -errno;
        int r = read_all(dir_fd, skip_type, &a);
        if (r < 0)
                return r;

        bool found = registry_entry_find(registry->root, instance, st.st_ino, &entry);
        a.is_stafds = found && entry.is_ours && streq(entry.daemon, DEVICE_MAKER_STAFD);
        _cleanup_(device_freep) Device *device = NULL;
        r = sysfs_device_build(instance, &a, &device);
        if (r < 0)
                return r;
        device->inode = st.st_ino;
        device->adopted = found && entry.is_adopted;
        if (found && take_owner(device, &entry, registry->daemon) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(device);
        return 0;
}

static int compare_int(const void *a, const void *b)
{
        const int *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

typedef struct Instances {
        int *items;
        size_t n_items, n_allocated;
} Instances;

static int instances_add(Instances *l, const char *name)
{
        const char *number = text_after(name, "nvme");
        int instance;
        if (!number || *number == '-' || text_to_int(number, 0, INT_MAX, &instance) < 0)
                return 0;
        if (ARRAY_RESERVE(l->items, l->n_allocated, l->n_items + 1) < 0)
                return -ENOMEM;
        l->items[l->n_items++] = instance;
        return 0;
}

static int instances_read(DIR *dir, Instances *l)
{
        const char *name;
        int r;

        while ((r = dir_next(dir, &name)) > 0) {
                r = instances_add(l, name);
                if (r < 0)
                        return r;
        }
        if (l->n_items > 0)
                qsort(l->items, l->n_items, sizeof(*l->items), compare_int);
        return r;
}

/* -ENOENT only if sysfs is mounted, but no NVMe driver is loaded yet. */
static int list_instances(const char *sysfs_root, Instances *ret)
{
        _cleanup_dir_ DIR *dir = NULL;
        _cleanup_fd_ int class_fd = fd_open(O_PATH | O_DIRECTORY, "%s/class", sysfs_root);
        if (class_fd < 0)
                return open_error(class_fd);

        int r = dir_open(class_fd, "nvme", &dir);
        return r < 0 ? r : instances_read(dir, ret);
}

static void free_devices(Device **devices, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void) device_free(devices[i]);
        free(devices);
}

int sysfs_scan(const char *sysfs_root, const Registry *registry, const char *skip_type,
               Device ***ret, size_t *ret_n)
{
        Instances l = { 0 };
        size_t n = 0;
        Device **devices = NULL;

        int r = list_instances(sysfs_root, &l);
        if (r == -ENOENT)
                r = 0;
        if (r == 0 && !(devices = calloc(l.n_items + 1, sizeof(*devices))))
                r = -ENOMEM;
        for (size_t i = 0; r == 0 && i < l.n_items; i++) {
                r = sysfs_read_device(sysfs_root, registry, l.items[i], skip_type, &devices[n]);
                if (r == 0)
                        n++;
                else if (r == -ENODEV || r == -EOPNOTSUPP || r == -EBADMSG)
                        r = 0;
        }
        free(l.items);
        if (r < 0) {
                free_devices(devices, n);
                return r;
        }
        *ret = devices;
        *ret_n = n;
        return 0;
}

int sysfs_open_state(const char *sysfs_root, int instance)
{
        _cleanup_fd_ int dir_fd = sysfs_open_controller(sysfs_root, instance);
        if (dir_fd < 0)
                return dir_fd;
        int fd = openat(dir_fd, "state", O_RDONLY | O_CLOEXEC);
        return fd < 0 ? open_error(-errno) : fd;
}

int sysfs_read_state(int fd, DeviceState *ret)
{
        char buf[ATTRIBUTE_SIZE];
        int r = fd_read_text(fd, buf, sizeof(buf));
        if (r < 0)
                return r;
        *ret = device_state_from_string(text_trim(buf));
        return 0;
}

/* With native multipath a namespace appears as the path to it, else as its block device. */
int sysfs_has_namespaces(int dir_fd)
{
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;

        int r = dir_open(dir_fd, ".", &dir);
        if (r < 0)
                return r;
        while ((r = dir_next(dir, &name)) > 0)
                if (nvme_name_is_namespace(name))
                        return 1;
        return r;
}

bool sysfs_has_rdma(const char *sysfs_root)
{
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;
        _cleanup_fd_ int class_fd = fd_open(O_PATH | O_DIRECTORY, "%s/class", sysfs_root);

        if (class_fd < 0)
                return true; /* not known */
        int r = dir_open(class_fd, "infiniband", &dir);
        return r < 0 ? r != -ENOENT : dir_next(dir, &name) != 0;
}
