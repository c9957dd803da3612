/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The NVMe Boot Firmware Table (NVMe Boot Specification 1.0): is it what it says it is? libnvme
 * reads what is in it and follows most of its offsets unchecked, so this stands before. */

#include "base/macro.h"

/* Real ones have two or three thousand bytes. */
#define NBFT_SIZE_MAX ((size_t) 256 * 1024)

typedef struct NbftSummary { /* descriptors that the table calls valid */
        size_t size;         /* of the table, which may be less than n */
        unsigned n_hfis, n_discoveries, n_subsystems;
} NbftSummary;

/* Signature, major revision, checksum, and that each descriptor and each object on the heap that is
 * made use of lies within the table, strings with their end. 0, or -EBADMSG with *ret_reason
 * (static). */
int nbft_check(const uint8_t *data, size_t n, NbftSummary *ret, const char **ret_reason);

/* "nvme+tcp://ADDRESS[:PORT][/]", IPv6 in brackets, cut in place. *ret_port is "" where none is
 * given. -EINVAL: another form; -EPROTONOSUPPORT: another scheme. */
int nbft_uri_split(char *uri, const char **ret_transport, const char **ret_address,
                   const char **ret_port);
