/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A single entry point for all inputs of an engine, so that the inputs of a daemon can be recorded
 * and replayed to another engine. */

#include "model/engine_input.h"
#include "plan/engine.h"

/* Calls the function of plan/engine.h that corresponds to the kind, and moves out of the input what
 * that function takes ownership of. Returns the result of that function: 0, -ENOMEM, or as
 * declared. */
int engine_take(Engine *e, EngineInput *in);
