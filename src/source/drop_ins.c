/* SPDX-License-Identifier: Apache-2.0 */

#include "source/drop_ins.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define FILE_SIZE_MAX ((size_t) 16 * 1024 * 1024)

static int load_file(const char *path, bool is_drop_in, bool required, DropInHandler handler,
                     void *userdata, Diagnostics *d)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, FILE_SIZE_MAX, &text);

        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT && !required) {
                /* A drop-in that goes while the folder is read is no mistake of anybody's. */
                if (is_drop_in)
                        diagnostics_add(d, SEVERITY_WARNING, path, 0, NULL,
                                        "leads to no file, is ignored");
                return 0;
        }
        if (r < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, NULL, "cannot be read: %s",
                                strerror(-r));
                return 0;
        }
        return handler(path, &text, userdata);
}

static int is_drop_in_name(const struct dirent *e)
{
        size_t n = strlen(e->d_name), n_suffix = strlen(".conf");

        return e->d_name[0] != '.' && n > n_suffix && streq(e->d_name + n - n_suffix, ".conf");
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_drop_ins(const char *path, DropInHandler handler, void *userdata, Diagnostics *d)
{
        _cleanup_free_ char *folder = NULL;
        struct dirent **names;
        int r = 0;

        if (asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        int n = scandir(folder, &names, is_drop_in_name, compare_names);
        if (n < 0) {
                if (errno == ENOMEM)
                        return -ENOMEM;
                if (errno != ENOENT && errno != ENOTDIR)
                        diagnostics_add(d, SEVERITY_ERROR, folder, 0, NULL, "cannot be read: %s",
                                        strerror(errno));
                return 0;
        }
        for (int i = 0; i < n; i++) {
                char *file = NULL;

                if (r >= 0 && asprintf(&file, "%s/%s", folder, names[i]->d_name) < 0) {
                        file = NULL;
                        r = -ENOMEM;
                }
                if (r >= 0)
                        r = load_file(file, true, false, handler, userdata, d);
                free(file);
                free(names[i]);
        }
        free(names);
        return r;
}

int drop_ins_read(const char *path, bool required, DropInHandler handler, void *userdata,
                  Diagnostics *d)
{
        int r = load_file(path, false, required, handler, userdata, d);

        return r < 0 ? r : load_drop_ins(path, handler, userdata, d);
}
