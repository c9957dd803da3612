/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One change in the text of an INI file that leaves everything else, comments too, as it is. Pure.
 */

#include "base/macro.h"

/* Gives key in section the single value (NULL: removes it), in place of its first assignment, else
 * behind the last one of the section, which is added at the end if need be. Further assignments of
 * the key and their continuation lines go. Section names compare exactly, keys in any case. 0 or
 * -ENOMEM. */
int ini_edit(const char *text, const char *section, const char *key, const char *value, char **ret);
