/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/system_use.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/file_text.h"

static const char *const places[] = { "/", "/usr", "/var" };

#define SWAPS_MAX 64 /* more than MAX_SWAPFILES of include/linux/swap.h */

typedef struct SystemUse {
        const char *dev_root;
        const DiskNodes *nodes;
        char *swaps[SWAPS_MAX]; /* their paths, with blanks escaped as by the kernel */
        size_t n_swaps;
        char **why;
} SystemUse;

/* Returns 1 to stop reading; 0 or a negative errno. */
typedef int (*LineHandler)(SystemUse *u, const char *line);

static int for_each_line(SystemUse *u, const char *proc_root, const char *name, LineHandler handler)
{
        _cleanup_file_text_ FileText text = { 0 };
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s", proc_root, name);
        int r = file_text_read(path, SIZE_MAX, &text);
        char *lines = text.data;
        for (char *line; r == 0 && (line = strsep(&lines, "\n"));)
                r = handler(u, line);
        return r;
}

static const DiskNode *find_device(const SystemUse *u, const char *path)
{
        return text_after(path, "/dev/") ? disk_nodes_find_path(u->nodes, u->dev_root, path) : NULL;
}

static int needed(SystemUse *u, const DiskNode *node, const char *words, const char *place,
                  const char *need)
{
        if (asprintf(u->why, "%s: %s%s%s", node->name, words, place, need) < 0)
                return -ENOMEM;
        text_make_printable(*u->why);
        return 1;
}

/* "/dev/nvme0n1p3  partition  8388604  0  -2", after a header line. */
static int take_swap(SystemUse *u, const char *line)
{
        size_t length = strcspn(line, " \t\n");

        if (*line != '/' || u->n_swaps == SWAPS_MAX)
                return 0;
        char *path = strndup(line, length);
        if (!path)
                return -ENOMEM;
        u->swaps[u->n_swaps++] = path;
        const DiskNode *node = find_device(u, path);
        return node ? needed(u, node, "a swap", "", "") : 0;
}

/* Returns why the host needs the mount, as words that follow its name, or NULL. */
static const char *need_of(const SystemUse *u, const char *mount_point)
{
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (streq(mount_point, places[i]))
                        return "";
        for (size_t i = 0; i < u->n_swaps; i++) {
                const char *rest = text_after(u->swaps[i], mount_point);
                if (rest && *rest == '/')
                        return ", with a swap file";
        }
        return NULL;
}

/* "36 35 98:0 /root /mount-point options [field]... - ext4 /dev/nvme0n1p2 options". A file system
 * with several devices (btrfs) does not show a device's number. */
static int take_mount(SystemUse *u, const char *line)
{
        char number[24] = "b ", mount_point[PATH_MAX], source[PATH_MAX];
        const char *rest = strstr(line, " - ");

        if (!rest || sscanf(line, "%*s %*s %21s %*s %4095s", number + 2, mount_point) != 2 ||
            sscanf(rest, " - %*s %4095s", source) != 1)
                return 0;
        const char *need = need_of(u, mount_point);
        if (!need)
                return 0;
        const DiskNode *node = disk_nodes_find(u->nodes, number);
        if (!node)
                node = find_device(u, source);
        return node ? needed(u, node, "mounted on ", mount_point, need) : 0;
}

int system_use_find(const char *proc_root, const char *dev_root, const DiskNodes *nodes,
                    char **ret_why)
{
        SystemUse u = { .dev_root = dev_root, .nodes = nodes, .why = ret_why };

        int r = for_each_line(&u, proc_root, "swaps", take_swap);
        if (r == -ENOENT) /* a kernel without swap */
                r = 0;
        if (r == 0)
                r = for_each_line(&u, proc_root, "self/mountinfo", take_mount);
        for (size_t i = 0; i < u.n_swaps; i++)
                free(u.swaps[i]);
        return r;
}
