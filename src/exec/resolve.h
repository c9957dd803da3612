/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Resolves host names with the system's resolver (nsswitch.conf). Blocks. */

#include "base/macro.h"

/* families: IP_FAMILY_* (model/policy.h). known: an earlier result that is returned again if the
 * name still has it, or NULL. ret: numeric, with the interface of its scope. Returns 0, -ENOENT (no
 * such name), -EAFNOSUPPORT (no address of these families), -EAGAIN (no name server could answer),
 * -ENOMEM, -EMFILE or -ENFILE. */
int resolve_name(const char *name, unsigned families, const char *known, char **ret);

/* Selects from the results of getaddrinfo(): the first one of the preferred family, as the resolver
 * lists reachable addresses first (RFC 6724). */
struct addrinfo;
int resolve_choose(const struct addrinfo *list, unsigned families, const char *known, char **ret);

/* Converts a nonzero result of getaddrinfo() to a negative errno; error: errno, for EAI_SYSTEM. */
int resolve_error(int result, int error);
