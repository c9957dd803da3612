/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: connects that stalled, who waits because of them and what ends that. The table
 * in docs/ARCHITECTURE.md is the whole of it. */

#include "plan/engine.h"

/* All stalls of a portal together hold the kernel for at most a STALL_FACTORth of any such time,
 * after the second one. */
#define LEDGER_USEC STALL_WAIT_MAX_USEC

/* The row's connect, which began then, has failed in a way that stall_is(). */
void engine_learn_stall(Engine *e, Row *row, usec_t begun, usec_t now);
/* A portal begins: what its rows of before have cost counts still. */
void engine_open_ledger(const Engine *e, Portal *p);
/* And was not live since. */
bool engine_has_stalled(const Engine *e, const Row *row);
/* When the row may be connected, as far as its own stall tells, and the portal's others. */
usec_t engine_stalled_until(const Engine *e, const Row *row);
usec_t engine_closed_until(const Engine *e, const Row *row);
/* A controller has become live: its portal serves, and its rows have not stalled. */
void engine_forgive_live(Engine *e, DeviceNode *n);
/* The network was down where it matters, and is up. */
void engine_forgive_network(Engine *e, const Reachability *reachability);
