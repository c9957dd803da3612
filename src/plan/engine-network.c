/* SPDX-License-Identifier: Apache-2.0 */

/* The host's network: effects of a change on connections and on waiting rows. */

#include "plan/engine-internal.h"

void engine_set_network(Engine *e, Network *network, usec_t now)
{
        DeviceNode *n;
        Row *row;

        engine_begin(e);
        network_done(&e->network);
        e->network = *network;
        *network = (Network) { 0 };

        RB_FOREACH(n, DeviceTree, &e->devices)
                engine_follow_source(e, n, now);
        RB_FOREACH(row, RowTree, &e->controllers) {
                engine_match_controller(e, row, now);
                if (row == e->connecting)
                        engine_mark_all_dirty(e);
        }
}

void engine_reachability_changed(Engine *e, const Reachability *reachability)
{
        Row *row;

        engine_begin(e);
        engine_forgive_network(e, reachability);
        RB_FOREACH(row, RowTree, &e->controllers) {
                if (row->node || !reachability_concerns(reachability, row->tid, &e->network))
                        continue;
                engine_retry_controller(e, row);
                if (row->portal)
                        engine_reopen_portal(e, row->portal);
        }
}
