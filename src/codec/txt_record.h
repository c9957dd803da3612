/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The TXT record of an NVMe discovery controller's DNS-SD service (TP8009; RFC 6763, 6). */

#include "base/macro.h"
#include "model/transport.h"

typedef struct TxtRecord {
        bool has_p, has_nqn;   /* the key was there; only the first of each counts */
        Transport transport;   /* of "p"; _TRANSPORT_INVALID: not one that we know */
        bool bad_nqn;          /* it is not UTF-8, not printable, or has a comma */
        char nqn[NQN_MAX + 1]; /* "": none, bad, or not one at all */
} TxtRecord;

void txt_record_init(TxtRecord *t);
/* Takes one string of the record, "key=value" without terminator, whatever it holds. Keys and the
 * values of p are compared without case; other keys are ignored. */
void txt_record_add(TxtRecord *t, const void *data, size_t size);
