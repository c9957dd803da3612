/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys and passwords. The type is opaque so that no printer, JSON writer or logger can take one;
 * the only reader is the builder of the kernel's option string. Memory is wiped when freed. */

#include "base/macro.h"

typedef struct Secret Secret;

/* Copies n bytes. -ENOMEM; an empty one is NULL. */
int secret_new(const char *text, Secret **ret);
int secret_dup(const Secret *s, Secret **ret);
Secret *secret_free(Secret *s);
DEFINE_CLEANUP(Secret, secret_free)

/* Constant-time comparison; NULL equals NULL. */
bool secret_equal(const Secret *a, const Secret *b);

/* For the option string alone. */
const char *secret_reveal_for_kernel(const Secret *s);
