/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/explain.h"

/* A controller as Python's nvme-stas prints it, and more. 0 or -ENOMEM. */
int describe_controller(const Explainer *x, const Row *row, bool detailed, Properties *p);
/* Its eight keys of identity; instance -1: not connected. */
int describe_identity(const Tid *t, int instance, Properties *p);
/* row NULL: a connection without a row. state: of the connection, if there is one. */
const char *describe_state(const Row *row, DeviceState state);
