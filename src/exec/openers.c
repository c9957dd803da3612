/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/openers.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "exec/clock.h"
#include "exec/open_devices.h"
#include "io/fd.h"

enum {
        TIMEOUT_SEC = 30,
        ANSWER_MAX = 8 * 1024 * 1024
};
/* A positive answer for hundreds of devices is reused instead of being queried for each of them. */
#define OPENERS_REUSE (4 * USEC_PER_SEC)

void openers_init(Openers *o, const char *path)
{
        *o = (Openers) { .path = path };
        (void) pthread_mutex_init(&o->lock, NULL);
}

void openers_done(Openers *o)
{
        (void) pthread_mutex_destroy(&o->lock);
        free(o->answer);
}

static int connect_to(const char *path)
{
        const struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
            (int) sizeof(address.sun_path))
                return -ENAMETOOLONG;
        _cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
            connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        return fd_take(&fd);
}

static bool openers_is_whole(const TextBuffer *b)
{
        size_t n = strlen(OPEN_DEVICES_END);
        return b->length >= n && streq(b->data + b->length - n, OPEN_DEVICES_END);
}

/* An answer without the end marker comes from a process that was killed: it is incomplete. */
static int openers_ask(const char *path, char **ret)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const usec_t deadline = usec_add(now_monotonic(), TIMEOUT_SEC * USEC_PER_SEC);
        char bytes[4096];
        ssize_t n;

        _cleanup_fd_ int fd = connect_to(path);
        if (fd < 0)
                return fd;
        while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
                if (b.length > ANSWER_MAX)
                        return -E2BIG;
                if (now_monotonic() > deadline)
                        return -ETIMEDOUT;
                text_buffer_append_bytes(&b, bytes, (size_t) n);
        }
        if (n < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (!b.failed && !openers_is_whole(&b))
                return -EPIPE;
        *ret = text_buffer_take(&b);
        return *ret ? 0 : -ENOMEM;
}

/* Formats the process after "NUMBER " in a line as "1234 (comm)". */
static int name_process(const char *process, const char *before, const char *words, char **ret_why)
{
        int pid_length = (int) strcspn(process, " \n");
        const char *name = process + pid_length + (process[pid_length] == ' ');
        int r = asprintf(ret_why, "%s: %s %.*s (%.*s)", before, words, pid_length, process,
                         (int) strcspn(name, "\n"), name);
        if (r < 0)
                return -ENOMEM;
        text_make_printable(*ret_why);
        return 0;
}

/* Returns the rest of the line that begins with the text and a space, or NULL. */
static const char *line_after(const char *line, const char *text)
{
        const char *rest = text_after(line, text);
        return rest && *rest == ' ' ? rest + 1 : NULL;
}

static int find_node(const char *line, const DiskNodes *nodes, char **ret_why)
{
        for (size_t i = 0; i < nodes->n; i++) {
                const DiskNode *node = &nodes->nodes[i];
                const char *process = node->is_controller ? NULL : line_after(line, node->number);
                if (!process)
                        continue;
                int r = name_process(process, node->name, "in use by", ret_why);
                return r < 0 ? r : 1;
        }
        return 0;
}

/* Returns 1 if found, 0 if no process has it open, -EACCES if one may have. */
static int find_in(const char *answer, const DiskNodes *nodes, char **ret_why)
{
        const char *hidden = NULL;

        for (const char *line = answer; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                int r = find_node(line, nodes, ret_why);
                if (r != 0)
                        return r;
                if (!hidden)
                        hidden = line_after(line, "?");
        }
        if (!hidden)
                return 0;
        int r = name_process(hidden + strcspn(hidden, " \n") + 1, nodes->nodes[0].name,
                             "the processes that have it open cannot be determined: it may be",
                             ret_why);
        return r < 0 ? r : -EACCES;
}

static void refresh(Openers *o)
{
        free(o->answer);
        o->answer = NULL;
        o->asked_at = now_monotonic();
        o->error = openers_ask(o->path, &o->answer);
}

static int no_answer(const Openers *o, const DiskNodes *nodes, char **ret_why)
{
        return asprintf(ret_why,
                        "%s: the processes that have it open cannot be determined: %s "
                        "(stas-open-devices.socket)",
                        nodes->nodes[0].name, text_or(strerrorname_np(-o->error), "?")) < 0
                       ? -ENOMEM
                       : o->error;
}

static int openers_look(const Openers *o, const DiskNodes *nodes, char **ret_why)
{
        return o->answer ? find_in(o->answer, nodes, ret_why) : no_answer(o, nodes, ret_why);
}

int openers_find(Openers *o, const DiskNodes *nodes, usec_t since, char **ret_why)
{
        (void) pthread_mutex_lock(&o->lock);
        bool was_asked_since = o->asked_at != 0 && o->asked_at >= since;
        bool was_asked_lately =
                o->asked_at != 0 && usec_add(o->asked_at, OPENERS_REUSE) > now_monotonic();
        /* A cached answer may show that a device is in use or undetermined, but never that it is
         * unused, as it may have been opened since. */
        int r = was_asked_since || was_asked_lately ? openers_look(o, nodes, ret_why) : 0;
        if (r == 0 && !was_asked_since) {
                refresh(o);
                r = openers_look(o, nodes, ret_why);
        }
        (void) pthread_mutex_unlock(&o->lock);
        return r;
}
