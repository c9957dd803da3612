/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parser for configuration files (docs/SPECIFICATION.md §3): bytes to Configuration and
 * HostIdentity. Reading the files is up to the caller. */

#include "base/diagnostics.h"
#include "model/configuration.h"

/* Applies the text of one file to c: later scalars override earlier ones, controller= and exclude=
 * accumulate. Invalid values are errors that leave the default in place. Names that resemble known
 * ones, keys of another section, and controllers in the syntax of other programs are errors, too,
 * as the set of wanted controllers is unknown then. Other unknown sections and keys are warnings,
 * since another version may know them. After an error in [I/O controller connection management]
 * disconnect_scope is DISCONNECT_NONE. Returns 0 or -ENOMEM. */
int configuration_parse(const char *file, const char *data, size_t n, ControllerKind role,
                        Configuration *c, Diagnostics *d);

/* Applies the text of a file of nvme-stas 3 (/etc/nvme/stafd.conf, stacd.conf), after those of
 * /etc/stas. Its grammar is INI_STRICT. Names are compared exactly; unknown ones are warnings. A
 * key that is given twice or in another section is an error, and so is a value that contradicts one
 * of /etc/stas: then the one that disconnects less is used, else that of /etc/stas. Returns 0 or
 * -ENOMEM. */
int configuration_parse_later(const char *file, const char *data, size_t n, ControllerKind role,
                              Configuration *c, Diagnostics *d);

/* sys.conf [Host] as written: values may still be "file://PATH". Unset strings are NULL. */
typedef struct HostFile {
        char *nqn, *id, *symname;
        char *key; /* erased by host_file_done() */
} HostFile;

int host_file_parse(const char *file, const char *data, size_t n, HostFile *h, Diagnostics *d);
void host_file_done(HostFile *h);

/* Returns the first word of a text (the contents of a file named by file://), or NULL if there is
 * none or if out of memory. */
char *host_value_first_word(const char *data, size_t n);

/* Returns 0, or -EINVAL unless the NQN begins with "nqn.", has at most 223 bytes and contains no
 * white space, control characters or commas (which end an option in the list for the kernel). */
int host_nqn_check(const char *nqn);
