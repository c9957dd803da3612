/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/nvme_name.h"

#include "base/testing.h"

static void test_names(void **state)
{
        static const struct {
                const char *name;
                bool is_namespace;
                NvmeName parts;
        } table[] = {
                { "nvme7", false, { 7, -1, -1 } },
                { "nvme0n1", true, { 0, -1, 1 } },
                { "nvme0c12n3", true, { 0, 12, 3 } },
                { "nvme0c12", false, { 0, 12, -1 } },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                NvmeName n;
                assert_true(nvme_name_parse(table[i].name, &n));
                assert_memory_equal(&n, &table[i].parts, sizeof(n));
                assert_int_equal(nvme_name_is_namespace(table[i].name), table[i].is_namespace);
        }
}

static void test_other_names(void **state)
{
        static const char *const names[] = {
                "",          "nvme",   "nvme-fabrics", "nvme-subsys0", "ng0n1",
                "nvme0n1p1", "nvme0n", "nvme0cn1",     "nvme0n1c1",    "nvme2147483648n1",
                "xnvme0n1",  "hwmon3", "power",
        };
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_false(nvme_name_is_namespace(names[i]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_other_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
