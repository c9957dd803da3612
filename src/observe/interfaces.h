/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/network.h"

/* Reads the host's current interfaces and addresses (getifaddrs). Returns 0 or a negative errno. */
int interfaces_read(Network *ret);
