/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/mountinfo.h"

#include <string.h>

#include "base/testing.h"

static void expect(const char *text, uint64_t id, const char *expected)
{
        _cleanup_free_ char *sources = mountinfo_sources(text, id);
        assert_non_null(sources);
        assert_string_equal(sources, expected);
}

static const char text[] =
        "22 1 0:20 / /sys rw,nosuid shared:2 - sysfs sysfs rw\n"
        "28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
        "29 28 0:33 /@var /var rw shared:7 master:3 - btrfs /dev/mapper/vg\\040a-root "
        "rw,space_cache\n"
        "30 28 0:34 / /srv rw - nfs4 server:/export rw,vers=4.2\n"
        "31 28 0:35 / /usr ro - overlay overlay "
        "ro,lowerdir=/run/lower:/run/lo\\054wer2,upperdir=/a\\040b,workdir=/work,uuid=on\n"
        "32 28 0:36 / /b rw - bcachefs /dev/sda:/dev/nvme1n1 rw,relatime\n"
        "33 28 0:37 / /z rw - zfs pool/root rw,xattr\n"
        "34 28 0:38 / /new rw - overlay none rw,lowerdir+=/l1,lowerdir+=/l2,datadir+=/d\n"
        "35 28 0:39 / /x rw - overlay overlay\n"
        "36 28 0:39 / /y rw -\n"
        "37 28 0:39 / /tmp rw - tmpfs";

static void test_what_mounts_lie_on(void **state)
{
        expect(text, 28, "/dev/nvme0n1p2\n");
        expect(text, 29, "/dev/mapper/vg a-root\n");
        expect(text, 31, "/run/lower\n/run/lo,wer2\n/a b\n");
        expect(text, 32, "/dev/sda\n/dev/nvme1n1\n");
        expect(text, 34, "/l1\n/l2\n/d\n");
}

static void test_what_lies_on_no_device(void **state)
{
        const uint64_t ids[] = { 22, 30, 33, 35, 36, 37, 2, 0, UINT64_MAX };

        for (size_t i = 0; i < ELEMENTSOF(ids); i++)
                expect(text, ids[i], "");
        expect("", 1, "");
        expect("\n\n - \n1 - overlay\n", 1, "");
}

/* Names are listed one per line, so names with a newline are skipped. */
static void test_names_that_are_not_taken(void **state)
{
        expect("1 0 0:1 / / rw - btrfs /dev/a\\012/dev/b rw", 1, "");
        expect("1 0 0:1 / / rw - overlay o lowerdir=relative:,upperdir", 1, "");
        expect("1 0 0:1 / / rw - btrfs /dev/a\\9\\04 rw", 1, "/dev/a\\9\\04\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_mounts_lie_on),
                cmocka_unit_test(test_what_lies_on_no_device),
                cmocka_unit_test(test_names_that_are_not_taken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
