/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The first exchange of an NVMe/TCP connection, host's side: ICReq and ICResp (NVM Express TCP
 * Transport Specification 1.x, 3.6.2.2 and 3.6.2.3). Whoever answers it is alive and speaks
 * NVMe/TCP; nothing has been created in the controller by then. */

#include "base/macro.h"

enum {
        ICREQ_SIZE = 128,
        ICRESP_SIZE = 128,
};

/* Asks for what the kernel asks for by default: format 1.0, no alignment, no digests, one R2T. */
void icreq_encode(uint8_t ret[static ICREQ_SIZE]);

/* The bytes that came so far. 1: an ICResp; 0: more are needed, ICRESP_SIZE in all; -EPROTO: it can
 * be none any more. What an ICResp offers is for the kernel to judge. */
int icresp_decode(const uint8_t *data, size_t n);
