/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* INI parser that produces a stream of "key = value" assignments. Comments (# and ;) take a line of
 * their own. Sections and keys are passed on as spelled. */

#include "base/diagnostics.h"

typedef struct IniItem {
        const char *section, *key, *value; /* valid during the call; value is trimmed; key and value
                                            * are NULL for a section (INI_STRICT) */
        unsigned line;                     /* of the value itself */
        unsigned section_line;             /* of [section] */
} IniItem;

/* Returns 0, or a negative errno that ends parsing and is returned by ini_parse(). */
typedef int (*IniHandler)(const IniItem *item, void *userdata);

/* In how far the grammars of our files and of those of other programs differ. */
typedef enum IniGrammar {
        INI_CONTINUED, /* an indented line adds another value to the key above it */
        INI_BY_LINE,   /* indentation means nothing, nor does what follows the ']' of a section */
        /* Indentation means nothing, nothing may follow the ']', comments begin with '#' only, and
         * a file has at most INI_STRICT_MAX bytes. Each [Section] is passed on as well, as an item
         * without a key. */
        INI_STRICT,
} IniGrammar;

/* Parses n bytes of the file with this name, skipping a leading byte order mark. Lines may have up
 * to 64 KiB (INI_LINE_MAX). Longer ones, NUL bytes, lines without '=', assignments outside of a
 * section and lines of nvme-cli's discovery.conf are added to d as errors with their line, and
 * skipped; of a JSON file, only the first line is reported. Returns 0, the error of the handler or
 * -ENOMEM. */
#define INI_LINE_MAX (64U * 1024U)
#define INI_STRICT_MAX (1024U * 1024U)
int ini_parse(const char *file, const char *data, size_t n, IniGrammar grammar, IniHandler handler,
              void *userdata, Diagnostics *d);

/* Returns true for command line options as in nvme-cli's discovery.conf: "-t tcp -a 192.0.2.1". */
bool ini_is_option_line(const char *text);
