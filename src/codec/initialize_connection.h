/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The first exchange on an NVMe/TCP connection, as seen from the host: ICReq and ICResp (NVM
 * Express TCP Transport Specification 1.x, 3.6.2.2 and 3.6.2.3). A peer that answers is alive and
 * speaks NVMe/TCP; nothing has been created in the controller at this point. */

#include "base/macro.h"

enum {
        ICREQ_SIZE = 128,
        ICRESP_SIZE = 128,
};

/* Requests the kernel's defaults: format 1.0, no alignment, no digests, one R2T. */
void icreq_encode(uint8_t ret[static ICREQ_SIZE]);

/* Checks the bytes received so far. Returns 1 for an ICResp, 0 if more bytes are needed,
 * ICRESP_SIZE in total, or -EPROTO if this cannot become one. Evaluating the contents of the ICResp
 * is left to the kernel. */
int icresp_decode(const uint8_t *data, size_t n);
