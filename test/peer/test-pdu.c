/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/pdu.h"

#include "codec/initialize_connection.h"
#include "peer/testing.h"

enum { /* result of decoding */
        MORE = 0,
        WHOLE = 1,
};

static void test_decodes_icreq(void **state)
{
        uint8_t data[PDU_IC_SIZE] = { [2] = 128, [4] = 128, [8] = 0x34, [9] = 0x12, [10] = 7,
                                      [11] = 3,  [12] = 4,  [13] = 3,   [14] = 2,   [15] = 1 };
        Pdu pdu;
        PduError error;
        assert_int_equal(pdu_decode(data, sizeof(data), &pdu, &error), WHOLE);
        assert_int_equal(pdu.type, PDU_ICREQ);
        assert_int_equal(pdu.length, 128);
        assert_int_equal(pdu.icreq.pfv, 0x1234);
        assert_int_equal(pdu.icreq.hpda, 7);
        assert_int_equal(pdu.icreq.digest, 3);
        assert_int_equal(pdu.icreq.maxr2t, 0x01020304);
}

/* The daemons' side of the exchange was written independently of this one. */
static void test_agrees_with_the_daemons_probe(void **state)
{
        _cleanup_bytes_ Bytes answer = { 0 };
        uint8_t request[ICREQ_SIZE];
        Pdu pdu;
        PduError error;

        icreq_encode(request);
        assert_int_equal(pdu_decode(request, sizeof(request), &pdu, &error), WHOLE);
        assert_int_equal(pdu.type, PDU_ICREQ);
        assert_int_equal(pdu.icreq.pfv, 0);
        pdu_put_icresp(&answer, 131072);
        assert_int_equal(icresp_decode(answer.data, answer.length), 1);
}

static void test_decodes_command_without_data(void **state)
{
        uint8_t data[PDU_COMMAND_SIZE] = { [0] = 4, [2] = 72, [4] = 72, [8] = 0x0c };
        Pdu pdu;
        PduError error;
        assert_int_equal(pdu_decode(data, sizeof(data), &pdu, &error), WHOLE);
        assert_int_equal(pdu.type, PDU_COMMAND);
        assert_ptr_equal(pdu.command.sqe, data + 8);
        assert_int_equal(pdu.command.n_data, 0);
}

static void test_decodes_command_with_data_where_pdo_says(void **state)
{
        uint8_t data[88] = { [0] = 4, [2] = 72, [3] = 76, [4] = 88 };
        Pdu pdu;
        PduError error;
        assert_int_equal(pdu_decode(data, sizeof(data), &pdu, &error), WHOLE);
        assert_ptr_equal(pdu.command.data, data + 76);
        assert_int_equal(pdu.command.n_data, 12);
}

static void test_decodes_termination(void **state)
{
        uint8_t data[32] = { [0] = 2, [2] = 24, [4] = 32, [8] = 5, [10] = 4, [11] = 3, [13] = 1 };
        Pdu pdu;
        PduError error;
        assert_int_equal(pdu_decode(data, sizeof(data), &pdu, &error), WHOLE);
        assert_int_equal(pdu.type, PDU_H2C_TERM);
        assert_int_equal(pdu.length, 32);
        assert_int_equal(pdu.term.fes, 5);
        assert_int_equal(pdu.term.fei, 0x01000304);
}

static void test_waits_for_the_rest(void **state)
{
        _cleanup_bytes_ Bytes b = { 0 };
        Pdu pdu;
        PduError error;
        host_put_connect(&b, 0xffff, "nqn.x", 0);
        for (size_t n = 0; n < b.length; n++)
                assert_int_equal(pdu_decode(b.data, n, &pdu, &error), MORE);
        assert_int_equal(pdu_decode(b.data, b.length, &pdu, &error), WHOLE);
        bytes_append(&b, "next", 4);
        assert_int_equal(pdu_decode(b.data, b.length, &pdu, &error), WHOLE);
        assert_int_equal(pdu.length, b.length - 4);
}

/* Eight bytes are enough to reject an invalid PDU. */
static void test_refuses(void **state)
{
        static const struct {
                uint8_t type, flags, hlen, pdo;
                uint32_t plen;
                PduError error;
        } cases[] = {
                { 0x00, 0, 127, 0, 128, { FES_INVALID_HEADER, 2 } },
                { 0x00, 0, 128, 0, 127, { FES_INVALID_HEADER, 4 } },
                { 0x00, 0, 128, 0, 129, { FES_INVALID_HEADER, 4 } },
                { 0x01, 0, 128, 0, 128, { FES_INVALID_HEADER, 0 } }, /* an ICResp from a host */
                { 0x02, 0, 24, 0, 23, { FES_INVALID_HEADER, 4 } },
                { 0x02, 0, 24, 0, 153, { FES_LIMIT_EXCEEDED, 0 } },
                { 0x04, 1, 72, 0, 72, { FES_INVALID_HEADER, 1 } }, /* digests were not granted */
                { 0x04, 2, 72, 0, 72, { FES_INVALID_HEADER, 1 } },
                { 0x04, 0, 64, 0, 72, { FES_INVALID_HEADER, 2 } },
                { 0x04, 0, 72, 0, 71, { FES_INVALID_HEADER, 4 } },
                { 0x04, 0, 72, 0, 80, { FES_INVALID_HEADER, 3 } },
                { 0x04, 0, 72, 68, 80, { FES_INVALID_HEADER, 3 } },
                { 0x04, 0, 72, 74, 80, { FES_INVALID_HEADER, 3 } },
                { 0x04, 0, 72, 84, 80, { FES_INVALID_HEADER, 3 } },
                { 0x04, 0, 72, 72, 72 + 8192 + 4, { FES_LIMIT_EXCEEDED, 0 } },
                { 0x04, 0, 72, 72, 0xffffffff, { FES_LIMIT_EXCEEDED, 0 } },
                { 0x05, 0, 24, 0, 24, { FES_INVALID_HEADER, 0 } },
                { 0x06, 0, 24, 0, 24, { FES_SEQUENCE, 0 } }, /* no R2T was sent */
                { 0x07, 0, 24, 0, 24, { FES_INVALID_HEADER, 0 } },
                { 0x08, 0, 8, 0, 8, { FES_INVALID_HEADER, 0 } },
                { 0xff, 0, 8, 0, 8, { FES_INVALID_HEADER, 0 } },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t data[8] = { cases[i].type, cases[i].flags, cases[i].hlen, cases[i].pdo };
                Pdu pdu;
                PduError error = { 0 };
                put_le32(data + 4, cases[i].plen);
                assert_int_equal(pdu_decode(data, 7, &pdu, &error), MORE);
                if (pdu_decode(data, 8, &pdu, &error) != -EBADMSG)
                        fail_msg("case %zu was taken", i);
                if (error.fes != cases[i].error.fes || error.fei != cases[i].error.fei)
                        fail_msg("case %zu: FES %d, FEI %u", i, error.fes, error.fei);
        }
}

