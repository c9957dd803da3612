/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/resolve.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/text.h"
#include "model/policy.h"

int resolve_error(int result, int error)
{
        switch (result) {
        case EAI_NONAME:
        case EAI_NODATA:
                return -ENOENT;
        case EAI_ADDRFAMILY:
                return -EAFNOSUPPORT;
        case EAI_MEMORY:
                return -ENOMEM;
        case EAI_SYSTEM:
                return error == ENOMEM || error == EMFILE || error == ENFILE ? -error : -EAGAIN;
        default: /* a failing name server says nothing about the name */
                return -EAGAIN;
        }
}

/* Lower is better; 0: not allowed. */
static int rank(int family, unsigned families)
{
        bool ipv6_first = families & IP_FAMILY_IPV6_FIRST;

        if (family == AF_INET && families & IP_FAMILY_IPV4)
                return ipv6_first ? 2 : 1;
        if (family == AF_INET6 && families & IP_FAMILY_IPV6)
                return ipv6_first ? 1 : 2;
        return 0;
}

int resolve_choose(const struct addrinfo *list, unsigned families, const char *known, char **ret)
{
        char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
        _cleanup_free_ char *best = NULL;
        int best_rank = 0;

        for (const struct addrinfo *a = list; a; a = a->ai_next) {
                int q = rank(a->ai_family, families);
                if (q == 0 || getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0,
                                          NI_NUMERICHOST) != 0)
                        continue;
                bool is_known = streq_ptr(text, known);
                if (!is_known && best && q >= best_rank)
                        continue;
                if (text_replace(&best, text) < 0)
                        return -ENOMEM;
                best_rank = q;
                if (is_known)
                        break;
        }
        if (!best)
                return -EAFNOSUPPORT;
        *ret = TAKE_PTR(best);
        return 0;
}

int resolve_name(const char *name, unsigned families, const char *known, char **ret)
{
        /* Queries both families in any case: otherwise a name without an address of one family
         * cannot be distinguished from a nonexistent name. */
        const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
        struct addrinfo *list = NULL;

        int r = getaddrinfo(name, NULL, &hints, &list);
        if (r != 0)
                return resolve_error(r, errno);
        r = resolve_choose(list, families, known, ret);
        freeaddrinfo(list);
        return r;
}
