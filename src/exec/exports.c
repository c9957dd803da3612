/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/exports.h"

#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "exec/find_paths.h"
#include "io/line.h"

typedef struct Exporter {
        const char *paths;  /* pattern below sysfs: files that contain the path of a device */
        const char *enable; /* file in the same directory that enables the export, or NULL */
        const char *before; /* precedes the name of the exporter */
        const char *words;  /* used in the description */
} Exporter;

/* drivers/nvme/target/configfs.c, drivers/block/loop.c, drivers/target/target_core_configfs.c:
 * udev_path is written by targetcli, also for its file backend, which claims nothing. */
static const Exporter exports_table[] = {
        { "kernel/config/nvmet/subsystems/*/namespaces/*/device_path", "enable", "/subsystems/",
          "exported by nvmet subsystem" },
        { "kernel/config/nvmet/subsystems/*/passthru/device_path", "enable", "/subsystems/",
          "exported by nvmet subsystem" },
        { "kernel/config/target/core/*/*/udev_path", NULL, "/core/", "exported by LIO backstore" },
        { "block/loop*/loop/backing_file", NULL, "/block/", "under" },
};

static bool exports_is_enabled(const Exporter *e, const char *path)
{
        char file[PATH_MAX], line[16];

        if (!e->enable)
                return true;
        (void) snprintf(file, sizeof(file), "%.*s/%s", (int) (strrchr(path, '/') - path), path,
                        e->enable);
        return line_read(AT_FDCWD, file, line, sizeof(line)) == 0 && streq(line, "1");
}

static int exports_describe(const Exporter *e, const char *path, const DiskNode *node,
                            char **ret_why)
{
        const char *name = strstr(path, e->before) + strlen(e->before);
        int length = (int) strcspn(name, "/");

        if (asprintf(ret_why, "%s: %s %.*s", node->name, e->words, length, name) < 0)
                return -ENOMEM;
        text_make_printable(*ret_why);
        return 1;
}

static int find_export(const Exporter *e, const char *sysfs_root, const char *dev_root,
                       const DiskNodes *nodes, char **ret_why)
{
        _cleanup_paths_ glob_t paths = { 0 };
        char device[PATH_MAX];

        int r = find_paths(&paths, "%s/%s", sysfs_root, e->paths);
        for (size_t i = 0; r == 0 && i < paths.gl_pathc; i++) {
                const char *path = paths.gl_pathv[i];
                if (!exports_is_enabled(e, path) ||
                    line_read(AT_FDCWD, path, device, sizeof(device)) < 0 || !*device)
                        continue;
                const DiskNode *node = disk_nodes_find_path(nodes, dev_root, device);
                if (node)
                        r = exports_describe(e, path + strlen(sysfs_root), node, ret_why);
        }
        return r;
}

int exports_find(const char *sysfs_root, const char *dev_root, const DiskNodes *nodes,
                 char **ret_why)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(exports_table); i++)
                r = find_export(&exports_table[i], sysfs_root, dev_root, nodes, ret_why);
        return r;
}
