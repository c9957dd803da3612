/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The part of a text from a configuration file that a message may show. */

#include "base/macro.h"

#define EXCERPT_SIZE 80

/* Returns the beginning of a value, quoted and printable, or just "the value" if it may contain a
 * secret ("secret" or "DHHC"). The result is buf or a constant. */
const char *excerpt_of_value(const char *value, char buf[static EXCERPT_SIZE]);

/* Returns a key or field as written, or NULL if it does not look like one: a misplaced secret must
 * not be shown as a key. */
const char *excerpt_of_key(const char *key);
