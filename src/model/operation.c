/* SPDX-License-Identifier: Apache-2.0 */

#include "model/operation.h"

#include "base/text.h"

static const struct {
        const char *name, *words;
} operations[_OPERATION_MAX] = {
        [OPERATION_NONE] = { "none", "nothing" },
        [OPERATION_PROBE] = { "probe", "probe" },
        [OPERATION_CANCEL_PROBE] = { "cancel-probe", "cancel probe" },
        [OPERATION_CONNECT] = { "connect", "connect" },
        [OPERATION_SETTLE] = { "settle", "connect" },
        [OPERATION_DISCONNECT] = { "disconnect", "disconnect" },
        [OPERATION_REGISTER] = { "register", "register" },
        [OPERATION_DEREGISTER] = { "deregister", "deregister" },
        [OPERATION_READ_SUPPORTED_LOGS] = { "read-supported-logs", "read supported logs" },
        [OPERATION_READ_LOG] = { "read-log", "read log" },
        [OPERATION_READ_DEVICE] = { "read-device", "look" },
        [OPERATION_SCAN] = { "scan", "scan" },
        [OPERATION_WATCH_IO] = { "watch-io", "watch reads and writes" },
        [OPERATION_READ_OPTIONS] = { "read-options", "read options" },
        [OPERATION_FORGET_OWNER] = { "forget-owner", "forget owner" },
        [OPERATION_CLAIM_OWNER] = { "claim-owner", "claim owner" },
        [OPERATION_RESCAN] = { "rescan", "look for namespaces" },
        [OPERATION_RESOLVE] = { "resolve", "resolve" },
        [OPERATION_SAVE] = { "save", "save" },
};

const char *operation_to_string(Operation o)
{
        return operations[o].name;
}

Operation operation_from_string(const char *name)
{
        for (Operation o = 0; o < _OPERATION_MAX; o++)
                if (streq(operations[o].name, name))
                        return o;
        return _OPERATION_INVALID;
}

const char *operation_to_words(Operation o)
{
        return operations[o].words;
}

void completion_done(Completion *c)
{
        (void) discovery_log_free(c->log);
        (void) device_free(c->device);
        for (size_t i = 0; i < c->n_devices; i++)
                (void) device_free(c->devices[i]);
        free(c->devices);
        free(c->used_by);
        free(c->address);
        *c = (Completion) { 0 };
}
