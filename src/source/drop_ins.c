/* SPDX-License-Identifier: Apache-2.0 */

#include "source/drop_ins.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/dir.h"

#define FILE_SIZE_MAX ((size_t) 16 * 1024 * 1024)

static int load_file(const char *path, bool is_drop_in, bool required, DropInHandler handler,
                     void *userdata, Diagnostics *d)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, FILE_SIZE_MAX, &text);

        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT && !required) {
                /* A drop-in that is removed while the directory is read is not an error. */
                if (is_drop_in)
                        diagnostics_add(d, SEVERITY_WARNING, path, 0, NULL,
                                        "points to a file that does not exist; ignored");
                return 0;
        }
        if (r < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, NULL, "cannot be read: %s",
                                strerror(-r));
                return 0;
        }
        return handler(path, &text, userdata);
}

static bool is_drop_in_name(const char *name)
{
        size_t n = strlen(name), n_suffix = strlen(".conf");

        return n > n_suffix && streq(name + n - n_suffix, ".conf");
}

static bool is_visible_drop_in_name(const char *name)
{
        return name[0] != '.' && is_drop_in_name(name);
}

static int load_drop_ins(const char *path, unsigned flags, DropInHandler handler, void *userdata,
                         Diagnostics *d)
{
        _cleanup_dir_paths_ DirPaths files = { 0 };
        _cleanup_free_ char *folder = NULL;

        if (asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        int r = dir_list(folder,
                         flags & DROP_INS_READ_HIDDEN ? is_drop_in_name : is_visible_drop_in_name,
                         &files);
        if (r == -ENOMEM)
                return r;
        if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                diagnostics_add(d, SEVERITY_ERROR, folder, 0, NULL, "cannot be read: %s",
                                strerror(-r));
        r = 0;
        for (size_t i = 0; r >= 0 && i < files.n; i++)
                r = load_file(files.items[i], true, false, handler, userdata, d);
        return r;
}

int drop_ins_read(const char *path, unsigned flags, DropInHandler handler, void *userdata,
                  Diagnostics *d)
{
        int r = load_file(path, false, flags & DROP_INS_REQUIRE_MAIN, handler, userdata, d);

        return r < 0 || flags & DROP_INS_MAIN_ONLY
                       ? r
                       : load_drop_ins(path, flags, handler, userdata, d);
}
