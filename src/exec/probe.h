/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Probes check whether an NVMe/TCP target listens on an address. They run on the event loop,
 * without blocking and many at a time, before the kernel is told to connect: a connect holds the
 * kernel's mutex, and thus delays every other connect, until it gives up. A probe makes a TCP
 * connection, exchanges ICReq and ICResp, and closes it; the target retains no state. */

#include <systemd/sd-event.h>

#include "model/tid.h"

/* error: 0 if the target answered; -ETIMEDOUT: no answer in time; -EPROTO: the peer does not speak
 * NVMe/TCP; -ECONNRESET: the peer closed the connection; otherwise the error of the connection
 * attempt. Runs on the event loop, never within probes_start(); may start and cancel probes. */
typedef void (*ProbeHandler)(uint64_t op_id, int error, void *userdata);

typedef struct Probes Probes;

int probes_new(sd_event *event, ProbeHandler handler, void *userdata, Probes **ret);
/* Cancels all probes. */
Probes *probes_free(Probes *p);
DEFINE_CLEANUP(Probes, probes_free)

/* Starts a probe, from the interface and address given by the TID. The caller limits the number of
 * concurrent probes, each of which uses a descriptor. Returns 0; -ENODEV: no such interface;
 * -EADDRNOTAVAIL: the host does not have that address; -EAFNOSUPPORT: not a numeric address; or any
 * errno of socket() and connect(). On error the handler is not called. */
int probes_start(Probes *p, uint64_t op_id, const Tid *target, usec_t timeout);
/* The handler is not called for this probe any more. Does nothing if there is no such probe. */
void probes_cancel(Probes *p, uint64_t op_id);
