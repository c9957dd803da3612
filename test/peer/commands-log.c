/* SPDX-License-Identifier: Apache-2.0 */

/* Get Log Page (NVM Express Base Specification 2.x, clause 5.1.12). */

#include <inttypes.h>
#include <string.h>

#include "peer/commands.h"
#include "peer/log_page.h"

enum {
        LID_SUPPORTED = 0x00,
        LID_DISCOVERY = 0x70,
        SUPPORTED_SIZE = 1024,
        SUPPORTED_LIDSP = 2, /* offset in the dword of a log page */
        SUPPORTED_LSUPP = 1 << 0,
};

static unsigned log_id(const Command *c)
{
        return command_dword(c, 10) & 0xff;
}

static unsigned log_options(const Command *c)
{
        return command_dword(c, 10) >> 8 & 0x7f;
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
                           log_id(c), log_options(c), retains_event(c), log_offset(c),
                           log_length(c));
}

static Status check_log(const Session *s, const Command *c)
{
        if (log_id(c) != LID_DISCOVERY && log_id(c) != LID_SUPPORTED)
                return STATUS_INVALID_LOG;
        if (log_offset(c) % 4 != 0 || log_length(c) > (uint64_t) 4096 << s->peer->model.mdts)
                return STATUS_INVALID_FIELD;
        if (log_id(c) == LID_DISCOVERY && (log_options(c) & ~s->peer->model.log_options))
                return STATUS_INVALID_FIELD;
        return command_takes_data(c, log_length(c));
}

static bool is_of_header(const Command *c)
{
        return log_offset(c) == 0 && log_length(c) <= LOG_PAGE_HEADER_SIZE;
}

/* A storage gateway's: what was made for the first read is handed out until all of it was read, and
 * small reads from its beginning do not count. */
static int read_frozen(Session *s, const LogView *view, uint64_t offset, size_t n, Bytes *b)
{
        enum {
                FREE_MAX = 16
        };
        if (s->frozen.length == 0) {
                const Model *m = &s->peer->model;
                int r = log_page_read(m, view, 0, (size_t) log_page_size(m, view->options),
                                      &s->frozen);
                if (r < 0)
                        return r;
                s->n_frozen_read = 0;
        }
        if (offset > s->frozen.length)
                return -ERANGE;
        uint8_t *out = bytes_extend(b, n);
        if (!out)
                return -ENOMEM;
        memcpy(out, s->frozen.data + offset, MIN(n, s->frozen.length - (size_t) offset));
        s->n_frozen_read += offset == 0 && n <= FREE_MAX ? 0 : n;
        if (s->n_frozen_read == s->frozen.length)
                bytes_done(&s->frozen);
        return 0;
}

static int read_discovery(Session *s, const Command *c, Bytes *b)
{
        const Model *m = &s->peer->model;
        LogView view = { .options = log_options(c), .next = s->next_address };
        uint64_t offset = m->ignores_offsets ? 0 : log_offset(c);
        int r = m->freezes_log ? read_frozen(s, &view, offset, log_length(c), b)
                               : log_page_read(m, &view, offset, log_length(c), b);
        if (r == 0 && m->lies_header && is_of_header(c) && b->length >= LOG_NUMREC + 8)
                put_le64(b->data + LOG_NUMREC, m->header_numrec);
        return r;
}

static int read_supported(const Model *m, uint64_t offset, size_t n, Bytes *b)
{
        uint8_t page[SUPPORTED_SIZE] = { 0 };
        if (offset > sizeof(page))
                return -ERANGE;
        page[LID_SUPPORTED * 4] = page[LID_DISCOVERY * 4] = SUPPORTED_LSUPP;
        put_le16(page + LID_DISCOVERY * 4 + SUPPORTED_LIDSP, (uint16_t) m->log_options);
        uint8_t *out = bytes_extend(b, n);
        if (out)
                memcpy(out, page + offset, MIN((uint64_t) n, sizeof(page) - offset));
        return 0;
}

/* Changes the log while a host reads it. */
static void move(Session *s, const Command *c)
{
        Model *m = &s->peer->model;
        if (m->n_moves == 0 || is_of_header(c))
                return;
        m->n_moves--;
        model_changed(m);
        (void) peer_notify(s->peer, false);
}

void execute_get_log(Session *s, const Command *c, Reply *r)
{
        const Model *m = &s->peer->model;
        bool is_discovery = log_id(c) == LID_DISCOVERY;
        r->status = (uint16_t) check_log(s, c);
        if (r->status != STATUS_SUCCESS) {
                r->status |= STATUS_DO_NOT_RETRY;
                return;
        }
        int q = is_discovery ? read_discovery(s, c, &r->data)
                             : read_supported(m, log_offset(c), log_length(c), &r->data);
        if (q == -ERANGE) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        r->data.length = MIN((uint64_t) r->data.length, m->log_bytes_max);
        if (!is_discovery)
                return;
        if (!retains_event(c))
                events_log_was_read(s);
        move(s, c);
}
