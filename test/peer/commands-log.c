/* SPDX-License-Identifier: Apache-2.0 */

/* Get Log Page (NVM Express Base Specification 2.x, clause 5.1.12). */

#include <inttypes.h>

#include "peer/commands.h"
#include "peer/log_page.h"

enum {
        LID_DISCOVERY = 0x70,
};

static unsigned log_id(const Command *c)
{
        return command_dword(c, 10) & 0xff;
}

static bool retains_event(const Command *c)
{
        return command_dword(c, 10) >> 15 & 1;
}

static uint64_t log_length(const Command *c)
{
        uint32_t numd = command_dword(c, 10) >> 16 | command_dword(c, 11) << 16;
        return ((uint64_t) numd + 1) * 4;
}

static uint64_t log_offset(const Command *c)
{
        return command_dword(c, 12) | (uint64_t) command_dword(c, 13) << 32;
}

void describe_log(const Command *c, TextBuffer *b)
{
        text_buffer_printf(b, "lid=0x%02x lsp=0x%02x rae=%d offset=%" PRIu64 " length=%" PRIu64,
                           log_id(c), command_dword(c, 10) >> 8 & 0x7f, retains_event(c),
                           log_offset(c), log_length(c));
}

static Status check_log(const Command *c)
{
        if (log_id(c) != LID_DISCOVERY)
                return STATUS_INVALID_LOG;
        if (log_offset(c) % 4 != 0 || log_length(c) > TRANSFER_MAX)
                return STATUS_INVALID_FIELD;
        return command_takes_data(c, log_length(c));
}

void execute_get_log(Session *s, const Command *c, Reply *r)
{
        r->status = (uint16_t) check_log(c);
        if (r->status != STATUS_SUCCESS) {
                r->status |= STATUS_DO_NOT_RETRY;
                return;
        }
        if (log_page_read(&s->peer->model, log_offset(c), log_length(c), &r->data) == -ERANGE) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        if (!retains_event(c))
                events_log_was_read(s);
}
