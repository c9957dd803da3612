/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/explain.h"

/* Describes a controller like Python's nvme-stas, with additional keys. Returns 0 or -ENOMEM. */
int describe_controller(const Explainer *x, const Row *row, bool detailed, Properties *p);
/* Adds the eight keys of its identity; instance -1: not connected. */
int describe_identity(const Tid *t, int instance, Properties *p);
/* row NULL: a connection without a row. state: of the connection, if any. */
const char *describe_state(const Row *row, DeviceState state);
