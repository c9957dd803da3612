/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/make_uuid.h"

#include <stdio.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

#define MACHINE_ID "0123456789abcdef0123456789abcdef"
#define UUID_OF_MACHINE_ID "f2782346-4809-484a-9a8b-952a04b57ba4"

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

/* Each source is used only if those before it have no value. */
static void test_order(void **state)
{
        char root[] = "/tmp/test-make-uuid-XXXXXX", command[64];
        UuidText uuid, other;

        assert_non_null(mkdtemp(root));
        assert_int_equal(make_host_uuid(root, uuid), 0);
        assert_int_equal(make_host_uuid(root, other), 0);
        assert_string_not_equal(uuid, other);

        put(root, "proc/device-tree", "ibm,partition-uuid", "00000000-1111-2222-3333-444444444444");
        assert_int_equal(make_host_uuid(root, uuid), 0);
        assert_string_equal(uuid, "00000000-1111-2222-3333-444444444444");

        put(root, "sys/class/dmi/id", "product_uuid", "00112233-4455-6677-8899-aabbccddeeff\n");
        assert_int_equal(make_host_uuid(root, uuid), 0);
        assert_string_equal(uuid, "33221100-5544-7766-8899-aabbccddeeff");

        put(root, "etc", "machine-id", "uninitialized\n");
        assert_int_equal(make_host_uuid(root, uuid), 0);
        assert_string_equal(uuid, "33221100-5544-7766-8899-aabbccddeeff");

        put(root, "etc", "machine-id", MACHINE_ID "\n");
        assert_int_equal(make_host_uuid(root, uuid), 0);
        assert_string_equal(uuid, UUID_OF_MACHINE_ID);

        snprintf(command, sizeof(command), "rm -r %s", root);
        assert_int_equal(system(command), 0);
}

static void test_random_is_version_4(void **state)
{
        UuidText uuid;

        assert_int_equal(make_random_uuid(uuid), 0);
        assert_int_equal(strlen(uuid), UUID_TEXT_SIZE - 1);
        assert_int_equal(uuid[14], '4');
        assert_non_null(strchr("89ab", uuid[19]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_random_is_version_4),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
