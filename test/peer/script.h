/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The commands that steer the peer: one a line, words between blanks, one line of answer: "ok", "ok
 * TEXT" or "error TEXT". TEXT of `show` and `log` is JSON. Pure. */

#include "base/text.h"
#include "peer/peer.h"

enum {
        SCRIPT_LINE_MAX = 16384,
};

/* Appends the answer with its newline. `line` is cut into words. */
void script_execute(Peer *p, char *line, usec_t now, TextBuffer *answer);

/* All commands, a line for each, as `--help` shows them. */
void script_describe(TextBuffer *b);
