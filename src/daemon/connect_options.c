/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/connect_options.h"

#include "base/text.h"
#include "codec/fabrics_options.h"
#include "model/host_id.h"

/* The firmware's host NQN is used with the firmware's host ID, as the initramfs did. */
static void choose_host_id(const char *nqn, const HostIdentity *host, const Nbft *nbft,
                           char ret[static HOST_ID_SIZE])
{
        const char *id = streq(nqn, host->nqn) ? NULL : nbft_host_id(nbft, nqn);

        if (id)
                memcpy(ret, id, HOST_ID_SIZE);
        else
                host_id_for_nqn(nqn, host->nqn, host->id, ret);
}

int connect_options(const Row *row, const Network *network, Settings settings,
                    const HostIdentity *host, const Nbft *nbft, unsigned supported, char **ret,
                    unsigned *ret_left_out)
{
        const SourceEntry *entry = row_origin(row)->entry;
        char host_id[HOST_ID_SIZE];
        const ConnectRequest request = {
                .tid = row->tid,
                .kind = row->kind,
                .interface = network_interface(network, row->tid->host_iface),
                .host_id = host_id,
                .settings = settings,
                .dhchap_secret = entry->dhchap_secret ? entry->dhchap_secret : host->key,
                .dhchap_ctrl_secret = entry->dhchap_ctrl_secret,
        };

        choose_host_id(row->tid->host_nqn, host, nbft, host_id);
        return fabrics_options_encode(&request, supported, ret, ret_left_out);
}
