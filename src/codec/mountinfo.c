/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/mountinfo.h"

#include <string.h>

#include "base/text.h"

static bool is_octal(const char *s)
{
        return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
               s[2] <= '7';
}

/* In place. The kernel writes white space and backslashes as "\040" etc. */
static void unescape(char *s)
{
        char *to = s;

        while (*s)
                if (*s == '\\' && is_octal(s + 1)) {
                        *to++ = (char) ((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
                        s += 4;
                } else
                        *to++ = *s++;
        *to = '\0';
}

/* Paths separated by ':'. */
static void mountinfo_add_paths(TextBuffer *b, char *paths)
{
        for (char *path; (path = strsep(&paths, ":"));) {
                unescape(path);
                if (*path == '/' && !strchr(path, '\n'))
                        text_buffer_printf(b, "%s\n", path);
        }
}

static void add_folders(TextBuffer *b, char *options)
{
        for (char *option; (option = strsep(&options, ","));) {
                char *equals = strchr(option, '=');

                /* "lowerdir+" and "datadir+" since Linux 6.7 */
                if (equals && (text_after(option, "lowerdir") || text_after(option, "upperdir") ||
                               text_after(option, "datadir")))
                        mountinfo_add_paths(b, equals + 1);
        }
}

/* rest follows the separator: "btrfs /dev/mapper/root rw,space_cache". */
static void mountinfo_add_sources(TextBuffer *b, char *rest)
{
        const char *type = strsep(&rest, " ");
        char *source = strsep(&rest, " ");

        if (source && text_after(source, "/dev/"))
                mountinfo_add_paths(b, source);
        else if (streq(type, "overlay") && rest)
                add_folders(b, rest);
}

char *mountinfo_sources(const char *text, uint64_t mount_id)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_free_ char *copy = strdup(text);
        char *lines = copy;

        if (!copy)
                return NULL;
        for (char *line; (line = strsep(&lines, "\n"));) {
                char *separator = strstr(line, " - ");
                const char *id = strsep(&line, " ");
                uint64_t n;

                if (separator && text_to_u64(id, 0, UINT64_MAX, &n) == 0 && n == mount_id)
                        mountinfo_add_sources(&b, separator + strlen(" - "));
        }
        return text_buffer_take(&b);
}
