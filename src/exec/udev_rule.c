/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/udev_rule.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/dir.h"
#include "io/fd.h"
#include "io/file_text.h"

#define RULE_SIZE_MAX ((size_t) 1024 * 1024)

static bool is_installed(const char *root, const char *dir, const char *rule)
{
        char path[PATH_MAX];
        int n = snprintf(path, sizeof(path), "%s%s/%s", root, dir, rule);

        return n > 0 && (size_t) n < sizeof(path) && access(path, F_OK) == 0;
}

/* An empty file, or a link to /dev/null, masks a rule. */
static bool connects(const char *root, const char *dir)
{
        _cleanup_file_text_ FileText text = { 0 };
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s%s/" UDEV_RULE, root, dir);
        return file_text_read(path, RULE_SIZE_MAX, &text) < 0 ||
               (text.data && strstr(text.data, "nvmf-connect@"));
}

UdevRule udev_rule_find(const char *root)
{
        static const char *const dirs[] = { UDEV_RULES_DIRS };
        bool honours_registry = is_installed(root, UDEV_RUN_RULES, UDEV_REGISTRY_RULE);

        for (size_t i = 0; i < ELEMENTSOF(dirs); i++)
                if (is_installed(root, dirs[i], UDEV_REGISTRY_RULE))
                        honours_registry = true;
        for (size_t i = 0; i < ELEMENTSOF(dirs); i++) {
                if (!is_installed(root, dirs[i], UDEV_RULE))
                        continue;
                if (!connects(root, dirs[i]))
                        return UDEV_RULE_NONE;
                if (i == 0)
                        return UDEV_RULE_OF_THIS_HOST;
                return honours_registry ? UDEV_RULE_COOPERATIVE : UDEV_RULE_OVERRIDABLE;
        }
        return UDEV_RULE_NONE;
}

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
