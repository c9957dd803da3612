/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The data of a Discovery Information Management command: what a host tells a discovery controller
 * of itself (TP8010; NVMe Base 2.x, 5.3.3, and Extended Discovery Information Entry). */

#include "model/tid.h"

enum {
        DIM_HEADER_SIZE = 1024,
        DIM_ENTRY_SIZE = 1032, /* before its attributes */
        DIM_NAME_SIZE = 256,
        DIM_VERSION_SIZE = 64,
        DIM_SYMNAME_MAX = 256,
};

typedef enum DimTask { /* TAS, dword 10 bits 3:0 */
        DIM_REGISTER = 0,
        DIM_DEREGISTER = 1,
        DIM_UPDATE = 2,
} DimTask;

typedef struct DimHost {         /* all borrowed; NULL where there is none */
        const char *nqn, *id;    /* the id is a UUID's text */
        const char *symname;     /* what is beyond DIM_SYMNAME_MAX is cut off */
        const char *name;        /* of the machine */
        const char *version;     /* of its operating system */
        AddressFamily ip_family; /* of its end of the connection */
} DimHost;

/* One extended entry without an address: the controller takes the one that the connection comes
 * from. 0, -EINVAL (no NQN, too long a one, or the id is none) or -ENOMEM. */
int dim_encode_host(const DimHost *h, uint8_t **ret, size_t *ret_n);
