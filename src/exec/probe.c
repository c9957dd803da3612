/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/probe.h"

#include <arpa/inet.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/text.h"
#include "codec/initialize_connection.h"
#include "io/fd.h"

typedef struct Probe {
        LIST_ENTRY(Probe) entry;
        Probes *all;
        uint64_t op_id;
        sd_event_source *io, *timer;
        bool asked; /* ICReq was sent */
        uint8_t answer[ICRESP_SIZE];
        size_t n_answer;
} Probe;

struct Probes {
        sd_event *event;
        ProbeHandler handler;
        void *userdata;
        LIST_HEAD(, Probe) list;
};

int probes_new(sd_event *event, ProbeHandler handler, void *userdata, Probes **ret)
{
        Probes *p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->event = sd_event_ref(event);
        p->handler = handler;
        p->userdata = userdata;
        LIST_INIT(&p->list);
        *ret = p;
        return 0;
}

static void probe_free(Probe *b)
{
        LIST_REMOVE(b, entry);
        (void) sd_event_source_disable_unref(b->io);
        (void) sd_event_source_disable_unref(b->timer);
        free(b);
}

Probes *probes_free(Probes *p)
{
        Probe *b;

        if (!p)
                return NULL;
        while ((b = LIST_FIRST(&p->list)))
                probe_free(b);
        (void) sd_event_unref(p->event);
        free(p);
        return NULL;
}

static void finish(Probe *b, int error)
{
        Probes *p = b->all;
        uint64_t op_id = b->op_id;

        probe_free(b);
        p->handler(op_id, error, p->userdata);
}

/* By its name, an alternative one, or its index, like the kernel. */
static int find_scope(const char *interface, uint32_t *ret)
{
        int index;

        if (!*interface)
                return 0;
        *ret = if_nametoindex(interface);
        if (*ret != 0)
                return 0;
        int error = -errno;
        if (text_to_int(interface, 1, INT_MAX, &index) < 0)
                return error;
        *ret = (uint32_t) index;
        return 0;
}

static int bind_to_interface(int fd, const char *interface)
{
        uint32_t index;

        if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t) strlen(interface)) >=
            0)
                return 0;
        int error = -errno;
        if (error != -ENODEV || find_scope(interface, &index) < 0)
                return error;
        return setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index)) < 0 ? error : 0;
}

/* scope: interface for a link-local address that does not name one itself. */
static int make_sockaddr(const Address *a, const char *scope, uint16_t port,
                         struct sockaddr_storage *ret, socklen_t *ret_size)
{
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

        if (a->family == ADDRESS_IPV4) {
                memcpy(&in.sin_addr, a->bytes, sizeof(in.sin_addr));
                memcpy(ret, &in, sizeof(in));
                *ret_size = sizeof(in);
                return 0;
        }
        if (a->family != ADDRESS_IPV6)
                return -EAFNOSUPPORT;

        if (address_is_link_local(a)) {
                int r = find_scope(*a->scope ? a->scope : scope, &in6.sin6_scope_id);
                if (r < 0)
                        return r;
        }
        memcpy(&in6.sin6_addr, a->bytes, sizeof(in6.sin6_addr));
        memcpy(ret, &in6, sizeof(in6));
        *ret_size = sizeof(in6);
        return 0;
}

/* Same as the kernel's nvme-tcp does for host_iface and host_traddr. */
static int bind_to_host(int fd, const Tid *t)
{
        struct sockaddr_storage address;
        socklen_t size;

        int r = *t->host_iface ? bind_to_interface(fd, t->host_iface) : 0;
        if (r < 0 || t->host_address.family == ADDRESS_NONE)
                return r;
        r = make_sockaddr(&t->host_address, tid_interface(t), 0, &address, &size);
        if (r < 0)
                return r;
        return bind(fd, (const struct sockaddr *) &address, size) < 0 ? -errno : 0;
}

static int open_connection(const Tid *t, int *ret)
{
        struct sockaddr_storage address;
        socklen_t size;

        int r = make_sockaddr(&t->address, t->host_iface, (uint16_t) strtoul(t->trsvcid, NULL, 10),
                              &address, &size);
        if (r < 0)
                return r;
        _cleanup_fd_ int fd =
                socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
        if (fd < 0)
                return -errno;
        r = bind_to_host(fd, t);
        if (r < 0)
                return r;
        if (connect(fd, (const struct sockaddr *) &address, size) < 0 && errno != EINPROGRESS)
                return -errno;
        *ret = fd_take(&fd);
        return 0;
}

/* Returns 1 if connected and the request was sent, or a negative errno. */
static int probe_ask(Probe *b, int fd)
{
        uint8_t request[ICREQ_SIZE];
        int error = 0;
        socklen_t size = sizeof(error);

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                return -errno;
        if (error != 0)
                return -error;
        icreq_encode(request);
        /* The send buffer is empty, so all of it fits. */
        ssize_t n = send(fd, request, sizeof(request), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        if ((size_t) n < sizeof(request))
                return -ENOBUFS;
        b->asked = true;
        return sd_event_source_set_io_events(b->io, EPOLLIN);
}

/* Returns 1 if the answer is complete, 0 if not yet, or a negative errno. */
static int probe_listen_to(Probe *b, int fd)
{
        ssize_t n =
                recv(fd, b->answer + b->n_answer, sizeof(b->answer) - b->n_answer, MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n == 0)
                return -ECONNRESET;
        b->n_answer += (size_t) n;
        return icresp_decode(b->answer, b->n_answer);
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
        Probe *b = userdata;

        if (!b->asked) {
                int r = probe_ask(b, fd);
                if (r < 0)
                        finish(b, r);
                return 0;
        }
        int r = probe_listen_to(b, fd);
        if (r != 0)
                finish(b, r < 0 ? r : 0);
        return 0;
}

static int probe_on_timeout(sd_event_source *s, uint64_t usec, void *userdata)
{
        finish(userdata, -ETIMEDOUT);
        return 0;
}

static int watch(Probe *b, int *fd, usec_t timeout)
{
        sd_event *event = b->all->event;

        int r = sd_event_add_io(event, &b->io, *fd, EPOLLOUT, on_io, b);
        if (r < 0)
                return r;
        r = sd_event_source_set_io_fd_own(b->io, 1);
        if (r < 0)
                return r;
        (void) fd_take(fd);
        return sd_event_add_time_relative(event, &b->timer, CLOCK_MONOTONIC, timeout,
                                          10 * USEC_PER_MSEC, probe_on_timeout, b);
}

int probes_start(Probes *p, uint64_t op_id, const Tid *target, usec_t timeout)
{
        _cleanup_fd_ int fd = -1;

        int r = open_connection(target, &fd);
        if (r < 0)
                return r;
        Probe *b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->all = p;
        b->op_id = op_id;
        LIST_INSERT_HEAD(&p->list, b, entry);
        r = watch(b, &fd, timeout);
        if (r < 0)
                probe_free(b);
        return r;
}

void probes_cancel(Probes *p, uint64_t op_id)
{
        Probe *b;

        LIST_FOREACH(b, &p->list, entry)
                if (b->op_id == op_id) {
                        probe_free(b);
                        return;
                }
}
