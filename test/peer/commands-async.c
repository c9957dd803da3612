/* SPDX-License-Identifier: Apache-2.0 */

/* Asynchronous Event Request and Keep Alive (NVM Express Base Specification 2.x, clauses 5.1.2 and
 * 5.1.14). The only supported event is a change of the discovery log page. */

#include <string.h>

#include "peer/commands.h"

enum {
        /* type notice, information F0h, log page 70h */
        EVENT_DISCOVERY_LOG = 0x02 | 0xf0 << 8 | 0x70 << 16,
};
#define CONFIG_DISCOVERY_LOG (UINT32_C(1) << 31)

static void send_event(Session *s)
{
        if (!s->event_pending || s->n_event_requests == 0)
                return;
        uint16_t cid = s->event_requests[0];
        s->n_event_requests--;
        memmove(s->event_requests, s->event_requests + 1,
                s->n_event_requests * sizeof(s->event_requests[0]));
        s->event_pending = false;
        s->event_masked = true;
        session_complete(s, cid, STATUS_SUCCESS, EVENT_DISCOVERY_LOG);
}

bool session_notify(Session *s, bool is_forced)
{
        if (s->state != SESSION_CONNECTED)
                return false;
        if (is_forced ? s->n_event_requests == 0
                      : s->event_masked || !(s->event_config & CONFIG_DISCOVERY_LOG))
                return false;
        s->event_pending = true;
        send_event(s);
        return true;
}

void events_forget(Session *s)
{
        s->event_config = 0;
        s->n_event_requests = 0;
        s->event_pending = s->event_masked = false;
}

void events_log_was_read(Session *s)
{
        s->event_pending = s->event_masked = false;
}

void execute_async_event(Session *s, const Command *c, Reply *r)
{
        if (s->n_event_requests > AERL) {
                r->status = STATUS_ASYNC_LIMIT | STATUS_DO_NOT_RETRY;
                return;
        }
        s->event_requests[s->n_event_requests++] = c->cid;
        r->is_held = true;
        send_event(s);
}

void execute_keep_alive(Session *s, const Command *c, Reply *r)
{
        /* Any command restarts the keep-alive timer: session.c. */
}
