/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/network.h"

/* The host's interfaces and addresses now (getifaddrs). 0 or a negative errno. */
int interfaces_read(Network *ret);
