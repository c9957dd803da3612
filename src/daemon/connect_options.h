/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Builds the option string for the kernel's connect from everything that the configuration says
 * about one controller. */

#include "model/configuration.h"
#include "model/network.h"
#include "plan/row.h"
#include "source/nbft.h"

/* row: a wanted controller. network: resolves the name of its interface. settings: those of the
 * action. nbft: owners of other host NQNs. supported, ret and ret_left_out as in
 * fabrics_options_encode(); ret contains secrets. */
int connect_options(const Row *row, const Network *network, Settings settings,
                    const HostIdentity *host, const Nbft *nbft, unsigned supported, char **ret,
                    unsigned *ret_left_out);
