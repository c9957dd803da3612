/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

bool output_is_screen(void)
{
        return isatty(STDOUT_FILENO) && !streq_ptr(getenv("TERM"), "dumb");
}

bool output_has_colour(void)
{
        return output_is_screen() && text_is_empty(getenv("NO_COLOR"));
}

int output_text(const Invocation *i, char *text)
{
        _cleanup_free_ char *owned = text;

        if (!owned)
                return cli_oom(i);
        fputs(owned, stdout);
        return 0;
}

int output_text_or(const Invocation *i, char *text, const char *nothing)
{
        if (text && !*text)
                fprintf(stderr, "%s\n", nothing);
        return output_text(i, text);
}

int output_json(const Invocation *i, struct json_object *o)
{
        const int flags =
                JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
        _cleanup_free_ char *text = NULL;
        const char *json = json_object_to_json_string_ext(o, flags);

        text = json ? strdup(json) : NULL;
        if (!text)
                return cli_oom(i);
        /* Line breaks come from the printer; those in strings are escaped. */
        text_make_lines_printable(text);
        puts(text);
        return 0;
}
