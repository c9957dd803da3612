/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strict tokenizer for RFC 8259. json-c also accepts comments, single quotes, NaN and invalid
 * UTF-8, and which of these depends on its version. */

#include "base/macro.h"

/* Returns true if all tokens are well-formed, no two values are adjacent and no list ends with a
 * comma. The order of the tokens is left to json-c to check. */
bool json_check_tokens(const char *data, size_t n);
