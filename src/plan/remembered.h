/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the run before wanted. Killed while the kernel connected for it, it could tell nobody: the
 * connection appears, has no owner, and may be wanted no more. */

#include "model/device.h"
#include "model/network.h"

typedef struct Remembered {
        Tid **tids;
        size_t n_tids, n_allocated;
} Remembered;

/* 0 or -ENOMEM. */
int remembered_add(Remembered *r, const Tid *tid);
/* Is the device one of them? kind: what they are. */
bool remembered_match(const Remembered *r, ControllerKind kind, const Device *device,
                      const Network *network);
void remembered_done(Remembered *r);
