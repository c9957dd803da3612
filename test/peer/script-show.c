/* SPDX-License-Identifier: Apache-2.0 */

/* State and journal of the peer, as JSON. */

#include <inttypes.h>

#include "peer/script-internal.h"
#include "peer/session.h"

static const char *session_state_to_string(SessionState state)
{
        static const char *const table[] = {
                [SESSION_NEW] = "new",
                [SESSION_INITIALIZED] = "initialized",
                [SESSION_CONNECTED] = "connected",
                [SESSION_ENDING] = "ending",
                [SESSION_RESET] = "reset",
        };
        return table[state];
}

static void put_host(const Session *s, TextBuffer *b)
{
        text_buffer_printf(b, "{\"id\":%" PRIu64 ",\"state\":\"%s\",\"stalled\":%s,\"cntlid\":%u",
                           session_id(s), session_state_to_string(session_state(s)),
                           session_is_stalled(s) ? "true" : "false", session_cntlid(s));
        text_buffer_append(b, ",\"hostnqn\":");
        json_put_text(b, session_hostnqn(s));
        text_buffer_append(b, "}");
}

static void put_model(const Model *m, TextBuffer *b)
{
        text_buffer_append(b, "{\"nqn\":");
        json_put_text(b, m->nqn);
        text_buffer_append(b, ",\"serial\":");
        json_put_text(b, m->serial);
        text_buffer_printf(b, ",\"dctype\":%u,\"static\":%s,\"events\":%s,\"genctr\":%" PRIu64,
                           m->dctype, m->is_static ? "true" : "false",
                           m->tells_changes ? "true" : "false", m->genctr);
        text_buffer_append(b, ",\"entries\":[");
        for (size_t i = 0; i < m->n_entries; i++) {
                text_buffer_append(b, i > 0 ? "," : "");
                entry_put_json(&m->entries[i], b);
        }
        text_buffer_append(b, "]");
}

static void answer_json(Script *s, TextBuffer *b)
{
        _cleanup_free_ char *text = text_buffer_take(b);
        if (text)
                script_ok(s, "%s", text);
        else
                script_fail(s, "out of memory");
}

void script_show(Script *s)
{
        const Peer *p = s->peer;
        TextBuffer b = { 0 };
        put_model(&p->model, &b);
        text_buffer_append(&b, ",\"hosts\":[");
        for (size_t i = 0; i < p->n_sessions; i++) {
                text_buffer_append(&b, i > 0 ? "," : "");
                put_host(p->sessions[i], &b);
        }
        text_buffer_append(&b, "],\"registrations\":[");
        for (size_t i = 0; i < p->registrations.n_items; i++) {
                _cleanup_text_buffer_ TextBuffer text = { 0 };
                registration_describe(&p->registrations.items[i], &text);
                text_buffer_append(&b, i > 0 ? "," : "");
                json_put_text(&b, text.failed ? "" : text.data);
        }
        text_buffer_append(&b, "]}");
        answer_json(s, &b);
}

void script_log(Script *s)
{
        const Journal *j = &s->peer->journal;
        TextBuffer b = { 0 };
        text_buffer_append(&b, "[");
        for (uint64_t i = j->first; i < j->n_added; i++) {
                text_buffer_append(&b, i > j->first ? "," : "");
                json_put_text(&b, j->lines[i % JOURNAL_MAX]);
        }
        text_buffer_append(&b, "]");
        answer_json(s, &b);
}

void script_log_clear(Script *s)
{
        journal_clear(&s->peer->journal);
        script_ok(s, "%s", "");
}
