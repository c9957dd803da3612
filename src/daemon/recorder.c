/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/recorder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "codec/recording.h"
#include "daemon/log.h"
#include "exec/spool.h"
#include "io/fd.h"

/* Maximum amount of data waiting to be written. */
#define WAITING_MAX ((size_t) 8 * 1024 * 1024)
/* How long the daemon waits for the file when it ends. */
#define FLUSH_USEC (1 * USEC_PER_SEC)

struct Recorder {
        Spool *spool;
        char *path;
        size_t size; /* of the file, once everything is written */
        bool ended;
};

/* ---- lines ---- */

static void recorder_end(Recorder *r, usec_t now, const char *reason)
{
        _cleanup_free_ char *line = recording_encode_end(now, reason);

        r->ended = true;
        if (line && spool_append_last(r->spool, line, strlen(line)) == 0)
                (void) spool_append_last(r->spool, "\n", 1); /* the line is valid without it too */
}

static void recorder_give_up(Recorder *r, usec_t now, int error)
{
        const char *reason = error == -EFBIG     ? "it has reached its maximum size"
                             : error == -ENOBUFS ? "the file is written too slowly"
                                                 : strerror(-error);

        log_warning(MESSAGE_RECORDING_ENDED, "The recording %s ends: %s", r->path, reason);
        recorder_end(r, now, reason);
}

static int append(Recorder *r, const char *text)
{
        size_t n = strlen(text);

        if (n > RECORDING_SIZE_MAX - MIN(r->size, RECORDING_SIZE_MAX))
                return -EFBIG;
        int q = spool_append(r->spool, text, n);
        if (q >= 0)
                r->size += n;
        return q;
}

/* Takes ownership of line; NULL: out of memory. */
static void add(Recorder *r, usec_t now, char *taken)
{
        _cleanup_free_ char *line = taken;

        int q = line ? append(r, line) : -ENOMEM;
        if (q >= 0)
                q = append(r, "\n");
        if (q < 0)
                recorder_give_up(r, now, q);
}

void recorder_input(Recorder *r, const EngineInput *in)
{
        if (r && !r->ended)
                add(r, in->now, recording_encode_input(in));
}

static int describe_actions(const Plan *plan, PropertiesList *l)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_actions; i++) {
                Properties *p = properties_list_add(l);
                r = p ? action_describe(&plan->actions[i], p) : -ENOMEM;
        }
        return r;
}

void recorder_plan(Recorder *r, usec_t now, const Plan *plan)
{
        _cleanup_properties_list_ PropertiesList l = { 0 };

        if (!r || r->ended)
                return;
        int q = describe_actions(plan, &l);
        add(r, now, q < 0 ? NULL : recording_encode_plan(now, &l));
}

void recorder_lost(Recorder *r, usec_t now)
{
        if (r && !r->ended)
                recorder_give_up(r, now, -ENOMEM);
}

/* ---- its file ---- */

/* A run that was killed may have left an incomplete line. */
static int begin_line(int fd, size_t size)
{
        char last;

        if (size == 0)
                return 0;
        ssize_t n = pread(fd, &last, 1, (off_t) size - 1);
        if (n < 0)
                return -errno;
        return n == 1 && last != '\n' ? fd_write_all(fd, "\n", 1) : 0;
}

static int open_file(const char *path, size_t *ret_size)
{
        struct stat st;

        /* Not a pipe or a terminal, on which opening could block. */
        _cleanup_fd_ int fd =
                open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        int r = begin_line(fd, (size_t) st.st_size);
        if (r < 0)
                return r;
        *ret_size = (size_t) st.st_size + 1;
        return fd_take(&fd);
}

static usec_t realtime_now(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / 1000;
}

int recorder_new(const char *path, const char *program, const Policy *policy, usec_t now,
                 Recorder **ret)
{
        _cleanup_free_ Recorder *r = calloc(1, sizeof(*r));
        _cleanup_free_ char *copy = strdup(path), *name = NULL;

        if (!r || !copy || asprintf(&name, "%s %s", program, PROJECT_VERSION) < 0)
                return -ENOMEM;
        int fd = open_file(path, &r->size);
        if (fd < 0)
                return fd;
        const SpoolConfig config = { .thread_name = "stas-spool", .n_max = WAITING_MAX, .fd = fd };
        int q = spool_new(&config, &r->spool);
        if (q < 0)
                return q;
        r->path = TAKE_PTR(copy);
        add(r, now, recording_encode_start(name, realtime_now(), now, policy));
        *ret = TAKE_PTR(r);
        return 0;
}

Recorder *recorder_free(Recorder *r, usec_t now)
{
        if (!r)
                return NULL;
        if (!r->ended)
                recorder_end(r, now, "the daemon has stopped");
        (void) spool_free(r->spool, FLUSH_USEC);
        free(r->path);
        free(r);
        return NULL;
}
