/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/connect_options.h"

#include "codec/fabrics_options.h"
#include "model/host_id.h"

int connect_options(const Controller *c, Settings settings, const HostIdentity *host,
                    unsigned supported, char **ret, unsigned *ret_left_out)
{
        const SourceEntry *entry = controller_origin(c)->entry;
        char host_id[HOST_ID_SIZE];
        const ConnectRequest request = {
                .tid = c->tid,
                .kind = c->kind,
                .host_id = host_id,
                .settings = settings,
                .dhchap_secret = entry->dhchap_secret ? entry->dhchap_secret : host->key,
                .dhchap_ctrl_secret = entry->dhchap_ctrl_secret,
        };

        host_id_for_nqn(c->tid->host_nqn, host->nqn, host->id, host_id);
        return fabrics_options_encode(&request, supported, ret, ret_left_out);
}
