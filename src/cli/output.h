/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output to stdout. */

#include "base/json.h"
#include "cli/cli.h"

/* True on a terminal unless NO_COLOR (no-color.org) is set. */
bool output_has_colour(void);

/* True on a terminal with cursor addressing. */
bool output_is_screen(void);

/* All return 0 or -ENOMEM, reported. Takes ownership of text, which a view made; NULL means that
 * the view ran out of memory. */
int output_text(const Invocation *i, char *text);
/* The same, but an empty text prints the message nothing on stderr. */
int output_text_or(const Invocation *i, char *text, const char *nothing);
int output_json(const Invocation *i, struct json_object *o);
