/* SPDX-License-Identifier: Apache-2.0 */
/* bus-poll [-i MS] [-t SEC] SERVICE PATH INTERFACE METHOD
 *
 * Calls METHOD(true) on the system bus, waits for the answer, pauses for MS (50) and repeats, until
 * SIGTERM, which lets the pending call finish. Also ends if no answer arrives within SEC (120).
 * Prints
 *   calls=N errors=N absent=N          answers, error answers, calls while the name had no owner
 *   longest=SECONDS  median=SECONDS    of the answers; longest=>SEC if one did not arrive
 *   bytes=N                            size of the largest answer
 *
 * Implements the wire protocol itself (D-Bus Specification, "Message Protocol"), so that it is
 * static like the other tools, and measures the daemon's answer rather than a library's decoding
 * of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
        METHOD_CALL = 1,
        METHOD_RETURN = 2,
        ERROR = 3,
        NO_AUTO_START = 2,
        FIXED_HEADER = 16,
        MAX_CALLS = 1 << 16,
};

struct message {
        char buf[1024];
        size_t n;
};

struct answer {
        int type;
        size_t bytes;
        bool absent; /* an error: the name has no owner */
};

static volatile sig_atomic_t ended;
static uint32_t serial;

static void on_term(int sig)
{
        (void) sig;
        ended = 1;
}

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
        fprintf(stderr, "bus-poll: %s: %s\n", what, strerror(errno));
        exit(1);
}

static void pad(struct message *m, size_t to)
{
        while (m->n % to)
                m->buf[m->n++] = 0;
}

static void put_u32(struct message *m, uint32_t v)
{
        pad(m, 4);
        memcpy(m->buf + m->n, &v, 4);
        m->n += 4;
}

static void put_field(struct message *m, char code, char type, const char *value)
{
        size_t len = strlen(value);
        if (len > 128)
                exit(2);
        pad(m, 8);
        memcpy(m->buf + m->n, (char[]) { code, 1, type, 0 }, 4);
        m->n += 4;
        if (type == 'g')
                m->buf[m->n++] = len;
        else
                put_u32(m, len);
        memcpy(m->buf + m->n, value, len + 1);
        m->n += len + 1;
}

/* dest, path, iface, method; with a boolean argument "true" if detailed */
static void build(struct message *m, char *const name[4], bool detailed)
{
        *m = (struct message) { .buf = { 'l', METHOD_CALL, NO_AUTO_START, 1 }, .n = 4 };
        put_u32(m, detailed ? 4 : 0);
        put_u32(m, ++serial);
        put_u32(m, 0); /* length of the fields, filled in below */
        put_field(m, 1, 'o', name[1]);
        put_field(m, 2, 's', name[2]);
        put_field(m, 3, 's', name[3]);
        put_field(m, 6, 's', name[0]);
        if (detailed)
                put_field(m, 8, 'g', "b");
        uint32_t fields = m->n - FIXED_HEADER;
        memcpy(m->buf + 12, &fields, 4);
        pad(m, 8);
        if (detailed)
                put_u32(m, 1);
}

static void send_all(int fd, const void *p, size_t n)
{
        if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t) n)
                die("send");
}

static int receive(int fd, char *p, size_t n, double deadline)
{
        while (n > 0) {
                double left = deadline - now();
                int r = poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1,
                             left > 0 ? left * 1000 + 1 : 0);
                if (r == 0 && now() >= deadline)
                        return -ETIMEDOUT;
                if (r <= 0)
                        continue;
                ssize_t k = recv(fd, p, n, 0);
                if (k == 0 || (k < 0 && errno != EINTR && errno != EAGAIN))
                        die("the bus hung up");
                if (k > 0) {
                        p += k;
                        n -= k;
                }
        }
        return 0;
}

