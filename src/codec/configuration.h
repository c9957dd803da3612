/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Configuration files (docs/SPECIFICATION.md §3): bytes to Configuration and HostIdentity. Files
 * are read elsewhere.
 */

#include "base/diagnostics.h"
#include "model/configuration.h"

/* Applies one file's text on top of c: a scalar given later wins, controller= and exclude= add up.
 * Bad values are errors that leave the default in place. So are names that are close to known ones,
 * a key of another section, and what names controllers as other programs write it: who is wanted is
 * not known then. Other unknown sections and keys are warnings: another version may know them.
 * After an error in [I/O controller connection management] disconnect_scope is DISCONNECT_NONE. 0
 * or -ENOMEM. */
int configuration_parse(const char *file, const char *data, size_t n, ControllerKind role,
                        Configuration *c, Diagnostics *d);

/* sys.conf [Host] as written: values may be "file://PATH" still. Strings are NULL where not given.
 */
typedef struct HostFile {
        char *nqn, *id, *symname;
        char *key; /* wiped by host_file_done() */
} HostFile;

int host_file_parse(const char *file, const char *data, size_t n, HostFile *h, Diagnostics *d);
void host_file_done(HostFile *h);

/* The first word of a text (a file named by file://); NULL when there is none or out of memory. */
char *host_value_first_word(const char *data, size_t n);

/* 0 or -EINVAL: begins "nqn.", at most 223 bytes, no white space, control character or comma (which
 * ends an option in the list that the kernel takes). */
int host_nqn_check(const char *nqn);
