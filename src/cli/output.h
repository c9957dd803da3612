/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* To stdout. */

#include "base/json.h"
#include "cli/cli.h"

/* A terminal, and NO_COLOR (no-color.org) does not forbid it. */
bool output_has_colour(void);

/* A terminal that can be written to at any place. */
bool output_is_screen(void);

/* All return 0 or -ENOMEM, reported. Text made by a view is taken over; NULL is its lack of
 * memory. */
int output_text(const Invocation *i, char *text);
/* The same; where there is nothing to print, stderr says so in the words of nothing. */
int output_text_or(const Invocation *i, char *text, const char *nothing);
int output_json(const Invocation *i, struct json_object *o);
