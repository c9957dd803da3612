/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests only. */

#include "base/diagnostics.h"
#include "base/text.h"

/* Returns all diagnostics, one per line, prefixed with "E " or "W ". The caller must free the
 * result. */
static inline char *diagnostics_to_text(const Diagnostics *d)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *line = diagnostic_to_string(&d->items[i]);

                text_buffer_printf(&b, "%s %s\n",
                                   d->items[i].severity == SEVERITY_ERROR ? "E" : "W",
                                   text_or(line, "?"));
        }
        return text_buffer_take(&b);
}
