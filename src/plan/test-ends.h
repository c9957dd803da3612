/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Completions of operations, one function each. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plan/engine.h"

static inline int end_probe(Engine *e, uint64_t op_id, int error, usec_t now)
{
        return engine_complete(
                e, (Completion) { .operation = OPERATION_PROBE, .op_id = op_id, .error = error },
                now);
}

/* Either an error, or 0 with the new device; inode 0: already removed. */
static inline int end_connect(Engine *e, uint64_t op_id, int error, int instance, uint64_t inode,
                              usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_CONNECT,
                                              .op_id = op_id,
                                              .error = error,
                                              .instance = instance,
                                              .inode = inode },
                               now);
}

/* Takes ownership of used_by. */
static inline int end_disconnect(Engine *e, uint64_t op_id, int error, char *used_by, usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_DISCONNECT,
                                              .op_id = op_id,
                                              .error = error,
                                              .used_by = used_by },
                               now);
}

static inline int end_register(Engine *e, uint64_t op_id, int error, int nvme_status, usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_REGISTER, /* also DEREGISTER */
                                              .op_id = op_id,
                                              .error = error,
                                              .nvme_status = nvme_status },
                               now);
}

static inline int end_read_supported_logs(Engine *e, uint64_t op_id, int error, unsigned offers,
                                          usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_READ_SUPPORTED_LOGS,
                                              .op_id = op_id,
                                              .error = error,
                                              .offers = offers },
                               now);
}

/* Takes ownership of log. */
static inline int end_read_log(Engine *e, uint64_t op_id, int error, int nvme_status,
                               DiscoveryLog *log, usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_READ_LOG,
                                              .op_id = op_id,
                                              .error = error,
                                              .nvme_status = nvme_status,
                                              .log = log },
                               now);
}

/* Takes ownership of device. */
static inline int end_read_device(Engine *e, uint64_t op_id, int instance, int error,
                                  Device *device, usec_t now)
{
        return engine_complete(e,
                               (Completion) { .operation = OPERATION_READ_DEVICE,
                                              .op_id = op_id,
                                              .instance = instance,
                                              .error = error,
                                              .device = device },
                               now);
}

/* Takes ownership of the devices, but not of the array. */
static inline int end_scan(Engine *e, uint64_t op_id, int error, Device **devices, size_t n,
                           usec_t now)
{
        Completion end = { .operation = OPERATION_SCAN, .op_id = op_id, .error = error };

        if (n > 0) {
                end.devices = calloc(n, sizeof(*devices));
                assert(end.devices);
                memcpy(end.devices, devices, n * sizeof(*devices));
                end.n_devices = n;
        }
        return engine_complete(e, end, now);
}
