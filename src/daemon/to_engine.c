/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/to_engine.h"

int to_engine(Daemon *d, EngineInput in)
{
        in.now = daemon_now(d);
        recorder_input(d->recorder, &in);
        int r = engine_take(d->engine, &in);
        if (r == -ENOMEM)
                recorder_lost(d->recorder, in.now);
        return r;
}

int to_engine_set_policy(Daemon *d, Policy *policy)
{
        return to_engine(d, (EngineInput) { .kind = INPUT_SET_POLICY, .policy = policy });
}

int to_engine_set_network(Daemon *d, Network *network)
{
        return to_engine(d, (EngineInput) { .kind = INPUT_SET_NETWORK, .network = *network });
}

int to_engine_event(Daemon *d, EngineInputKind kind)
{
        return to_engine(d, (EngineInput) { .kind = kind });
}
