/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: which rows each of the kernel's controllers serves. */

#include "plan/engine.h"

/* The least TID of those with this one's far end and the given NQN: where a search begins. */
Tid engine_first_of_nqn(const Tid *t, const char *subsysnqn);
/* Looks for a device for a row that has none. */
void engine_match_controller(Engine *e, Row *row, usec_t now);
/* Looks for rows of that NQN for a device. */
void engine_match_device(Engine *e, DeviceNode *n, const char *subsysnqn, usec_t now);
/* A (re)connection may have gone another way than the one before, or its address may be on another
 * interface now: rows that do not want this one let it go, and what was adopted for them alone is
 * not ours any more. */
void engine_follow_source(Engine *e, DeviceNode *n, usec_t now);
/* Is it what the row that is connecting wants? Should that fail, the row will need it. */
bool engine_connecting_may_use(const Engine *e, const DeviceNode *n);
/* A row begins or ends to connect, or is not wanted meanwhile, or its being the firmware's has
 * changed: such devices are decided about anew, after a quiet time. */
void engine_defer_rivals(Engine *e, const Row *row, usec_t now);
/* A row of the boot firmware's has it, or could: there may be more connections than rows. */
bool engine_is_firmware_device(const Engine *e, const DeviceNode *n);
void engine_attach(Engine *e, Row *row, DeviceNode *n, bool made_by_us, usec_t now);
void engine_detach(Engine *e, Row *row);
/* A wanted row makes the connection ours, unless the registry gives it to somebody else. */
void engine_adopt(Engine *e, Row *row);
/* A connection to be removed has a row too, should it have none: at the next plan. */
void engine_want_row(Engine *e, DeviceNode *n);
int engine_give_rows(Engine *e, usec_t now);
void engine_dequeue_rowless(Engine *e, DeviceNode *n); /* it goes */
/* Among what was just made and has not been read yet: could it serve the row? */
bool engine_is_settling_for(const Engine *e, const Row *row);
