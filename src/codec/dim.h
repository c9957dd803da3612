/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Data of a Discovery Information Management command: information about a host for a discovery
 * controller (TP8010; NVMe Base 2.x, 5.3.3, and Extended Discovery Information Entry). */

#include "model/tid.h"

enum {
        DIM_HEADER_SIZE = 1024,
        DIM_ENTRY_SIZE = 1032, /* without attributes */
        DIM_NAME_SIZE = 256,
        DIM_VERSION_SIZE = 64,
        DIM_SYMNAME_MAX = 256,
};

typedef enum DimTask { /* TAS, dword 10 bits 3:0 */
        DIM_REGISTER = 0,
        DIM_DEREGISTER = 1,
        DIM_UPDATE = 2,
} DimTask;

typedef struct DimHost {         /* all borrowed; NULL if unset */
        const char *nqn, *id;    /* id is a UUID in text form */
        const char *symname;     /* truncated to DIM_SYMNAME_MAX */
        const char *name;        /* of the machine */
        const char *version;     /* of the operating system */
        AddressFamily ip_family; /* of the host's end of the connection */
} DimHost;

/* Encodes one extended entry without an address; the controller uses the source address of the
 * connection. Returns 0, -EINVAL (NQN missing or too long, or id invalid) or -ENOMEM. */
int dim_encode_host(const DimHost *h, uint8_t **ret, size_t *ret_n);
