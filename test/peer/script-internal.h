/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "peer/script.h"

typedef struct Script {
        Peer *peer;
        char **words; /* begins with the command's name */
        size_t n_words;
        usec_t now;
        TextBuffer *answer;
} Script;

/* Each command calls exactly one of these. */
_printf_(2, 3) void script_ok(Script *s, const char *format, ...); /* "": no text */
_printf_(2, 3) void script_fail(Script *s, const char *format, ...);

/* Splits "key=value" and returns the value; NULL if there is no "=". */
char *script_cut_value(char *word);

/* Parses a decimal number, or hexadecimal with 0x. Returns 0, -EINVAL or -ERANGE. */
int script_number(const char *text, uint64_t max, uint64_t *ret);

/* Appends a quoted JSON string. */
void json_put_text(TextBuffer *b, const char *text);

void script_entry_add(Script *s);
void script_entry_many(Script *s);
void script_entry_remove(Script *s);
void script_entry_set(Script *s);
void script_entry_clear(Script *s);
/* Appends a JSON object. */
void entry_put_json(const Entry *e, TextBuffer *b);

void script_show(Script *s);
void script_log(Script *s);
void script_log_clear(Script *s);

void script_set(Script *s);
void script_aen(Script *s);
void script_fault(Script *s);
void script_pass(Script *s);
void script_disconnect(Script *s);
