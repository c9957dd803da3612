/* SPDX-License-Identifier: Apache-2.0 */

/* swallow-connect PORT TARGET-PORT FILE - an NVMe/TCP proxy on 127.0.0.1. Forwards everything
 * except Connect commands to the subsystems whose NQNs are listed in FILE, one per line: these are
 * dropped, and the kernel waits for the answer. FILE is read on each Connect. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* NVMe/TCP: a common header of 8 bytes, its length at offset 4; in a command capsule the command
 * follows it and, for a Connect, its data at once. NVMe-oF: Connect is 7fh, fabrics type 01h. */
enum {
        HEADER_SIZE = 8,
        PDU_MAX = 1 << 20,
        PDU_CAPSULE_COMMAND = 4,
        COMMAND_OFFSET = 8,
        FABRICS_TYPE_OFFSET = COMMAND_OFFSET + 4,
        DATA_OFFSET = 72,
        SUBSYSNQN_OFFSET = DATA_OFFSET + 256,
        CONNECT_SIZE = DATA_OFFSET + 1024,
};

typedef struct Session {
        int host, target;
        uint8_t pdu[PDU_MAX];
        size_t n;
} Session;

static uint16_t arg_target_port;
static const char *arg_file;

static bool is_listed(const char *nqn)
{
        char line[256];
        bool found = false;
        FILE *f = fopen(arg_file, "re");

        while (f && !found && fgets(line, sizeof(line), f)) {
                line[strcspn(line, "\n")] = '\0';
                found = strcmp(line, nqn) == 0;
        }
        if (f)
                fclose(f);
        return found;
}

static bool is_swallowed(const uint8_t *pdu, size_t n)
{
        return n >= CONNECT_SIZE && pdu[0] == PDU_CAPSULE_COMMAND && pdu[COMMAND_OFFSET] == 0x7f &&
               pdu[FABRICS_TYPE_OFFSET] == 1 && is_listed((const char *) pdu + SUBSYSNQN_OFFSET);
}

static bool send_all(int fd, const uint8_t *data, size_t n)
{
        for (ssize_t done; n > 0; data += done, n -= (size_t) done) {
                done = send(fd, data, n, MSG_NOSIGNAL);
                if (done <= 0)
                        return false;
        }
        return true;
}

static bool carry_answers(const Session *s)
{
        uint8_t data[65536];
        ssize_t n = recv(s->target, data, sizeof(data), 0);

        return n > 0 && send_all(s->host, data, (size_t) n);
}

static bool carry_pdus(Session *s)
{
        ssize_t got = recv(s->host, s->pdu + s->n, PDU_MAX - s->n, 0);

        if (got <= 0)
                return false;
        s->n += (size_t) got;
        for (uint32_t length; s->n >= HEADER_SIZE; s->n -= length) {
                memcpy(&length, s->pdu + 4, sizeof(length));
                length = le32toh(length);
                if (length < HEADER_SIZE || length > PDU_MAX)
                        return false;
                if (s->n < length)
                        break;
                if (!is_swallowed(s->pdu, length) && !send_all(s->target, s->pdu, length))
                        return false;
                memmove(s->pdu, s->pdu + length, s->n - length);
        }
        return true;
}

static int open_target(void)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(arg_target_port) };
        int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || connect(fd, (struct sockaddr *) &a, sizeof(a)) < 0)
                return -1;
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return fd;
}

static void *serve(void *userdata)
{
        Session *s = userdata;
        bool ok = (s->target = open_target()) >= 0;
        struct pollfd fds[] = { { s->host, POLLIN, 0 }, { s->target, POLLIN, 0 } };

        while (ok && poll(fds, 2, -1) > 0) {
                if (fds[0].revents)
                        ok = carry_pdus(s);
                if (ok && fds[1].revents)
                        ok = carry_answers(s);
        }
        close(s->host);
        if (s->target >= 0)
                close(s->target);
        free(s);
        return NULL;
}

static int open_listener(uint16_t port)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
        int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (fd < 0 || bind(fd, (struct sockaddr *) &a, sizeof(a)) < 0 || listen(fd, 256) < 0)
                return -1;
        return fd;
}

int main(int argc, char **argv)
{
        int on = 1, fd;

        if (argc != 4)
                return EXIT_FAILURE;
        arg_target_port = (uint16_t) atoi(argv[2]);
        arg_file = argv[3];
        fd = open_listener((uint16_t) atoi(argv[1]));
        if (fd < 0)
                return perror("swallow-connect"), EXIT_FAILURE;
        for (;;) {
                pthread_t thread;
                Session *s = calloc(1, sizeof(*s));
                if (!s)
                        return EXIT_FAILURE;
                s->host = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
                (void) setsockopt(s->host, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
                if (s->host < 0 || pthread_create(&thread, NULL, serve, s) != 0)
                        return EXIT_FAILURE;
                pthread_detach(thread);
        }
}
