/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/supported_logs.h"

#include "base/testing.h"

static void test_discovery_log_has_its_dword(void **state)
{
        uint8_t data[SUPPORTED_LOGS_SIZE] = { 0 };
        unsigned discovery;
        data[0x70 * 4] = 1;
        data[0x70 * 4 + 2] = 0x06;
        data[0x70 * 4 + 3] = 0x80;
        assert_int_equal(supported_logs_decode(data, sizeof(data), &discovery), 0);
        assert_int_equal(discovery, DISCOVERY_LOG_PORT_LOCAL | DISCOVERY_LOG_ALL | 0x8000);
}

static void test_what_is_not_supported_has_no_options(void **state)
{
        uint8_t data[SUPPORTED_LOGS_SIZE] = { 0 };
        unsigned discovery = 7;
        data[0x70 * 4] = 2; /* another bit */
        data[0x70 * 4 + 2] = 0x02;
        assert_int_equal(supported_logs_decode(data, sizeof(data), &discovery), 0);
        assert_int_equal(discovery, 0);
}

static void test_short_page(void **state)
{
        uint8_t data[SUPPORTED_LOGS_SIZE - 1] = { 0 };
        unsigned discovery = 7;
        assert_int_equal(supported_logs_decode(data, sizeof(data), &discovery), -EBADMSG);
        assert_int_equal(discovery, 7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_discovery_log_has_its_dword),
                cmocka_unit_test(test_what_is_not_supported_has_no_options),
                cmocka_unit_test(test_short_page),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
