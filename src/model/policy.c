/* SPDX-License-Identifier: Apache-2.0 */

#include "model/policy.h"

#include "base/text.h"

static const char *const scope_names[_DISCONNECT_SCOPE_MAX] = {
        [DISCONNECT_ONLY_STAS] = "only-stas-connections",
        [DISCONNECT_ALL_MATCHING] = "all-connections-matching-disconnect-trtypes",
        [DISCONNECT_NONE] = "no-disconnect",
};

const char *disconnect_scope_to_string(DisconnectScope s)
{
        return s >= 0 && s < _DISCONNECT_SCOPE_MAX ? scope_names[s] : "unknown";
}

DisconnectScope disconnect_scope_from_string(const char *s)
{
        for (DisconnectScope scope = 0; s && scope < _DISCONNECT_SCOPE_MAX; scope++)
                if (streq(s, scope_names[scope]))
                        return scope;
        return _DISCONNECT_SCOPE_INVALID;
}

Policy *policy_free(Policy *p)
{
        if (p)
                exclude_list_done(&p->excludes);
        free(p);
        return NULL;
}
