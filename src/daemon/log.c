/* SPDX-License-Identifier: Apache-2.0 */

/* Where in the source a message comes from says nothing to its reader. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/text.h"

/* One sink for the process, set up before the loop starts; only the loop's thread logs. */
static struct {
        const char *name;
        bool journal, debug;
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

void log_set_debug(bool on)
{
        sink.debug = on;
}

bool log_get_debug(void)
{
        return sink.debug;
}

static void log_fields(int priority, const Controller *c, const char *text)
{
        const Device *device = controller_device(c);

        (void) sd_journal_send(
                "MESSAGE=%s", text, "PRIORITY=%i", priority, "SYSLOG_IDENTIFIER=%s", sink.name,
                "SUBSYSNQN=%s", device ? device->tid->subsysnqn : c->tid->subsysnqn, "TRADDR=%s",
                c->tid->traddr, "NVME_DEVICE=nvme%i", c->node ? c->node->instance : -1, NULL);
}

static void log_text(int priority, const Controller *c, const char *text)
{
        if (!sink.journal)
                (void) fprintf(stderr, "%s: %s\n", sink.name, text);
        else if (c && c->node)
                log_fields(priority, c, text);
        else if (c)
                (void) sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", priority,
                                       "SYSLOG_IDENTIFIER=%s", sink.name, "SUBSYSNQN=%s",
                                       c->tid->subsysnqn, "TRADDR=%s", c->tid->traddr, NULL);
        else
                (void) sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", priority,
                                       "SYSLOG_IDENTIFIER=%s", sink.name, NULL);
}

_printf_(3, 0) static void log_va(int priority, const Controller *c, const char *format, va_list ap)
{
        _cleanup_free_ char *text = NULL;

        if (priority == LOG_DEBUG && !sink.debug)
                return;
        if (vasprintf(&text, format, ap) < 0)
                return;
        text_make_lines_printable(text);
        log_text(priority, c, text);
}

void log_message(int priority, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(priority, NULL, format, ap);
        va_end(ap);
}

void log_controller(int priority, const Controller *c, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(priority, c, format, ap);
        va_end(ap);
}
