/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/host_setting.h"

#include <string.h>
#include <unistd.h>

#include "base/testing.h"

/* Only text of a plausible size is read. */
static void test_read(void **state)
{
        _cleanup_file_text_ FileText text = { 0 };
        char directory[] = "/tmp/test-host-setting-XXXXXX";

        assert_non_null(mkdtemp(directory));
        assert_int_equal(chdir(directory), 0);
        assert_int_equal(host_setting_read("missing", &text), 0);
        assert_int_equal(system("printf 'a\\0b' >nul && yes | head -c 2M >long && echo a >file"),
                         0);
        assert_int_equal(host_setting_read("nul", &text), -EINVAL);
        assert_int_equal(host_setting_read("long", &text), -EFBIG);
        assert_null(text.data);
        assert_int_equal(host_setting_read("file", &text), 0);
        assert_string_equal(text.data, "a\n");
        assert_int_equal(system("rm nul long file"), 0);
        assert_int_equal(chdir("/"), 0);
        assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
