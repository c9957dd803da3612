/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys and passwords. The type is opaque so that it cannot be passed to a printer, JSON writer or
 * logger; only the builder of the kernel's option string reads it. Memory is erased when freed. */

#include "base/macro.h"

typedef struct Secret Secret;

/* Copies text; an empty one yields NULL. Returns 0 or -ENOMEM. */
int secret_new(const char *text, Secret **ret);
int secret_dup(const Secret *s, Secret **ret);
Secret *secret_free(Secret *s);
DEFINE_CLEANUP(Secret, secret_free)

/* Constant-time comparison. NULL is equal to NULL. */
bool secret_equal(const Secret *a, const Secret *b);

/* Only for the option string. */
const char *secret_reveal_for_kernel(const Secret *s);
