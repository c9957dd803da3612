/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct Connection {
        Loop *loop;
        Watch watch;
        Session *session;
        bool is_over;
};

static void receive(Connection *c)
{
        uint8_t buf[65536];
        ssize_t n = recv(c->watch.fd, buf, sizeof(buf), 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0 || session_feed(c->session, buf, (size_t) n, loop_now()) < 0)
                c->is_over = true;
}

static void handle_event(void *userdata, uint32_t events)
{
        Connection *c = userdata;
        if (events & EPOLLIN)
                receive(c);
        else if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
                c->is_over = true;
}

/* Sets the address after the one the host connected to: also ours if we listen on 0.0.0.0. */
static int set_next_address(const Connection *c)
{
        struct sockaddr_in local = { 0 };
        socklen_t n = sizeof(local);
        char text[INET_ADDRSTRLEN];

        if (getsockname(c->watch.fd, (struct sockaddr *) &local, &n) < 0)
                return -errno;
        if (local.sin_family != AF_INET)
                return 0;
        local.sin_addr.s_addr = htonl(ntohl(local.sin_addr.s_addr) + 1);
        if (!inet_ntop(AF_INET, &local.sin_addr, text, sizeof(text)))
                return -errno;
        return session_set_next_address(c->session, text);
}

int connection_new(Loop *loop, Peer *peer, int fd, Connection **ret)
{
        Connection *c = calloc(1, sizeof(*c));
        if (!c) {
                (void) close(fd);
                return -ENOMEM;
        }
        c->loop = loop;
        c->watch = (Watch) {
                .fd = fd,
                .events = EPOLLIN | EPOLLRDHUP,
                .handler = handle_event,
                .userdata = c,
        };
        int r = session_new(peer, loop_now(), &c->session);
        if (r == 0)
                r = set_next_address(c);
        if (r == 0)
                r = loop_add(loop, &c->watch);
        if (r < 0) {
                connection_free(c);
                return r;
        }
        *ret = c;
        return 0;
}

Connection *connection_free(Connection *c)
{
        if (!c)
                return NULL;
        if (c->session && session_state(c->session) == SESSION_RESET) {
                struct linger at_once = { .l_onoff = 1 };
                (void) setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        }
        loop_remove(c->loop, &c->watch);
        (void) session_free(c->session);
        free(c);
        return NULL;
}

/* Returns false if the connection is broken. */
static bool flush(Connection *c)
{
        for (;;) {
                size_t n;
                const uint8_t *data = session_output(c->session, &n);
                if (n == 0)
                        return true;
                ssize_t n_sent = send(c->watch.fd, data, n, MSG_NOSIGNAL);
                if (n_sent < 0)
                        return errno == EAGAIN || errno == EINTR;
                session_sent(c->session, (size_t) n_sent);
        }
}

bool connection_update(Connection *c)
{
        session_expire(c->session, loop_now());
        if (c->is_over || session_state(c->session) == SESSION_RESET || !flush(c))
                return false;

        size_t n_left;
        (void) session_output(c->session, &n_left);
        if (session_state(c->session) >= SESSION_ENDING && n_left == 0)
                return false;
        uint32_t events = EPOLLRDHUP;
        events |= session_wants_input(c->session) ? EPOLLIN : 0;
        events |= n_left > 0 ? EPOLLOUT : 0;
        return loop_set_events(c->loop, &c->watch, events) == 0;
}

usec_t connection_deadline(const Connection *c)
{
        return session_deadline(c->session);
}
