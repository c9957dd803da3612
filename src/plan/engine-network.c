/* SPDX-License-Identifier: Apache-2.0 */

/* The host's side: what a change of it means for what is connected, and for what waits. */

#include "plan/engine-internal.h"

void engine_set_network(Engine *e, Network *network, usec_t now)
{
        DeviceNode *n;
        Controller *c;

        engine_begin(e);
        network_done(&e->network);
        e->network = *network;
        *network = (Network) { 0 };

        RB_FOREACH(n, DeviceTree, &e->devices)
                engine_follow_source(e, n, now);
        RB_FOREACH(c, ControllerTree, &e->controllers) {
                engine_match_controller(e, c, now);
                if (c == e->connecting)
                        engine_mark_all_dirty(e);
        }
}

void engine_network_news(Engine *e, const NetworkNews *news)
{
        Controller *c;

        engine_begin(e);
        engine_forgive_network(e, news);
        RB_FOREACH(c, ControllerTree, &e->controllers) {
                if (c->node || !network_news_concern(news, c->tid, &e->network))
                        continue;
                engine_retry_controller(e, c);
                if (c->portal)
                        engine_reopen_portal(e, c->portal);
        }
}
