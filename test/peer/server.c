/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/server.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"

typedef struct Listener {
        Server *server;
        Watch watch;
} Listener;

struct Server {
        Loop loop;
        Peer peer;
        Watch signals;
        Listener **listeners;
        size_t n_listeners, n_listeners_allocated;
        Connection **connections;
        size_t n_connections, n_connections_allocated;
        Control **controls;
        size_t n_controls, n_controls_allocated;
};

static void handle_signal(void *userdata, uint32_t events)
{
        Server *s = userdata;
        s->loop.is_over = true;
}

static int watch_signals(Server *s)
{
        sigset_t set;
        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        int fd = signalfd(-1, &set, SFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        s->signals =
                (Watch) { .fd = fd, .events = EPOLLIN, .handler = handle_signal, .userdata = s };
        return loop_add(&s->loop, &s->signals);
}

int server_new(Server **ret)
{
        Server *s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->signals.fd = -1;
        peer_init(&s->peer);
        int r = loop_init(&s->loop);
        if (r < 0) {
                free(s);
                return r;
        }
        r = watch_signals(s);
        if (r < 0) {
                (void) server_free(s);
                return r;
        }
        *ret = s;
        return 0;
}

Server *server_free(Server *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_connections; i++)
                (void) connection_free(s->connections[i]);
        for (size_t i = 0; i < s->n_controls; i++)
                (void) control_free(s->controls[i]);
        for (size_t i = 0; i < s->n_listeners; i++) {
                loop_remove(&s->loop, &s->listeners[i]->watch);
                free(s->listeners[i]);
        }
        free(s->connections);
        free(s->controls);
        free(s->listeners);
        loop_remove(&s->loop, &s->signals);
        loop_done(&s->loop);
        peer_done(&s->peer);
        free(s);
        return NULL;
}

Peer *server_peer(Server *s)
{
        return &s->peer;
}

static int accept_one(const Listener *l)
{
        return accept4(l->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* On failure the connection is closed, which the host will notice. */
static void handle_host(void *userdata, uint32_t events)
{
        const Listener *l = userdata;
        Server *s = l->server;
        Connection *c;
        int fd = accept_one(l);
        if (fd < 0)
                return;
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof(int));
        if (ARRAY_RESERVE(s->connections, s->n_connections_allocated, s->n_connections + 1) < 0)
                (void) close(fd);
        else if (connection_new(&s->loop, &s->peer, fd, &c) == 0)
                s->connections[s->n_connections++] = c;
}

static void handle_control(void *userdata, uint32_t events)
{
        const Listener *l = userdata;
        Server *s = l->server;
        Control *c;
        int fd = accept_one(l);
        if (fd < 0)
                return;
        if (ARRAY_RESERVE(s->controls, s->n_controls_allocated, s->n_controls + 1) < 0)
                (void) close(fd);
        else if (control_new(&s->loop, &s->peer, fd, &c) == 0)
                s->controls[s->n_controls++] = c;
}

/* Takes ownership of the descriptor. */
static int add_listener(Server *s, int fd, void (*handler)(void *, uint32_t))
{
        Listener *l = NULL;
        int r = ARRAY_RESERVE(s->listeners, s->n_listeners_allocated, s->n_listeners + 1);
        if (r == 0)
                r = listen(fd, SOMAXCONN) < 0 ? -errno : 0;
        if (r == 0 && !(l = calloc(1, sizeof(*l))))
                r = -ENOMEM;
        if (r < 0) {
                (void) close(fd);
                return r;
        }
        l->server = s;
        l->watch = (Watch) { .fd = fd, .events = EPOLLIN, .handler = handler, .userdata = l };
        r = loop_add(&s->loop, &l->watch);
        if (r < 0) {
                (void) close(fd);
                free(l);
                return r;
        }
        s->listeners[s->n_listeners++] = l;
        return 0;
}

typedef union SocketAddress {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un path;
} SocketAddress;

static int parse_ipv6(char *text, uint16_t port, SocketAddress *ret)
{
        char *scope = strchr(text, '%');
        ret->ipv6 = (struct sockaddr_in6) { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        if (scope) {
                *scope++ = '\0';
                ret->ipv6.sin6_scope_id = if_nametoindex(scope);
                if (ret->ipv6.sin6_scope_id == 0)
                        return -ENODEV;
        }
        return inet_pton(AF_INET6, text, &ret->ipv6.sin6_addr) == 1 ? 0 : -EINVAL;
}

static int parse_tcp(const char *where, SocketAddress *ret)
{
        _cleanup_free_ char *text = strdup(where);
        if (!text)
                return -ENOMEM;
        char *colon = strrchr(text, ':');
        uint64_t port;
        if (!colon || text_to_u64(colon + 1, 0, UINT16_MAX, &port) < 0)
                return -EINVAL;
        *colon = '\0';
        if (text[0] == '[' && colon[-1] == ']') {
                colon[-1] = '\0';
                return parse_ipv6(text + 1, (uint16_t) port, ret);
        }
        ret->ipv4 = (struct sockaddr_in) {
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) port),
        };
        return inet_pton(AF_INET, text, &ret->ipv4.sin_addr) == 1 ? 0 : -EINVAL;
}

/* Returns the descriptor or a negative errno. */
static int bind_socket(const SocketAddress *address, socklen_t n)
{
        int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
        if (bind(fd, &address->any, n) < 0) {
                int r = -errno;
                (void) close(fd);
                return r;
        }
        return fd;
}

int server_listen_tcp(Server *s, const char *where, uint16_t *ret_port)
{
        SocketAddress address;
        int r = parse_tcp(where, &address);
        if (r < 0)
                return r;
        socklen_t n =
                address.any.sa_family == AF_INET6 ? sizeof(address.ipv6) : sizeof(address.ipv4);
        int fd = bind_socket(&address, n);
        if (fd < 0)
                return fd;
        if (getsockname(fd, &address.any, &n) < 0) {
                r = -errno;
                (void) close(fd);
                return r;
        }
        *ret_port = ntohs(address.any.sa_family == AF_INET6 ? address.ipv6.sin6_port
                                                            : address.ipv4.sin_port);
        return add_listener(s, fd, handle_host);
}

int server_listen_unix(Server *s, const char *path)
{
        SocketAddress address = { .path.sun_family = AF_UNIX };
        if (strlen(path) >= sizeof(address.path.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.path.sun_path, path, strlen(path) + 1);
        (void) unlink(path); /* errors are reported by bind() */
        int fd = bind_socket(&address, sizeof(address.path));
        return fd < 0 ? fd : add_listener(s, fd, handle_control);
}

static void update(Server *s)
{
        size_t n_kept = 0;
        for (size_t i = 0; i < s->n_controls; i++)
                if (control_update(s->controls[i]))
                        s->controls[n_kept++] = s->controls[i];
                else
                        (void) control_free(s->controls[i]);
        s->n_controls = n_kept;

        n_kept = 0;
        for (size_t i = 0; i < s->n_connections; i++)
                if (connection_update(s->connections[i]))
                        s->connections[n_kept++] = s->connections[i];
                else
                        (void) connection_free(s->connections[i]);
        s->n_connections = n_kept;
}

static usec_t next_deadline(const Server *s)
{
        usec_t deadline = USEC_INFINITY;
        for (size_t i = 0; i < s->n_connections; i++)
                deadline = MIN(deadline, connection_deadline(s->connections[i]));
        return deadline;
}

int server_run(Server *s)
{
        while (!s->loop.is_over) {
                int r = loop_run_once(&s->loop, next_deadline(s));
                if (r < 0)
                        return r;
                update(s);
        }
        return 0;
}
