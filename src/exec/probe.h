/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Probes: is there an NVMe/TCP target behind an address? Asked on the event loop, without blocking
 * and many at a time, before the kernel is asked to connect: it would hold its mutex, and with it
 * every other connect, until it gives up. A TCP connection, ICReq, ICResp, and it is closed; the
 * target keeps nothing of it. */

#include <systemd/sd-event.h>

#include "model/tid.h"

/* error: 0: it answered; -ETIMEDOUT: nothing came in time; -EPROTO: what answers does not speak
 * NVMe/TCP; -ECONNRESET: it closed the connection; else what the connection met. Runs on the event
 * loop, never within probes_start(); may start and cancel probes. */
typedef void (*ProbeHandler)(uint64_t op_id, int error, void *userdata);

typedef struct Probes Probes;

int probes_new(sd_event *event, ProbeHandler handler, void *userdata, Probes **ret);
/* Cancels all. */
Probes *probes_free(Probes *p);
DEFINE_CLEANUP(Probes, probes_free)

/* Begins one, from the interface and address that the TID names. How many are under way at a time
 * is the caller's to limit: each takes a descriptor. 0; -ENODEV: no such interface; -EADDRNOTAVAIL:
 * the host does not have that address; -EAFNOSUPPORT: not a numeric address; or any errno of
 * socket() and connect(); then the handler is not called. */
int probes_start(Probes *p, uint64_t op_id, const Tid *target, usec_t timeout);
/* The handler is not called for it any more. Nothing happens if there is none. */
void probes_cancel(Probes *p, uint64_t op_id);
