/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: finds the rows that each of the kernel's controllers serves. */

#include "plan/engine.h"

/* Returns the least TID with the far end of t and the given NQN: the start of a search. */
Tid engine_first_of_nqn(const Tid *t, const char *subsysnqn);
/* Finds a device for a row that has none. */
void engine_match_controller(Engine *e, Row *row, usec_t now);
/* Finds rows of that NQN for a device. */
void engine_match_device(Engine *e, DeviceNode *n, const char *subsysnqn, usec_t now);
/* A (re)connection may use another path than before, or its address may have moved to another
 * interface: rows that do not want this path are detached, and a device adopted for them alone is
 * no longer ours. */
void engine_follow_source(Engine *e, DeviceNode *n, usec_t now);
/* Returns true if the device is what the row that is connecting wants, and will need if the connect
 * fails. */
bool engine_connecting_may_use(const Engine *e, const DeviceNode *n);
/* A row begins or ends a connect, becomes unwanted meanwhile, or gains or loses the firmware's
 * claim: devices that it could use are decided on again, after a quiet time. */
void engine_defer_rivals(Engine *e, const Row *row, usec_t now);
/* Returns true if a row of the boot firmware uses the device, or could: there may be more
 * connections than rows. */
bool engine_is_firmware_device(const Engine *e, const DeviceNode *n);
void engine_attach(Engine *e, Row *row, DeviceNode *n, bool made_by_us, usec_t now);
void engine_detach(Engine *e, Row *row);
/* A wanted row makes the connection ours, unless the registry assigns it to another owner. */
void engine_adopt(Engine *e, Row *row);
/* Requests a row for a connection that is to be removed and has none: at the next plan. */
void engine_want_row(Engine *e, DeviceNode *n);
int engine_give_rows(Engine *e, usec_t now);
void engine_dequeue_rowless(Engine *e, DeviceNode *n); /* when it is removed */
/* Returns true if a device that was made but not read yet could serve the row. */
bool engine_is_settling_for(const Engine *e, const Row *row);
