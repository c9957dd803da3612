/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Host names to addresses by the system's resolver (nsswitch.conf), blocking. */

#include "base/macro.h"

/* families: IP_FAMILY_* (model/policy.h). known: an earlier answer that is given again if the name
 * still has it, or NULL. ret: numeric, with the scope's interface. 0, -ENOENT (no such name),
 * -EAFNOSUPPORT (no address of these families), -EAGAIN (nobody could tell) or -ENOMEM. */
int resolve_name(const char *name, unsigned families, const char *known, char **ret);

/* The answer among the results of getaddrinfo(): of the preferred family, and there the first, for
 * the resolver puts what can be reached before what cannot (RFC 6724). */
struct addrinfo;
int resolve_choose(const struct addrinfo *list, unsigned families, const char *known, char **ret);

/* What a result of getaddrinfo() other than 0 means; error: errno, for EAI_SYSTEM. */
int resolve_error(int result, int error);
