/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/host_uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#define MACHINE_ID "0123456789abcdef0123456789abcdef"
#define UUID_OF_MACHINE_ID "f2782346-4809-484a-9a8b-952a04b57ba4"

/* What Python's stasadm 2.4.1 made of this machine ID. */
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

static void put(const char *root, const char *directory, const char *name, const char *text)
{
        char buf[256];

        snprintf(buf, sizeof(buf), "mkdir -p %s/%s", root, directory);
        assert_int_equal(system(buf), 0);
        snprintf(buf, sizeof(buf), "%s/%s/%s", root, directory, name);
        FILE *f = fopen(buf, "we");
        assert_non_null(f);
        fputs(text, f);
        assert_int_equal(fclose(f), 0);
}

/* Each source counts only where those before it give nothing. */
static void test_order(void **state)
{
        char root[] = "/tmp/test-host-uuid-XXXXXX", command[64];
        UuidText uuid, other;

        assert_non_null(mkdtemp(root));
        assert_int_equal(host_uuid_get(root, uuid), 0);
        assert_int_equal(host_uuid_get(root, other), 0);
        assert_string_not_equal(uuid, other);

        put(root, "proc/device-tree", "ibm,partition-uuid", "00000000-1111-2222-3333-444444444444");
        assert_int_equal(host_uuid_get(root, uuid), 0);
        assert_string_equal(uuid, "00000000-1111-2222-3333-444444444444");

        put(root, "sys/class/dmi/id", "product_uuid", "00112233-4455-6677-8899-aabbccddeeff\n");
        assert_int_equal(host_uuid_get(root, uuid), 0);
        assert_string_equal(uuid, "33221100-5544-7766-8899-aabbccddeeff");

        put(root, "etc", "machine-id", "uninitialized\n");
        assert_int_equal(host_uuid_get(root, uuid), 0);
        assert_string_equal(uuid, "33221100-5544-7766-8899-aabbccddeeff");

        put(root, "etc", "machine-id", MACHINE_ID "\n");
        assert_int_equal(host_uuid_get(root, uuid), 0);
        assert_string_equal(uuid, UUID_OF_MACHINE_ID);

        snprintf(command, sizeof(command), "rm -r %s", root);
        assert_int_equal(system(command), 0);
}

static void test_random_is_version_4(void **state)
{
        UuidText uuid;

        assert_int_equal(host_uuid_random(uuid), 0);
        assert_int_equal(strlen(uuid), UUID_TEXT_SIZE - 1);
        assert_int_equal(uuid[14], '4');
        assert_non_null(strchr("89ab", uuid[19]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_machine_id), cmocka_unit_test(test_no_machine_id),
                cmocka_unit_test(test_dmi),        cmocka_unit_test(test_device_tree),
                cmocka_unit_test(test_order),      cmocka_unit_test(test_random_is_version_4),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
