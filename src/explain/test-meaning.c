/* SPDX-License-Identifier: Apache-2.0 */

/* Meaning of errnos and statuses: each one that a host can encounter has a text of its own that
 * names a remedy. */

#include "explain/meaning.h"

#include <errno.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"

/* Errors of write() to /dev/nvme-fabrics (drivers/nvme/host: fabrics.c, tcp.c, rdma.c, fc.c,
 * auth.c, and those of socket() and connect()), and of a probe. */
static const int connect_errors[] = {
        EACCES,    EADDRINUSE,      EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN,       EALREADY,
        EBUSY,     E2BIG,           EILSEQ,        ECONNABORTED, ECONNREFUSED, ECONNRESET,
        EHOSTDOWN, EHOSTUNREACH,    EINTR,         EINVAL,       EIO,          EKEYREJECTED,
        EMFILE,    ENETDOWN,        ENETUNREACH,   ENFILE,       ENODEV,       ENOENT,
        ENOKEY,    ENOMEM,          ENOTCONN,      EOPNOTSUPP,   EPERM,        EPIPE,
        EPROTO,    EPROTONOSUPPORT, ESHUTDOWN,     ETIME,        ETIMEDOUT,    EXDEV,
};

static char *of_connect(int error, usec_t took, bool others_live)
{
        const FailedConnect f = { .error = -error, .took = took, .others_live = others_live };
        char *text = meaning_of_connect_error(&f);

        assert_non_null(text);
        return text;
}

static void test_each_errno_of_a_connect_has_words(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(connect_errors); i++) {
                _cleanup_free_ char *text = of_connect(connect_errors[i], 0, false);

                if (streq(text, strerror(connect_errors[i])))
                        fail_msg("%s has only the C library's words: %s",
                                 strerrorname_np(connect_errors[i]), text);
        }
}

