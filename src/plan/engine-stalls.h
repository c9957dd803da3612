/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: stalled connects, the rows that wait because of them, and the end of
 * these waits. docs/ARCHITECTURE.md has a table of all cases. */

#include "plan/engine.h"

/* From the second stall on, the stalls of a portal together hold the kernel for at most
 * 1/STALL_FACTOR of any such period. */
#define LEDGER_USEC STALL_WAIT_MAX_USEC

/* The row's connect, started at begun, has failed with an error that is a stall (stall_is()). */
void engine_learn_stall(Engine *e, Row *row, usec_t begun, usec_t now);
/* A new portal takes over the stalls of its earlier rows. */
void engine_open_ledger(const Engine *e, Portal *p);
/* Returns true if the row has stalled and was not live since. */
bool engine_has_stalled(const Engine *e, const Row *row);
/* Returns the earliest connect as limited by the row's own stall, and by others of its portal. */
usec_t engine_stalled_until(const Engine *e, const Row *row);
usec_t engine_closed_until(const Engine *e, const Row *row);
/* A controller has become live: its portal works, and the stalls of its rows are forgotten. */
void engine_forgive_live(Engine *e, DeviceNode *n);
/* A network that concerns them was down, and is up again. */
void engine_forgive_network(Engine *e, const Reachability *reachability);
