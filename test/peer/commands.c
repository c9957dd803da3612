/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/commands.h"

static void describe_unknown(const Command *c, TextBuffer *b)
{
        text_buffer_printf(b, "opcode=0x%02x fctype=0x%02x", c->opcode, c->fctype);
}

static void execute_unknown(Session *s, const Command *c, Reply *r)
{
        r->status = STATUS_INVALID_OPCODE | STATUS_DO_NOT_RETRY;
}

static const CommandKind fabrics_commands[] = {
        { "connect", OPCODE_FABRICS, FABRICS_CONNECT, STEP_CONNECT, PHASE_CONNECT, describe_connect,
          execute_connect },
        { "property-get", OPCODE_FABRICS, FABRICS_PROPERTY_GET, STEP_PROPERTY, PHASE_CONNECTED,
          describe_property, execute_property_get },
        { "property-set", OPCODE_FABRICS, FABRICS_PROPERTY_SET, STEP_PROPERTY, PHASE_CONNECTED,
          describe_property, execute_property_set },
        { "disconnect", OPCODE_FABRICS, FABRICS_DISCONNECT, STEP_OTHER, PHASE_CONNECTED, NULL,
          execute_disconnect },
};

static const CommandKind admin_commands[] = {
        { "identify", OPCODE_IDENTIFY, 0, STEP_IDENTIFY, PHASE_READY, describe_identify,
          execute_identify },
        { "get-log", OPCODE_GET_LOG_PAGE, 0, STEP_LOG, PHASE_READY, describe_log, execute_get_log },
        { "get-features", OPCODE_GET_FEATURES, 0, STEP_FEATURES, PHASE_READY, describe_feature,
          execute_get_features },
        { "set-features", OPCODE_SET_FEATURES, 0, STEP_FEATURES, PHASE_READY, describe_feature,
          execute_set_features },
        { "async-event", OPCODE_ASYNC_EVENT, 0, STEP_ASYNC, PHASE_READY, NULL,
          execute_async_event },
        { "keep-alive", OPCODE_KEEP_ALIVE, 0, STEP_KEEP_ALIVE, PHASE_READY, NULL,
          execute_keep_alive },
        { "dim", OPCODE_DIM, 0, STEP_DIM, PHASE_READY, describe_dim, execute_dim },
};

static const CommandKind unknown_command = {
        .name = "unknown",
        .step = STEP_OTHER,
        .phase = PHASE_CONNECTED,
        .describe = describe_unknown,
        .execute = execute_unknown,
};

/* Log page 00h, which lists the others, has a step of its own: it may fail while they do not. */
static const CommandKind supported_logs = {
        .name = "get-log",
        .opcode = OPCODE_GET_LOG_PAGE,
        .step = STEP_SUPPORTED_LOGS,
        .phase = PHASE_READY,
        .describe = describe_log,
        .execute = execute_get_log,
};

const CommandKind *command_kind(const Command *c)
{
        if (c->opcode == OPCODE_FABRICS) {
                for (size_t i = 0; i < ELEMENTSOF(fabrics_commands); i++)
                        if (fabrics_commands[i].fctype == c->fctype)
                                return &fabrics_commands[i];
                return &unknown_command;
        }
        if (c->opcode == OPCODE_GET_LOG_PAGE && (command_dword(c, 10) & 0xff) == 0)
                return &supported_logs;
        for (size_t i = 0; i < ELEMENTSOF(admin_commands); i++)
                if (admin_commands[i].opcode == c->opcode)
                        return &admin_commands[i];
        return &unknown_command;
}
