/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Edits one key in the text of an INI file and preserves everything else, including comments.
 * Pure. */

#include "base/macro.h"

/* Sets key in section to a single value (NULL: removes it), in place of its first assignment,
 * otherwise after the last assignment of the section, which is appended if it does not exist.
 * Further assignments of the key and their continuation lines are removed. Section names are
 * case-sensitive, keys are not. 0 or -ENOMEM. */
int ini_edit(const char *text, const char *section, const char *key, const char *value, char **ret);