static void test_takes_the_largest_capsule(void **state)
{
        _cleanup_free_ uint8_t *data = calloc(1, 72 + 8192);
        Pdu pdu;
        PduError error;
        assert_non_null(data);
        data[0] = 4;
        data[2] = data[3] = 72;
        put_le32(data + 4, 72 + 8192);
        assert_int_equal(pdu_decode(data, 72 + 8192, &pdu, &error), WHOLE);
        assert_int_equal(pdu.command.n_data, 8192);
}

static void test_encodes_icresp(void **state)
{
        static const uint8_t expected[128] = { 0x01, 0, 128, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };
        _cleanup_bytes_ Bytes b = { 0 };
        pdu_put_icresp(&b, 4096);
        assert_int_equal(b.length, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
}

static void test_encodes_response(void **state)
{
        static const uint8_t cqe[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
        static const uint8_t expected[24] = { 0x05, 0, 24, 0, 24, 0,  0,  0,  1,  2,  3,  4,
                                              5,    6, 7,  8, 9,  10, 11, 12, 13, 14, 15, 16 };
        _cleanup_bytes_ Bytes b = { 0 };
        pdu_put_response(&b, cqe);
        assert_int_equal(b.length, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
}

static void test_encodes_data(void **state)
{
        static const uint8_t expected[28] = { 0x07, 0x04, 24, 24, 28,  0,   0,   0,  0x34, 0x12,
                                              0,    0,    4,  3,  2,   1,   4,   0,  0,    0,
                                              0,    0,    0,  0,  'd', 'a', 't', 'a' };
        _cleanup_bytes_ Bytes b = { 0 };
        pdu_put_data(&b, 0x1234, 0, 0x01020304, (const uint8_t *) "data", 4, true);
        assert_int_equal(b.length, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
        bytes_consume(&b, b.length);
        pdu_put_data(&b, 0x1234, 0, 0x01020304, (const uint8_t *) "data", 4, false);
        assert_int_equal(b.data[PDU_FLAGS], 0);
}

static void test_aligns_data_as_the_host_asks(void **state)
{
        static const struct {
                uint8_t hpda, pdo;
        } cases[] = {
                { 0, 24 }, { 1, 24 }, { 2, 24 }, { 3, 32 }, { 4, 40 }, { 15, 64 }, { 31, 128 }
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_bytes_ Bytes b = { 0 };
                pdu_put_data(&b, 1, cases[i].hpda, 0, (const uint8_t *) "data", 4, true);
                assert_int_equal(b.data[PDU_PDO], cases[i].pdo);
                assert_int_equal(get_le32(b.data + PDU_PLEN), cases[i].pdo + 4);
                assert_memory_equal(b.data + cases[i].pdo, "data", 4);
        }
}

static void test_encodes_termination(void **state)
{
        static const uint8_t expected[28] = {
                0x03, 0, 24, 0, 28, 0, 0, 0, 1, 0, 4,   3,   2,   1,
                0,    0, 0,  0, 0,  0, 0, 0, 0, 0, 'w', 'h', 'a', 't'
        };
        _cleanup_bytes_ Bytes b = { 0 };
        pdu_put_term(&b, &(PduError) { FES_INVALID_HEADER, 0x01020304 }, (const uint8_t *) "what",
                     4);
        assert_int_equal(b.length, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decodes_icreq),
                cmocka_unit_test(test_agrees_with_the_daemons_probe),
                cmocka_unit_test(test_decodes_command_without_data),
                cmocka_unit_test(test_decodes_command_with_data_where_pdo_says),
                cmocka_unit_test(test_decodes_termination),
                cmocka_unit_test(test_waits_for_the_rest),
                cmocka_unit_test(test_refuses),
                cmocka_unit_test(test_takes_the_largest_capsule),
                cmocka_unit_test(test_encodes_icresp),
                cmocka_unit_test(test_encodes_response),
                cmocka_unit_test(test_encodes_data),
                cmocka_unit_test(test_aligns_data_as_the_host_asks),
                cmocka_unit_test(test_encodes_termination),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
