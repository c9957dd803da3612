/* SPDX-License-Identifier: Apache-2.0 */

/* Discovery Information Management (TP8010; NVM Express Base Specification 2.x, clause 5.3.3). */

#include "peer/commands.h"

static unsigned task_of(const Command *c)
{
        return command_dword(c, 10) & 0xf;
}

/* Decodes the in-capsule data; returns a description of the error, if any. */
static const char *get_registration(const Command *c, Registration *ret)
{
        const uint8_t *data;
        if (command_in_capsule(c, 0, &data) != STATUS_SUCCESS)
                return "no data in the capsule";
        return registration_decode(data, c->sgl_length, ret);
}

void describe_dim(const Command *c, TextBuffer *b)
{
        static const char *const tasks[] = {
                [TASK_REGISTER] = "register",
                [TASK_DEREGISTER] = "deregister",
                [TASK_UPDATE] = "update",
        };
        Registration r;
        if (task_of(c) < ELEMENTSOF(tasks))
                text_buffer_append(b, tasks[task_of(c)]);
        else
                text_buffer_printf(b, "task=%u", task_of(c));
        const char *wrong = get_registration(c, &r);
        if (wrong)
                text_buffer_printf(b, " malformed: %s", wrong);
        else {
                text_buffer_append(b, " ");
                registration_describe(&r, b);
        }
}

void execute_dim(Session *s, const Command *c, Reply *r)
{
        Registration of;
        if (s->peer->model.dctype == DC_TYPE_NOT_REPORTED) {
                r->status = STATUS_INVALID_OPCODE | STATUS_DO_NOT_RETRY;
                return;
        }
        if (task_of(c) > TASK_UPDATE || get_registration(c, &of)) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        switch (registrations_apply(&s->peer->registrations, task_of(c), &of)) {
        case 0:
                return;
        case -ENOENT:
                r->status = STATUS_DISCOVERY_INFORMATION | STATUS_DO_NOT_RETRY;
                return;
        default:
                r->status = STATUS_DISCOVERY_RESOURCES;
        }
}
