/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/admin.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "io/fd.h"

#define HOUR (3600 * USEC_PER_SEC)

/* A discovery controller that answers from memory. */
typedef struct Peer {
        size_t n_entries;
        unsigned fail_at; /* the commands from this number (from 1) on fail */
        int failure;      /* what it gives then */
        unsigned options; /* LSP that must come with each command */
        uint32_t max;     /* bytes; a longer one gives the failure */
        unsigned n_commands, n_rearmed;
} Peer;

static int peer_get_log(void *userdata, const AdminGetLog *command, void *data)
{
        Peer *p = userdata;
        uint8_t *bytes = data;

        assert_int_equal(command->lid, ADMIN_LOG_DISCOVERY);
        assert_int_equal(command->lsp, p->options);
        p->n_commands++;
        p->n_rearmed += !command->rae;
        if ((p->fail_at > 0 && p->n_commands >= p->fail_at) ||
            (p->max > 0 && command->length > p->max))
                return p->failure;
        memset(data, 0, command->length);
        for (uint32_t at = 0; at < command->length; at += 1024) {
                if (command->offset + at == 0) {
                        bytes[0] = 7;
                        bytes[8] = (uint8_t) p->n_entries;
                        continue;
                }
                if ((command->offset + at) / 1024 > p->n_entries)
                        break;
                bytes[at] = 3;
                memcpy(bytes + at + 256, "nqn.a", 5);
                memcpy(bytes + at + 512, "192.0.2.1", 9);
        }
        return 0;
}

static int read_log(Peer *p, usec_t timeout, size_t *ret_n_entries, int *ret_status)
{
        AdminChannel channel = { .get_log = peer_get_log, .userdata = p };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        int r = admin_read_discovery_log(&channel, p->options, timeout, &log, ret_status);
        if (r == 0) {
                assert_false(log->partial);
                assert_int_equal(log->genctr, 7);
                *ret_n_entries = log->n_entries;
        } else
                assert_null(log);
        return r;
}

static void test_read(void **state)
{
        Peer p = { .n_entries = 40, .options = 2 };
        size_t n = 0;
        int status = 77;
        assert_int_equal(read_log(&p, HOUR, &n, &status), 0);
        assert_int_equal(n, 40);
        assert_int_equal(p.n_commands, 2);
        assert_int_equal(p.n_rearmed, 1);
        assert_int_equal(status, 77);
}

static void test_failure_at_each_command(void **state)
{
        static const struct {
                int failure, error, status;
        } table[] = {
                { -EINTR, -EINTR, 0 },
                { -ENODEV, -ENODEV, 0 },
                { 0x02, -EIO, 0x02 },   /* invalid field */
                { 0x370, -EIO, 0x370 }, /* host path error */
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                for (unsigned at = 1; at <= 2; at++) {
                        /* A rejection may be due to the length of the command, or to a log that has
                         * become shorter: after each, the header is read again. */
                        unsigned n_looks = table[i].failure == 0x02 ? at : 0;
                        Peer p = { .n_entries = 2, .fail_at = at, .failure = table[i].failure };
                        size_t n;
                        int status = 77;
                        assert_int_equal(read_log(&p, HOUR, &n, &status), table[i].error);
                        assert_int_equal(status, table[i].status);
                        assert_int_equal(p.n_commands, at + n_looks);
                        assert_int_equal(p.n_rearmed, at == 2);
                }
}

static int send_nothing(void *userdata, const AdminGetLog *command, void *data)
{
        return 0;
}

/* Success without any data: not an empty log. */
static void test_a_log_that_does_not_come(void **state)
{
        AdminChannel channel = { .get_log = send_nothing };
        DiscoveryLog *log = NULL;
        int status = 0;
        assert_int_equal(admin_read_discovery_log(&channel, 0, HOUR, &log, &status), -EBADMSG);
        assert_null(log);
}

static void test_large_reads_refused(void **state)
{
        static const int refusals[] = { -EINVAL, -ENOMEM, 0x02, 0x04 };
        for (size_t i = 0; i < ELEMENTSOF(refusals); i++) {
                Peer p = { .n_entries = 17, .max = 4096, .failure = refusals[i] };
                unsigned n_halved = 2, n_looks = refusals[i] < 0 ? 0 : 2;
                size_t n;
                int status;
                assert_int_equal(read_log(&p, HOUR, &n, &status), 0);
                assert_int_equal(n, 17);
                assert_int_equal(p.n_commands, 1 + n_halved + n_looks + 5 + 1);
        }
        /* A broken path is not retried. */
        Peer p = { .n_entries = 17, .max = 4096, .failure = 0x370 };
        size_t n;
        int status;
        assert_int_equal(read_log(&p, HOUR, &n, &status), -EIO);
        assert_int_equal(p.n_commands, 2);
}

static int slow_get_log(void *userdata, const AdminGetLog *command, void *data)
{
        (void) usleep(120 * 1000);
        return peer_get_log(userdata, command, data);
}

static void test_all_together_is_bounded(void **state)
{
        Peer p = { .n_entries = 200, .max = 4096, .failure = -EINVAL };
        AdminChannel channel = { .get_log = slow_get_log, .userdata = &p };
        DiscoveryLog *log = NULL;
        int status = 77;
        assert_int_equal(admin_read_discovery_log(&channel, 0, 200 * USEC_PER_MSEC, &log, &status),
                         -ETIMEDOUT);
        assert_null(log);
        assert_in_range(p.n_commands, 1, 2);
        assert_int_equal(status, 0);
}

static void test_no_controller(void **state)
{
        char root[] = "/tmp/test-admin-XXXXXX", path[64];
        DiscoveryLog *log = NULL;
        unsigned options = 7;
        int status;
        assert_non_null(mkdtemp(root));
        assert_int_equal(admin_open(root, root, 0, 0), -ENODEV);

        (void) snprintf(path, sizeof(path), "%s/nvme0", root);
        assert_int_equal(close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
        /* The name exists, but not the expected controller. */
        assert_int_equal(admin_open(root, root, 0, 7), -ENODEV);
        /* A device that does not support these commands. */
        _cleanup_fd_ int fd = admin_open(root, root, 0, 0);
        assert_true(fd >= 0);
        assert_int_equal(discovery_log_read(fd, 0, &log, &status), -ENOTTY);
        assert_null(log);
        assert_int_equal(admin_read_supported_logs(fd, &options), -ENOTTY);
        assert_int_equal(options, 7);
        assert_int_equal(admin_dim(fd, DIM_REGISTER, "", 0), -ENOTTY);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(root), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_read),
                cmocka_unit_test(test_failure_at_each_command),
                cmocka_unit_test(test_a_log_that_does_not_come),
                cmocka_unit_test(test_large_reads_refused),
                cmocka_unit_test(test_all_together_is_bounded),
                cmocka_unit_test(test_no_controller),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
