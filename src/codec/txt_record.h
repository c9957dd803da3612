/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The TXT record of an NVMe discovery controller's DNS-SD service (TP8009; RFC 6763, 6). */

#include "base/macro.h"
#include "model/transport.h"

typedef struct TxtRecord {
        bool has_p, has_nqn;   /* the key is present; only its first occurrence is used */
        Transport transport;   /* of "p"; _TRANSPORT_INVALID if unknown */
        bool bad_nqn;          /* not UTF-8, not printable, or contains a comma */
        char nqn[NQN_MAX + 1]; /* "" if missing, bad, or not an NQN */
} TxtRecord;

void txt_record_init(TxtRecord *t);
/* Adds one string of the record, "key=value" without a terminator, with arbitrary contents. Keys
 * and the values of p are compared ignoring case; other keys are ignored. */
void txt_record_add(TxtRecord *t, const void *data, size_t size);
