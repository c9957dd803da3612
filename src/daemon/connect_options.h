/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the kernel is told to connect to: all that the configuration says of one controller. */

#include "model/configuration.h"
#include "plan/row.h"
#include "source/nbft.h"

/* c: wanted. settings: of the action. nbft: of whom other host
 * NQNs may be. supported, ret and ret_left_out as of
 * fabrics_options_encode(); ret holds secrets. */
int connect_options(const Row *row, Settings settings, const HostIdentity *host, const Nbft *nbft,
                    unsigned supported, char **ret, unsigned *ret_left_out);
