/* SPDX-License-Identifier: Apache-2.0 */

/* Get and Set Features: Asynchronous Event Configuration, Keep Alive Timer, Host Behavior Support
 * (NVM Express Base Specification 2.x, clauses 5.1.11 and 5.1.25). */

#include <string.h>

#include "peer/commands.h"

enum {
        FEATURE_EVENT_CONFIG = 0x0b,
        FEATURE_KATO = 0x0f,
        FEATURE_HOST_BEHAVIOR = 0x16,
        SELECT_CURRENT = 0,
};
#define SET_SAVE (UINT32_C(1) << 31)

static unsigned feature_of(const Command *c)
{
        return command_dword(c, 10) & 0xff;
}

void describe_feature(const Command *c, TextBuffer *b)
{
        text_buffer_printf(b, "fid=0x%02x", feature_of(c));
        if (c->opcode == OPCODE_SET_FEATURES)
                text_buffer_printf(b, " value=0x%08x", command_dword(c, 11));
}

static void get_host_behavior(const Session *s, const Command *c, Reply *r)
{
        r->status = (uint16_t) command_takes_data(c, HOST_BEHAVIOR_SIZE);
        if (r->status == STATUS_SUCCESS)
                bytes_append(&r->data, s->host_behavior, HOST_BEHAVIOR_SIZE);
}

void execute_get_features(Session *s, const Command *c, Reply *r)
{
        unsigned select = command_dword(c, 10) >> 8 & 7;
        if (select != SELECT_CURRENT) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        switch (feature_of(c)) {
        case FEATURE_EVENT_CONFIG:
                r->result = s->event_config;
                break;
        case FEATURE_KATO:
                r->result = s->kato_msec;
                break;
        case FEATURE_HOST_BEHAVIOR:
                get_host_behavior(s, c, r);
                break;
        default:
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
        }
}

static void set_host_behavior(Session *s, const Command *c, Reply *r)
{
        const uint8_t *data;
        r->status = (uint16_t) command_in_capsule(c, HOST_BEHAVIOR_SIZE, &data);
        if (r->status == STATUS_SUCCESS)
                memcpy(s->host_behavior, data, HOST_BEHAVIOR_SIZE);
}

void execute_set_features(Session *s, const Command *c, Reply *r)
{
        if (command_dword(c, 10) & SET_SAVE) {
                r->status = STATUS_NOT_SAVEABLE | STATUS_DO_NOT_RETRY;
                return;
        }
        switch (feature_of(c)) {
        case FEATURE_EVENT_CONFIG:
                s->event_config = command_dword(c, 11);
                break;
        case FEATURE_KATO:
                s->kato_msec = command_dword(c, 11);
                break;
        case FEATURE_HOST_BEHAVIOR:
                set_host_behavior(s, c, r);
                break;
        default:
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
        }
}
