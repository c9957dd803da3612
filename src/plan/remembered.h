/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Controllers that the previous run wanted. If it was killed while the kernel was connecting one,
 * the connection appears without an owner, and may no longer be wanted. */

#include "model/device.h"
#include "model/network.h"

typedef struct Remembered {
        Tid **tids;
        size_t n_tids, n_allocated;
} Remembered;

/* Returns 0 or -ENOMEM. */
int remembered_add(Remembered *r, const Tid *tid);
/* Returns true if the device is one of the controllers, which are of the given kind. */
bool remembered_match(const Remembered *r, ControllerKind kind, const Device *device,
                      const Network *network);
void remembered_done(Remembered *r);
