/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/initialize_connection.h"

#include <string.h>

#include "base/testing.h"

static void make_icresp(uint8_t ret[static ICRESP_SIZE])
{
        memset(ret, 0, ICRESP_SIZE);
        ret[0] = 1;
        ret[2] = ret[4] = ICRESP_SIZE;
        ret[14] = 2; /* MAXH2CDATA 131072 */
}

static void test_the_request(void **state)
{
        uint8_t data[ICREQ_SIZE], expected[ICREQ_SIZE] = { [2] = 128, [4] = 128 };

        memset(data, 0xff, sizeof(data));
        icreq_encode(data);
        assert_memory_equal(data, expected, sizeof(data));
}

static void test_an_answer_is_known_when_it_is_whole(void **state)
{
        uint8_t data[ICRESP_SIZE];

        make_icresp(data);
        for (size_t n = 0; n < ICRESP_SIZE; n++)
                assert_int_equal(icresp_decode(data, n), 0);
        assert_int_equal(icresp_decode(data, ICRESP_SIZE), 1);
}

/* Evaluating the contents of an ICResp is left to the kernel. */
static void test_alignment_digests_and_limits_do_not_matter(void **state)
{
        uint8_t data[ICRESP_SIZE];

        make_icresp(data);
        memset(data + 10, 0xff, ICRESP_SIZE - 10);
        assert_int_equal(icresp_decode(data, ICRESP_SIZE), 1);
}

static void test_what_is_no_answer_is_known_at_its_first_wrong_byte(void **state)
{
        static const size_t offsets[] = { 0, 2, 4, 5, 6, 7, 8, 9 };

        for (size_t i = 0; i < ELEMENTSOF(offsets); i++) {
                uint8_t data[ICRESP_SIZE];
                make_icresp(data);
                data[offsets[i]] ^= 0x40;
                assert_int_equal(icresp_decode(data, offsets[i]), 0);
                assert_int_equal(icresp_decode(data, offsets[i] + 1), -EPROTO);
                assert_int_equal(icresp_decode(data, ICRESP_SIZE), -EPROTO);
        }
}

static void test_other_protocols(void **state)
{
        static const char *const greetings[] = { "SSH-2.0-OpenSSH_9.2", "HTTP/1.1 400", "220 " };

        for (size_t i = 0; i < ELEMENTSOF(greetings); i++)
                assert_int_equal(icresp_decode((const uint8_t *) greetings[i], 1), -EPROTO);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_request),
                cmocka_unit_test(test_an_answer_is_known_when_it_is_whole),
                cmocka_unit_test(test_alignment_digests_and_limits_do_not_matter),
                cmocka_unit_test(test_what_is_no_answer_is_known_at_its_first_wrong_byte),
                cmocka_unit_test(test_other_protocols),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
