/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/command.h"

#include "peer/testing.h"

static void test_decodes_each_field(void **state)
{
        uint8_t sqe[SQE_SIZE];
        Command c;
        for (size_t i = 0; i < sizeof(sqe); i++)
                sqe[i] = (uint8_t) i;
        command_decode(sqe, NULL, 0, &c);
        assert_int_equal(c.opcode, 0);
        assert_int_equal(c.flags, 1);
        assert_int_equal(c.cid, 0x0302);
        assert_int_equal(c.fctype, 4);
        assert_true(c.sgl_address == UINT64_C(0x1f1e1d1c1b1a1918));
        assert_int_equal(c.sgl_length, 0x23222120);
        assert_int_equal(c.sgl_type, 39);
        assert_int_equal(command_dword(&c, 10), 0x2b2a2928);
        assert_int_equal(command_dword(&c, 15), 0x3f3e3d3c);
}

/* Two bytes are needed, of eight in the capsule. */
static void test_finds_data_in_the_capsule(void **state)
{
        static const struct {
                uint8_t type;
                uint64_t address;
                uint32_t length;
                Status status;
        } cases[] = {
                { SGL_IN_CAPSULE, 0, 8, STATUS_SUCCESS },
                { SGL_IN_CAPSULE, 6, 2, STATUS_SUCCESS },
                { SGL_IN_CAPSULE, 0, 1, STATUS_SGL_LENGTH },
                { SGL_IN_CAPSULE, 0, 9, STATUS_SGL_LENGTH },
                { SGL_IN_CAPSULE, 7, 2, STATUS_SGL_LENGTH },
                { SGL_IN_CAPSULE, 8, 2, STATUS_SGL_LENGTH },
                { SGL_IN_CAPSULE, 9, 2, STATUS_SGL_OFFSET },
                { SGL_IN_CAPSULE, UINT64_MAX, 2, STATUS_SGL_OFFSET },
                { SGL_TRANSPORT, 0, 8, STATUS_SGL_TYPE },
                { 0, 0, 8, STATUS_SGL_TYPE },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t data[8];
                const uint8_t *found = NULL;
                Command c = {
                        .sgl_type = cases[i].type,
                        .sgl_address = cases[i].address,
                        .sgl_length = cases[i].length,
                        .data = data,
                        .n_data = sizeof(data),
                };
                assert_int_equal(command_in_capsule(&c, 2, &found), cases[i].status);
                if (cases[i].status == STATUS_SUCCESS)
                        assert_ptr_equal(found, data + cases[i].address);
                else
                        assert_null(found);
        }
}

static void test_asks_whether_the_answer_fits(void **state)
{
        Command c = { .sgl_type = SGL_TRANSPORT, .sgl_length = 4096 };
        assert_int_equal(command_takes_data(&c, 4096), STATUS_SUCCESS);
        assert_int_equal(command_takes_data(&c, 1024), STATUS_SUCCESS);
        assert_int_equal(command_takes_data(&c, 4097), STATUS_SGL_LENGTH);
        c.sgl_type = SGL_IN_CAPSULE;
        assert_int_equal(command_takes_data(&c, 1), STATUS_SGL_TYPE);
}

static void test_encodes_completion(void **state)
{
        static const uint8_t expected[CQE_SIZE] = { 8, 7, 6, 5, 4, 3, 2,    1,
                                                    2, 1, 0, 0, 4, 3, 0x04, 0x83 };
        uint8_t cqe[CQE_SIZE];
        completion_encode(
                &(Completion) {
                        .result = UINT64_C(0x0102030405060708),
                        .sqhd = 0x0102,
                        .cid = 0x0304,
                        .status = STATUS_CONNECT_PARAMETERS | STATUS_DO_NOT_RETRY,
                },
                cqe);
        assert_memory_equal(cqe, expected, sizeof(expected));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decodes_each_field),
                cmocka_unit_test(test_finds_data_in_the_capsule),
                cmocka_unit_test(test_asks_whether_the_answer_fits),
                cmocka_unit_test(test_encodes_completion),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
