/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Commands that control the peer: one per line, words separated by blanks, with a one-line answer:
 * "ok", "ok TEXT" or "error TEXT". TEXT of `show` and `log` is JSON. Pure. */

#include "base/text.h"
#include "peer/peer.h"

enum {
        SCRIPT_LINE_MAX = 16384,
};

/* Appends the answer with its newline. Modifies `line`. */
void script_execute(Peer *p, char *line, usec_t now, TextBuffer *answer);

/* Appends a list of all commands, one per line, for `--help`. */
void script_describe(TextBuffer *b);
