/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/nsswitch.h"

#include <string.h>

#include "base/text.h"

#define SPACE " \t\r"

/* "files [NOTFOUND = return] dns" */
static void add_services(TextBuffer *b, const char *s)
{
        while (*(s += strspn(s, SPACE))) {
                bool is_action = *s == '[';
                size_t n = strcspn(s, is_action ? "]" : SPACE "[");

                if (!is_action)
                        text_buffer_printf(b, "%.*s\n", (int) n, s);
                s += n;
                if (is_action && *s)
                        s++;
        }
}

char *nsswitch_host_services(const char *text)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_free_ char *copy = strdup(text);
        char *lines = copy;

        if (!copy)
                return NULL;
        for (char *line; (line = strsep(&lines, "\n"));) {
                line[strcspn(line, "#")] = '\0';
                const char *services = text_after(line + strspn(line, SPACE), "hosts:");
                if (services)
                        add_services(&b, services);
        }
        if (b.length == 0)
                add_services(&b, "files dns");
        return text_buffer_take(&b);
}
