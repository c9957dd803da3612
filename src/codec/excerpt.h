/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a message may show of a text from a configuration file. */

#include "base/macro.h"

#define EXCERPT_SIZE 80

/* The quoted beginning of a value, printable. What may hold a secret (it says "secret" or "DHHC")
 * is "the value" only. The result is buf or a constant. */
const char *excerpt_of_value(const char *value, char buf[static EXCERPT_SIZE]);

/* A key or field as it is written, or NULL where it does not look like one: a misplaced secret must
 * not come out as a key. */
const char *excerpt_of_key(const char *key);
