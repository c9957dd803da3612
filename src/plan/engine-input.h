/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Everything that an engine is told, by one function: what a daemon gives its engine can so be
 * recorded, and a recording given to another engine. */

#include "model/engine_input.h"
#include "plan/engine.h"

/* Calls the function of plan/engine.h that the kind names, and takes out of the input what that
 * takes. Returns what it returns: 0, -ENOMEM, or what its declaration says. */
int engine_take(Engine *e, EngineInput *in);
