/* SPDX-License-Identifier: Apache-2.0 */

/* Where in the source a message comes from says nothing to its reader. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/text.h"
#include "exec/spool.h"
#include "io/fd.h"

/* What may wait for the journal: some messages about each of thousands of controllers. */
#define WAITING_MAX ((size_t) 4 * 1024 * 1024)
/* How long the daemon's end waits for it. */
#define FLUSH_USEC (1 * USEC_PER_SEC)

enum {
        FIELDS_MAX = 8
};

/* One sink for the process, set up before the loop starts; only the loop's thread logs. */
static struct {
        const char *name;
        bool journal, debug;
        Spool *spool;    /* NULL: who logs waits until it is done */
        unsigned n_lost; /* messages, not told yet; of the thread that delivers */
} sink = { .name = "nvme-stas" };

/* systemd tells which stream it connected to the journal (systemd.exec(5), $JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
        const char *s = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return s && sscanf(s, "%llu:%llu", &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *name, bool to_syslog)
{
        sink.name = name;
        sink.journal = to_syslog || stderr_is_journal();
}

/* ---- a message is a sequence of strings, fields of the journal or one text; "" ends it ---- */

static void end_string(TextBuffer *b)
{
        text_buffer_append_bytes(b, "", 1);
}

static void add_controller_fields(TextBuffer *b, const Row *row)
{
        const Device *device = row_device(row);

        text_buffer_printf(b, "SUBSYSNQN=%s",
                           device ? device->tid->subsysnqn : row->tid->subsysnqn);
        end_string(b);
        text_buffer_printf(b, "TRADDR=%s", row->tid->traddr);
        end_string(b);
        if (!row->node)
                return;
        text_buffer_printf(b, "NVME_DEVICE=nvme%i", row->node->instance);
        end_string(b);
}

static void encode(TextBuffer *b, const char *id, int priority, const Row *row, const char *text)
{
        if (sink.journal) {
                text_buffer_printf(b, "MESSAGE=%s", text);
                end_string(b);
                text_buffer_printf(b, "PRIORITY=%i", priority);
                end_string(b);
                text_buffer_printf(b, "SYSLOG_IDENTIFIER=%s", sink.name);
                end_string(b);
                if (id) {
                        text_buffer_printf(b, "MESSAGE_ID=%s", id);
                        end_string(b);
                }
                if (row)
                        add_controller_fields(b, row);
        } else {
                text_buffer_printf(b, "%s: %s\n", sink.name, text);
                end_string(b);
        }
        end_string(b);
}

/* ---- what may wait ---- */

static bool deliver(const char *message)
{
        struct iovec fields[FIELDS_MAX];
        int n_fields = 0;

        if (!sink.journal)
                return fd_write_all(STDERR_FILENO, message, strlen(message)) >= 0;
        for (const char *s = message; *s && n_fields < FIELDS_MAX; s += strlen(s) + 1)
                fields[n_fields++] =
                        (struct iovec) { .iov_base = (char *) s, .iov_len = strlen(s) };
        return sd_journal_sendv(fields, n_fields) >= 0;
}

static void tell_lost(void)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        char text[64];

        if (sink.n_lost == 0)
                return;
        (void) snprintf(text, sizeof(text),
                        sink.n_lost == 1 ? "%u message was not logged"
                                         : "%u messages were not logged",
                        sink.n_lost);
        encode(&b, MESSAGE_MESSAGES_LOST, LOG_WARNING, NULL, text);
        if (!b.failed && deliver(b.data))
                sink.n_lost = 0;
}

static void deliver_all(const char *messages, size_t n, unsigned n_refused)
{
        const char *end = messages + n;

        for (const char *s = messages; s < end; s++) {
                tell_lost();
                if (!deliver(s))
                        sink.n_lost++;
                while (*s)
                        s += strlen(s) + 1;
        }
        sink.n_lost += n_refused;
        tell_lost();
}

void log_start(void)
{
        const SpoolConfig config = {
                .thread_name = "stas-log",
                .n_max = WAITING_MAX,
                .fd = -1,
                .deliver = deliver_all,
        };

        if (spool_new(&config, &sink.spool) < 0)
                log_warning(MESSAGE_INTERNAL_FAILURE,
                            "Cannot create the logging thread: logging may block");
}

void log_stop(void)
{
        sink.spool = spool_free(sink.spool, FLUSH_USEC);
}

/* ---- what does not ---- */

void log_set_debug(bool on)
{
        sink.debug = on;
}

bool log_get_debug(void)
{
        return sink.debug;
}

_printf_(4, 0) static void log_va(const char *id, int priority, const Row *row, const char *format,
                                  va_list ap)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        if (priority == LOG_DEBUG && !sink.debug)
                return;
        if (vasprintf(&text, format, ap) < 0)
                return;
        text_make_lines_printable(text);
        encode(&b, id, priority, row, text);
        if (b.failed)
                return;
        if (sink.spool)
                (void) spool_append(sink.spool, b.data, b.length); /* it counts what it refuses */
        else
                deliver_all(b.data, b.length, 0);
}

void log_message(const char *id, int priority, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(id, priority, NULL, format, ap);
        va_end(ap);
}

void log_controller(const char *id, int priority, const Row *row, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(id, priority, row, format, ap);
        va_end(ap);
}
