/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tokens of JSON by the letter of RFC 8259. json-c takes comments, single quotes, NaN and what
 * is no UTF-8 as well, and differs in that from version to version. */

#include "base/macro.h"

/* Every token is well-formed, no two values touch and no comma ends a list. What order the tokens
 * stand in is for json-c to judge. */
bool json_check_tokens(const char *data, size_t n);
