/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Components of a kernel name: nvme1 is a controller, nvme0n2 a namespace, and nvme0c1n2 the path
 * to it through the controller nvme1. */
typedef struct NvmeName {
        int first, controller, head; /* -1: absent */
} NvmeName;

/* Returns false for any other name, such as that of a partition. */
bool nvme_name_parse(const char *name, NvmeName *ret);
/* Returns true for the name of a namespace, or of a path to one. */
bool nvme_name_is_namespace(const char *name);
