/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/notify.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/text.h"
#include "daemon/log.h"
#include "exec/spool.h"

#define WAITING_MAX ((size_t) 64 * 1024)
#define FLUSH_USEC (100 * USEC_PER_MSEC)

static Spool *spool; /* NULL without systemd, or without a thread, in which case sending blocks */

/* Each is a string. */
static void send_all(const char *states, size_t n, unsigned n_refused)
{
        for (const char *s = states; s < states + n; s += strlen(s) + 1)
                (void) sd_notify(false, s);
}

void notify_start(void)
{
        const SpoolConfig config = {
                .thread_name = "stas-notify",
                .n_max = WAITING_MAX,
                .fd = -1,
                .deliver = send_all,
        };

        if (getenv("NOTIFY_SOCKET"))
                (void) spool_new(&config, &spool);
}

void notify_state(const char *state)
{
        if (spool)
                (void) spool_append_last(spool, state, strlen(state) + 1);
        else
                (void) sd_notify(false, state);
}

void notify_status(const char *text)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "STATUS=%s", text);
        if (b.failed)
                return;
        if (!spool)
                (void) sd_notify(false, b.data);
        else if (spool_append(spool, b.data, b.length + 1) < 0)
                log_warning(MESSAGE_NOTIFY_FAILED,
                            "systemd does not accept messages; missing in the status: %s", text);
}

void notify_stop(void)
{
        spool = spool_free(spool, FLUSH_USEC);
}