static int receive_message(int fd, struct answer *ret, double deadline)
{
        static char buf[1 << 16];
        unsigned char h[FIXED_HEADER];
        uint32_t body, fields;
        int r = receive(fd, (char *) h, sizeof h, deadline);
        if (r < 0)
                return r;
        memcpy(&body, h + 4, 4);
        memcpy(&fields, h + 12, 4);
        *ret = (struct answer) { .type = h[1], .bytes = body };
        /* the fields come first; they are far smaller than the buffer */
        for (size_t left = (fields + 7u) / 8 * 8 + (size_t) body; left > 0;) {
                size_t k = left < sizeof buf ? left : sizeof buf;
                if ((r = receive(fd, buf, k, deadline)) < 0)
                        return r;
                if (ret->type == ERROR)
                        ret->absent |= memmem(buf, k, "ServiceUnknown", 14) ||
                                       memmem(buf, k, "NameHasNoOwner", 14);
                left -= k;
        }
        return 0;
}

static int call(int fd, char *const name[4], bool detailed, double tmo, struct answer *ret)
{
        struct message m;
        double deadline = now() + tmo;
        build(&m, name, detailed);
        send_all(fd, m.buf, m.n);
        for (;;) {
                int r = receive_message(fd, ret, deadline);
                if (r < 0 || ret->type == METHOD_RETURN || ret->type == ERROR)
                        return r;
        }
}

static int open_bus(void)
{
        char hello[64], uid[16], line[256];
        size_t n = 0;
        struct sockaddr_un sa = { AF_UNIX, "/run/dbus/system_bus_socket" };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *) &sa, sizeof sa) < 0)
                die(sa.sun_path);
        snprintf(uid, sizeof uid, "%d", (int) getuid());
        n = snprintf(hello, sizeof hello, "%cAUTH EXTERNAL ", 0);
        for (const char *c = uid; *c; c++)
                n += snprintf(hello + n, sizeof hello - n, "%02x", *c);
        n += snprintf(hello + n, sizeof hello - n, "\r\n");
        send_all(fd, hello, n);
        for (n = 0; n < 2 || memcmp(line + n - 2, "\r\n", 2) != 0; n++)
                if (n == sizeof line || receive(fd, line + n, 1, now() + 10) < 0)
                        die("no answer to AUTH");
        if (strncmp(line, "OK ", 3) != 0)
                die("AUTH refused");
        send_all(fd, "BEGIN\r\n", 7);
        struct answer a;
        char *const bus[] = { "org.freedesktop.DBus", "/org/freedesktop/DBus",
                              "org.freedesktop.DBus", "Hello" };
        if (call(fd, bus, false, 10, &a) < 0 || a.type != METHOD_RETURN)
                die("Hello refused");
        return fd;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;
        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        static double took[MAX_CALLS];
        int c, ms = 50, n = 0, errors = 0, absent = 0, timed_out = 0;
        double tmo = 120;
        size_t bytes = 0;

        while ((c = getopt(argc, argv, "i:t:")) != -1)
                if (c == 'i')
                        ms = atoi(optarg);
                else if (c == 't')
                        tmo = atof(optarg);
                else
                        return 2;
        if (argc - optind != 4)
                return 2;
        sigaction(SIGTERM, &(struct sigaction) { .sa_handler = on_term }, NULL);
        int fd = open_bus();
        while (!ended && !timed_out && n < MAX_CALLS) {
                struct answer a = { 0 };
                double t = now();
                timed_out = call(fd, argv + optind, true, tmo, &a) < 0;
                if (a.absent) {
                        absent++;
                } else if (!timed_out) {
                        errors += a.type == ERROR;
                        bytes = a.bytes > bytes ? a.bytes : bytes;
                        took[n++] = now() - t;
                }
                usleep(ms * 1000);
        }
        qsort(took, n, sizeof *took, by_value);
        printf("calls=%d\nerrors=%d\nabsent=%d\nbytes=%zu\n", n, errors, absent, bytes);
        if (timed_out)
                printf("longest=>%.0f\n", tmo);
        else
                printf("longest=%.3f\n", n ? took[n - 1] : 0);
        printf("median=%.3f\n", n ? took[n / 2] : 0);
        return 0;
}
