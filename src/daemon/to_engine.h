/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The only path for inputs to the engine: they are recorded here, if enabled (recorder.h). Returns
 * as engine_take() does; after -ENOMEM the input is lost. */

#include "daemon/daemon.h"
#include "daemon/recorder.h"

/* Sets now to the time of this loop iteration; takes ownership of what engine_take() does. */
int to_engine(Daemon *d, EngineInput in);

int to_engine_set_policy(Daemon *d, Policy *policy);
int to_engine_set_network(Daemon *d, Network *network);
/* For inputs without data. */
int to_engine_event(Daemon *d, EngineInputKind kind);
