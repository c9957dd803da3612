/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/host_setting.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/ini_edit.h"
#include "cli/verbs.h"
#include "io/fd.h"
#include "io/file_replace.h"

enum {
        SIZE_MAXIMUM = 1024 * 1024,
};

int host_setting_report(const Invocation *i, const char *what, int r)
{
        if (r == -ENOMEM)
                return cli_oom(i);
        if (r == -EACCES || r == -EPERM)
                cli_error(i, "%s: Permission denied. Root privileges required.", what);
        else
                cli_error(i, "%s: %s", what, strerror(-r));
        return r;
}

/* "file://" and the absolute path, since the daemons run in another directory. */
static int file_reference(const char *path, char **ret)
{
        _cleanup_free_ char *directory = NULL;
        char *reference;

        if (*path != '/') {
                directory = getcwd(NULL, 0);
                if (!directory)
                        return -errno;
        }
        if (asprintf(&reference, "file://%s%s%s", text_or(directory, ""), directory ? "/" : "",
                     path) < 0)
                return -ENOMEM;
        *ret = reference;
        return 0;
}

int host_setting_read(const char *path, FileText *ret)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, SIZE_MAXIMUM, &text);

        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        if (memchr(text.data, '\0', text.n))
                return -EINVAL;
        *ret = text;
        text = (FileText) { 0 };
        return 0;
}

static int write_value(const Invocation *i, const char *path, const char *value)
{
        _cleanup_free_ char *text = NULL;
        int r;

        if (asprintf(&text, "%s\n", value) < 0) {
                text = NULL;
                return cli_oom(i);
        }
        r = file_replace_durable(path, text);
        return r < 0 ? host_setting_report(i, path, r) : 0;
}

static int edit_locked(const char *path, const char *key, const char *value)
{
        _cleanup_file_text_ FileText before = { 0 };
        _cleanup_free_ char *after = NULL;
        const char *text;
        int r;

        r = host_setting_read(path, &before);
        if (r < 0)
                return r;
        text = text_or(before.data, "");
        r = ini_edit(text, "Host", key, value, &after);
        if (r < 0)
                return r;
        return streq(text, after) ? 0 : file_replace_durable(path, after);
}

/* The units for host NQN and host ID run concurrently: neither may undo the other's change. */
static int edit(const Invocation *i, const char *path, const char *key, const char *value)
{
        _cleanup_fd_ int lock = file_lock_directory(path);
        int r;

        if (lock < 0)
                return host_setting_report(i, path, lock);
        r = edit_locked(path, key, value);
        return r < 0 ? host_setting_report(i, path, r) : 0;
}

int host_setting_save(const Invocation *i, const char *key, const char *value)
{
        const char *conf_file = text_or(i->options[OPTION_CONF_FILE], SYS_CONF_FILE);
        const char *file = i->options[OPTION_FILE];
        _cleanup_free_ char *reference = NULL;
        int r;

        if (file && value) {
                r = file_reference(file, &reference);
                if (r < 0)
                        return host_setting_report(i, file, r);
                r = write_value(i, file, value);
                if (r < 0)
                        return r;
                value = reference;
        }
        return edit(i, conf_file, key, value);
}
