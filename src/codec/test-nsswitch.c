/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/nsswitch.h"

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/testing.h"

static void test_services(void **state)
{
        static const char *const table[][2] = {
                { "hosts: files dns\n", "files\ndns\n" },
                { "passwd: files\n  hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns # x "
                  "y\nnetworks: z",
                  "files\nmdns4_minimal\ndns\n" },
                { "hosts:resolve [ !UNAVAIL = return ]files[SUCCESS=continue]myhostname",
                  "resolve\nfiles\nmyhostname\n" },
                { "#hosts: resolve\n", "files\ndns\n" },
                { "", "files\ndns\n" },
                { "hosts: [", "files\ndns\n" },
                { "hosts: a [b", "a\n" },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *services = nsswitch_host_services(table[i][0]);
                assert_non_null(services);
                assert_string_equal(services, table[i][1]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_services) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
