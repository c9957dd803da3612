/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/connect_unit.h"

#include <stddef.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"

static int name_of(int instance, const TidFields *fields, char **ret)
{
        _cleanup_tid_ Tid *tid = NULL;

        assert_int_equal(tid_new(fields, CONTROLLER_DISCOVERY, &tid), 0);
        return connect_unit_name(instance, tid, ret);
}

static void expect_name(int instance, const TidFields *fields, const char *expected)
{
        _cleanup_free_ char *name = NULL;

        assert_int_equal(name_of(instance, fields, &name), 0);
        assert_string_equal(name, expected);
}

static void test_arguments(void **state)
{
        expect_name(5,
                    &(TidFields) { .transport = "tcp",
                                   .traddr = "192.0.2.1",
                                   .host_traddr = "192.0.2.9",
                                   .host_iface = "eth0" },
                    "nvmf-connect@--device\\x3dnvme5\\t--transport\\x3dtcp\\t--traddr\\x3d192.0.2.1"
                    "\\t--trsvcid\\x3d8009\\t--host-traddr\\x3d192.0.2.9\\t--host-iface\\x3deth0"
                    ".service");
}

static void test_what_is_empty_is_left_out(void **state)
{
        expect_name(0,
                    &(TidFields) { .transport = "fc",
                                   .traddr = "nn-0x20000090fa942779:pn-0x10000090fa942779" },
                    "nvmf-connect@--device\\x3dnvme0\\t--transport\\x3dfc"
                    "\\t--traddr\\x3dnn-0x20000090fa942779:pn-0x10000090fa942779.service");
}

/* No character may have a special meaning to systemd or the shell of the unit. */
static void test_what_is_not_plain_is_escaped(void **state)
{
        expect_name(1,
                    &(TidFields) { .transport = "tcp",
                                   .traddr = "fe80::1%eth0",
                                   .host_iface = "a'$(x)\\;/@" },
                    "nvmf-connect@--device\\x3dnvme1\\t--transport\\x3dtcp"
                    "\\t--traddr\\x3dfe80::1\\x25eth0\\t--trsvcid\\x3d8009"
                    "\\t--host-iface\\x3da\\x27\\x24\\x28x\\x29\\x5c\\x3b\\x2f\\x40.service");
}

static void test_the_longest_addresses_fit(void **state)
{
        _cleanup_free_ char *name = NULL;
        const char *longest = "2001:0db8:1111:2222:3333:4444:5555:6666";

        assert_int_equal(name_of(12345,
                                 &(TidFields) { .transport = "tcp",
                                                .traddr = longest,
                                                .trsvcid = "65535",
                                                .host_traddr = longest,
                                                .host_iface = "a-15-bytes-name" },
                                 &name),
                         0);
        assert_true(strlen(name) <= 255);
}

static void test_what_does_not_fit(void **state)
{
        char text[250], *name = NULL;

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(name_of(0, &(TidFields) { .transport = "tcp", .traddr = text }, &name),
                         -ENAMETOOLONG);
        assert_null(name);
}

/* The unit's shell splits the output of `echo -e`, whether white space is escaped or not. */
static void test_white_space_would_be_several_arguments(void **state)
{
        const char *values[] = { "a b", "a\tb", "a\nb" };
        char *name = NULL;

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                assert_int_equal(name_of(0,
                                         &(TidFields) { .transport = "tcp",
                                                        .traddr = "192.0.2.1",
                                                        .host_iface = values[i] },
                                         &name),
                                 -EINVAL);
                assert_null(name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_arguments),
                cmocka_unit_test(test_what_is_empty_is_left_out),
                cmocka_unit_test(test_what_is_not_plain_is_escaped),
                cmocka_unit_test(test_the_longest_addresses_fit),
                cmocka_unit_test(test_what_does_not_fit),
                cmocka_unit_test(test_white_space_would_be_several_arguments),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
