/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/host_uuid.h"

#include "base/testing.h"
#include "base/text.h"

#define MACHINE_ID "0123456789abcdef0123456789abcdef"
#define UUID_OF_MACHINE_ID "f2782346-4809-484a-9a8b-952a04b57ba4"

/* The result of stasadm 2.4.1 (Python) for this machine ID. */
static void test_machine_id(void **state)
{
        UuidText uuid = "untouched";

        assert_int_equal(host_uuid_from_machine_id(MACHINE_ID "\n", uuid), 0);
        assert_string_equal(uuid, UUID_OF_MACHINE_ID);
        assert_int_equal(host_uuid_from_machine_id(MACHINE_ID, uuid), 0);
        assert_string_equal(uuid, UUID_OF_MACHINE_ID);
}

static void test_no_machine_id(void **state)
{
        static const char *const cases[] = {
                "",
                "\n",
                "uninitialized\n",
                "0123456789abcdef0123456789abcde\n",
                "0123456789abcdef0123456789abcdef0\n",
                "0123456789abcdef0123456789abcdeg\n",
                "01234567-89ab-cdef-0123-456789abcdef\n",
                "00000000000000000000000000000000\n",
                "ffffffffffffffffffffffffffffffff\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                UuidText uuid = "untouched";

                assert_int_equal(host_uuid_from_machine_id(cases[i], uuid), -EINVAL);
                assert_string_equal(uuid, "untouched");
        }
}

static void test_dmi(void **state)
{
        static const struct {
                const char *text, *uuid;
        } cases[] = {
                { "00112233-4455-6677-8899-aabbccddeeff\n",
                  "33221100-5544-7766-8899-aabbccddeeff" },
                { "4C4C4544-0043-3510-8052-C4C04F4D3233\n",
                  "44454c4c-4300-1035-8052-c4c04f4d3233" },
                { "00000000-0000-0000-0000-000000000000\n", NULL },
                { "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\n", NULL },
                { "Not Settable\n", NULL },
                { "00112233445566778899aabbccddeeff\n", NULL },
                { "00112233-4455-6677-8899-aabbccddee\n", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                UuidText uuid = "untouched";

                assert_int_equal(host_uuid_from_dmi(cases[i].text, uuid),
                                 cases[i].uuid ? 0 : -EINVAL);
                assert_string_equal(uuid, text_or(cases[i].uuid, "untouched"));
        }
}

static void test_device_tree(void **state)
{
        UuidText uuid;

        assert_int_equal(host_uuid_from_device_tree("00112233-4455-6677-8899-aabbccddeeff", uuid),
                         0);
        assert_string_equal(uuid, "00112233-4455-6677-8899-aabbccddeeff");
        assert_int_equal(host_uuid_from_device_tree("LPAR", uuid), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_machine_id),
                cmocka_unit_test(test_no_machine_id),
                cmocka_unit_test(test_dmi),
                cmocka_unit_test(test_device_tree),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
