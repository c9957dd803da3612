/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/udev_rule.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/text.h"
#include "io/dir.h"
#include "io/fd.h"

/* Only if udev is installed; otherwise no directory is created. */
static int open_dir(const char *path)
{
        int r = dir_make(path);
        return r < 0 ? r : fd_open(O_RDONLY | O_DIRECTORY, "%s", path);
}

static bool udev_rule_is_ours(int dir, const char *target)
{
        char text[PATH_MAX];
        ssize_t n = readlinkat(dir, UDEV_RULE, text, sizeof(text) - 1);
        if (n < 0)
                return false;
        text[n] = '\0';
        return streq(text, target);
}

int udev_rule_override(const char *rules_dir, const char *target)
{
        _cleanup_fd_ int dir = open_dir(rules_dir);
        if (dir < 0)
                return dir == -ENOENT ? 0 : dir;
        if (udev_rule_is_ours(dir, target))
                return 0;
        if (unlinkat(dir, UDEV_RULE, 0) < 0 && errno != ENOENT)
                return -errno;
        return symlinkat(target, dir, UDEV_RULE) < 0 ? -errno : 1;
}

int udev_rule_restore(const char *rules_dir, const char *target)
{
        _cleanup_fd_ int dir = fd_open(O_RDONLY | O_DIRECTORY, "%s", rules_dir);
        if (dir < 0)
                return dir == -ENOENT ? 0 : dir;
        if (!udev_rule_is_ours(dir, target))
                return 0;
        return unlinkat(dir, UDEV_RULE, 0) < 0 && errno != ENOENT ? -errno : 0;
}