static void expect_part(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void expect_connect(int error, const char *part)
{
        _cleanup_free_ char *text = of_connect(error, 0, false);

        expect_part(text, part);
}

static void test_words_name_the_cause(void **state)
{
        /* Nothing was sent: the kernel has no secret. */
        expect_connect(ENOKEY, "dhchap-secret");
        expect_connect(ENOKEY, "/etc/nvme/hostkey");
        /* Fewer CPUs than queues. */
        expect_connect(EXDEV, "nr-io-queues");
        /* An NVMe status that only the kernel's log shows. */
        expect_connect(EIO, "no queues left");
        expect_connect(EIO, "journalctl -k");
        /* Found by the kernel in what it is given, or in what the controller says of itself. */
        expect_connect(EINVAL, "two host IDs");
        expect_connect(EINVAL, "two gateways");
        expect_connect(EINVAL, "not a discovery controller");
        expect_connect(EINVAL, "journalctl -k");
        expect_connect(EBUSY, "journalctl -k");
        /* Refused by this host, not by the target. */
        expect_part(meaning_of_probe_error(-EACCES),
                    "this host's security policy (SELinux, AppArmor, firewall)");
        expect_part(meaning_of_probe_error(-EPERM),
                    "this host's security policy (SELinux, AppArmor, firewall)");
        expect_connect(EPERM, "this host's security policy (SELinux, AppArmor, firewall)");
        expect_connect(EACCES, "this host's security policy"); /* or the target, both say so */
        expect_connect(EMFILE, "LimitNOFILE=");
        /* IPv6 disabled (net.ipv6.conf.all.disable_ipv6, ipv6.disable): nothing was sent. */
        expect_connect(EADDRNOTAVAIL, "IPv6 is disabled");
        expect_part(meaning_of_probe_error(-EADDRNOTAVAIL), "IPv6 is disabled");
        expect_part(meaning_of_probe_error(-EAFNOSUPPORT), "IPv6 is disabled");
        /* Refused by us: the kernel did not even see it. */
        expect_connect(EILSEQ, "not passed to the kernel: a name or an address contains a comma");
        expect_connect(E2BIG, "not passed to the kernel: ");
}

/* Whatever is done: what this host lacks is not the fault of whom it is done with. */
static void test_a_shortage_is_this_hosts(void **state)
{
        static const struct {
                const char *(*meaning)(int error);
                const char *what;
        } cases[] = {
                { meaning_of_probe_error, "probe" },
                { meaning_of_disconnect_error, "disconnect" },
                { meaning_of_log_error, "log" },
                { meaning_of_admin_error, "admin" },
                { meaning_of_resolve_error, "resolve" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                print_message("%s\n", cases[i].what);
                expect_part(cases[i].meaning(-EMFILE),
                            "this daemon has no file descriptor left (LimitNOFILE=)");
                expect_part(cases[i].meaning(-ENFILE),
                            "this host has no file descriptor left (fs.file-max)");
                expect_part(cases[i].meaning(-ENOMEM), "out of memory");
        }
}

/* A connect that was never answered is reported with how long it took, a late refusal is not. */
static void test_a_connect_that_is_not_answered_says_how_long(void **state)
{
        static const struct {
                int error;
                usec_t took;
                const char *text;
        } cases[] = {
                { ETIME, 61 * USEC_PER_SEC,
                  "the connect did not complete within 1min 1s: the target did not answer a "
                  "command" },
                { EHOSTUNREACH, 3 * USEC_PER_SEC,
                  "the connect did not complete within 3s: no route to the host, or it is down" },
                { ECONNREFUSED, 61 * USEC_PER_SEC,
                  "connection refused: nothing listens at this address and service" },
                { ETIME, 0, "the target did not answer a command" }, /* nobody knows how long */
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = of_connect(cases[i].error, cases[i].took, false);
                assert_string_equal(text, cases[i].text);
        }
}

/* Beside live controllers of the same target a wrong name is the less probable cause. */
static void test_a_target_that_serves_others_may_have_no_queues_left(void **state)
{
        static const struct {
                int error;
                bool others_live;
                const char *text;
        } cases[] = {
                { EIO, true, "the target rejected the connect: no queues left for another" },
                { EIO, false, "the target rejected the connect: subsystem not known" },
                { ENOMEM, true, "the target has no queues left for another" },
                { ENOMEM, false, "this host is out of memory" },
                { ECONNREFUSED, true, "connection refused" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = of_connect(cases[i].error, 0, cases[i].others_live);
                if (!text_after(text, cases[i].text))
                        fail_msg("\"%s\" does not begin with \"%s\"", text, cases[i].text);
        }
}

/* NVM Express Base Specification 2.x, Status Code Values, and NVMe over Fabrics: statuses of the
 * commands that a host sends to a discovery controller. */
static void test_each_status_has_words(void **state)
{
        static const int statuses[] = {
                0x01,  0x02,  0x04,  0x06,  0x07,  0x08,  0x0b,  0x0c,  0x15,  0x18,
                0x19,  0x21,  0x22,  0x24,  0x105, 0x109, 0x180, 0x181, 0x182, 0x183,
                0x184, 0x190, 0x191, 0x300, 0x301, 0x302, 0x303, 0x360, 0x370, 0x371,
        };

        for (size_t i = 0; i < ELEMENTSOF(statuses); i++)
                if (streq(meaning_of_status(statuses[i]), meaning_of_status(0x7ff)))
                        fail_msg("status 0x%x has no words", (unsigned) statuses[i]);
        assert_string_equal(meaning_of_status(0x02), "invalid field in command");
        assert_string_equal(meaning_of_status(0x109), "invalid log page");
        assert_string_equal(meaning_of_status(0x7ff), "unknown status");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_errno_of_a_connect_has_words),
                cmocka_unit_test(test_words_name_the_cause),
                cmocka_unit_test(test_a_shortage_is_this_hosts),
                cmocka_unit_test(test_a_connect_that_is_not_answered_says_how_long),
                cmocka_unit_test(test_a_target_that_serves_others_may_have_no_queues_left),
                cmocka_unit_test(test_each_status_has_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
