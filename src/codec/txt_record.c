/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/txt_record.h"

#include <strings.h>

#include "base/text.h"

static Transport transport_of_protocol(const char *value, size_t size)
{
        static const struct {
                const char *name;
                Transport transport;
        } protocols[] = {
                { "tcp", TRANSPORT_TCP },
                { "roce", TRANSPORT_RDMA },
                { "iwarp", TRANSPORT_RDMA },
                { "rdma", TRANSPORT_RDMA },
        };

        for (size_t i = 0; i < ELEMENTSOF(protocols); i++)
                if (strlen(protocols[i].name) == size &&
                    strncasecmp(protocols[i].name, value, size) == 0)
                        return protocols[i].transport;
        return _TRANSPORT_INVALID;
}

static void take_nqn(TxtRecord *t, const char *value, size_t size)
{
        char nqn[sizeof(t->nqn)];

        if (size > NQN_MAX)
                return;
        memcpy(nqn, value, size);
        nqn[size] = '\0';
        t->bad_nqn = strlen(nqn) != size || !nqn_is_usable(nqn);
        if (!t->bad_nqn && text_after(nqn, "nqn.") && !strchr(nqn, ' '))
                (void) strcpy(t->nqn, nqn); /* both have the same size */
}

static bool is_key(const char *key, const char *data, size_t size)
{
        return strlen(key) == size && strncasecmp(key, data, size) == 0;
}

void txt_record_init(TxtRecord *t)
{
        *t = (TxtRecord) { .transport = _TRANSPORT_INVALID };
}

void txt_record_add(TxtRecord *t, const void *data, size_t size)
{
        const char *key = data, *equals = size > 0 ? memchr(data, '=', size) : NULL;
        size_t n_key = equals ? (size_t) (equals - key) : size;
        const char *value = equals ? equals + 1 : "";
        size_t n_value = equals ? size - n_key - 1 : 0;

        if (is_key("p", key, n_key) && !t->has_p) {
                t->has_p = true;
                t->transport = transport_of_protocol(value, n_value);
        } else if (is_key("nqn", key, n_key) && !t->has_nqn) {
                t->has_nqn = true;
                take_nqn(t, value, n_value);
        }
}
