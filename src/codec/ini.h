/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* INI text to a stream of assignments. Full-line comments (# and ;), "key = value", an indented
 * line gives one more value for the key above it. Sections and keys keep their spelling. */

#include "base/diagnostics.h"

typedef struct IniItem {
        const char *section, *key, *value; /* valid during the call; value is trimmed */
        unsigned line;                     /* of the value itself */
        unsigned section_line;             /* of [section] */
} IniItem;

/* 0, or a negative errno that ends the parse and is returned by ini_parse(). */
typedef int (*IniHandler)(const IniItem *item, void *userdata);

/* Parses n bytes named file; a byte order mark in front is passed over. Lines may be up to 64 KiB
 * (INI_LINE_MAX); longer ones, NUL bytes, lines without '=', assignments outside a section and
 * lines of nvme-cli's discovery.conf are errors in d, named by line, and are passed over; of a file
 * that is JSON the first line is. Returns 0, the handler's error or -ENOMEM. */
#define INI_LINE_MAX (64U * 1024U)
int ini_parse(const char *file, const char *data, size_t n, IniHandler handler, void *userdata,
              Diagnostics *d);

/* Options of a command line, as nvme-cli's discovery.conf has them: "-t tcp -a 192.0.2.1". */
bool ini_is_option_line(const char *text);
