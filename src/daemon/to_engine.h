/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's only way to tell its engine something: what goes by here is recorded, if that is
 * wanted (recorder.h). Each returns what engine_take() does; after -ENOMEM the input is lost. */

#include "daemon/daemon.h"
#include "daemon/recorder.h"

/* With the time of this turn of the loop for its now; takes what engine_take() takes. */
int to_engine(Daemon *d, EngineInput in);

int to_engine_set_policy(Daemon *d, Policy *policy);
int to_engine_set_network(Daemon *d, Network *network);
/* Of those that carry nothing. */
int to_engine_event(Daemon *d, EngineInputKind kind);
