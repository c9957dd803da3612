/* SPDX-License-Identifier: Apache-2.0 */

/* A socket stands in for systemd's; it is full at the beginning. */

#include "daemon/notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/testing.h"

/* A blocked caller would hang here. */
#define HANGS_SECONDS 60

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t n_address;

static int open_systemd(void)
{
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        int n = snprintf(address.sun_path, sizeof(address.sun_path), "@test-notify-%ld",
                         (long) getpid());
        assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
        address.sun_path[0] = '\0';
        n_address = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + (size_t) n);
        assert_int_equal(bind(fd, (struct sockaddr *) &address, n_address), 0);
        return fd;
}

static unsigned fill(void)
{
        unsigned n = 0;
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        while (sendto(fd, "x", 1, 0, (struct sockaddr *) &address, n_address) == 1)
                n++;
        (void) close(fd);
        assert_true(n > 0);
        return n;
}

static void receive(int fd, char *ret, size_t size)
{
        ssize_t n = recv(fd, ret, size - 1, 0);

        assert_true(n >= 0);
        ret[n] = '\0';
}

static void notify_all(int n)
{
        char text[1024];
        int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        (void) dup2(null, STDERR_FILENO); /* a message is logged for each that is dropped */
        for (int i = 0; i < n; i++) {
                (void) snprintf(text, sizeof(text), "%i %0500i", i, 0);
                notify_status(text);
        }
        notify_state("READY=1");
        (void) dup2(saved, STDERR_FILENO);
        (void) close(saved);
        (void) close(null);
}

static void test_nobody_waits_for_systemd(void **state)
{
        enum {
                N = 1000 /* of 500 bytes, about ten times the limit of the queue */
        };
        char text[1024];
        int fd = open_systemd(), last = -1, n_statuses = 0, number;
        unsigned n = fill();

        (void) alarm(HANGS_SECONDS);
        notify_start();
        notify_all(N);
        notify_stop();

        while (n-- > 0) {
                receive(fd, text, sizeof(text));
                assert_string_equal(text, "x");
        }
        for (receive(fd, text, sizeof(text)); sscanf(text, "STATUS=%i", &number) == 1;) {
                assert_true(number > last);
                last = number;
                n_statuses++;
                receive(fd, text, sizeof(text));
        }
        assert_string_equal(text, "READY=1");
        assert_true(n_statuses >= 100 && n_statuses < N);
        (void) close(fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nobody_waits_for_systemd),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
