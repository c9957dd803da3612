/* SPDX-License-Identifier: Apache-2.0 */

#include "model/transport.h"

#include <strings.h>

#include "base/text.h"

static const char *const names[_TRANSPORT_MAX] = {
        [TRANSPORT_TCP] = "tcp",
        [TRANSPORT_RDMA] = "rdma",
        [TRANSPORT_FC] = "fc",
        [TRANSPORT_LOOP] = "loop",
};

const char *transport_to_string(Transport t)
{
        return t >= 0 && t < _TRANSPORT_MAX ? names[t] : "unknown";
}

Transport transport_from_string(const char *s)
{
        for (Transport t = 0; s && t < _TRANSPORT_MAX; t++)
                if (strcasecmp(s, names[t]) == 0)
                        return t;
        return _TRANSPORT_INVALID;
}

const char *transport_default_service(Transport t, ControllerKind kind)
{
        switch (t) {
        case TRANSPORT_TCP:
                return kind == CONTROLLER_DISCOVERY ? "8009" : "4420";
        case TRANSPORT_RDMA:
                return "4420";
        case TRANSPORT_FC:
        case TRANSPORT_LOOP:
        case _TRANSPORT_MAX:
        case _TRANSPORT_INVALID:
                break;
        }
        return NULL;
}

bool nqn_is_usable(const char *nqn)
{
        return text_is_printable(nqn) && !strchr(nqn, ',');
}
