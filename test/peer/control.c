/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/control.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer/bytes.h"
#include "peer/script.h"

struct Control {
        Loop *loop;
        Peer *peer;
        Watch watch;
        Bytes in;
        TextBuffer out;
        size_t n_sent; /* of out */
        bool is_ended; /* no more input */
        bool is_over;
};

static void execute_lines(Control *c)
{
        uint8_t *end;
        while (c->in.length > 0 && (end = memchr(c->in.data, '\n', c->in.length))) {
                *end = '\0';
                script_execute(c->peer, (char *) c->in.data, loop_now(), &c->out);
                bytes_consume(&c->in, (size_t) (end - c->in.data) + 1);
        }
        if (c->in.length > SCRIPT_LINE_MAX || c->in.failed || c->out.failed)
                c->is_over = true;
}

static void handle_event(void *userdata, uint32_t events)
{
        Control *c = userdata;
        uint8_t buf[4096];
        if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
                return;
        ssize_t n = recv(c->watch.fd, buf, sizeof(buf), 0);
        if (n < 0) {
                c->is_over = errno != EAGAIN && errno != EINTR;
                return;
        }
        c->is_ended = n == 0;
        bytes_append(&c->in, buf, (size_t) n);
        execute_lines(c);
}

int control_new(Loop *loop, Peer *peer, int fd, Control **ret)
{
        Control *c = calloc(1, sizeof(*c));
        if (!c) {
                (void) close(fd);
                return -ENOMEM;
        }
        c->loop = loop;
        c->peer = peer;
        c->watch = (Watch) { .fd = fd, .events = EPOLLIN, .handler = handle_event, .userdata = c };
        int r = loop_add(loop, &c->watch);
        if (r < 0) {
                (void) control_free(c);
                return r;
        }
        *ret = c;
        return 0;
}

Control *control_free(Control *c)
{
        if (!c)
                return NULL;
        loop_remove(c->loop, &c->watch);
        bytes_done(&c->in);
        text_buffer_done(&c->out);
        free(c);
        return NULL;
}

bool control_update(Control *c)
{
        while (!c->is_over && c->n_sent < c->out.length) {
                ssize_t n = send(c->watch.fd, c->out.data + c->n_sent, c->out.length - c->n_sent,
                                 MSG_NOSIGNAL);
                if (n < 0 && errno == EAGAIN)
                        return loop_set_events(c->loop, &c->watch, EPOLLOUT) == 0;
                if (n < 0 && errno != EINTR)
                        c->is_over = true;
                c->n_sent += n > 0 ? (size_t) n : 0;
        }
        if (c->is_over || c->is_ended)
                return false;
        text_buffer_done(&c->out);
        c->n_sent = 0;
        return loop_set_events(c->loop, &c->watch, EPOLLIN) == 0;
}

static int read_answer(int fd, char **ret)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        char buf[4096];
        for (;;) {
                ssize_t n = recv(fd, buf, sizeof(buf), 0);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -ECONNRESET;
                text_buffer_append_bytes(&b, buf, (size_t) n);
                if (b.failed)
                        return -ENOMEM;
                char *end = strchr(b.data, '\n');
                if (end) {
                        *end = '\0';
                        *ret = text_buffer_take(&b);
                        return *ret ? 0 : -ENOMEM;
                }
        }
}

static int ask(int fd, const char *path, const char *line, char **ret)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;

        size_t n = strlen(line);
        if (send(fd, line, n, MSG_NOSIGNAL) != (ssize_t) n || send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
                return -EPIPE;
        return read_answer(fd, ret);
}

int control_ask(const char *path, const char *line, char **ret)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        int r = ask(fd, path, line, ret);
        (void) close(fd);
        return r;
}
