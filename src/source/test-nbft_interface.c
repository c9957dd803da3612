/* SPDX-License-Identifier: Apache-2.0 */

/* The interface with a given MAC address, in a test directory that stands for /. */

#include "source/nbft_interface.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

static char root[64];

static void write_text(const char *path, const char *text)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static const char *path_of(const char *folder, const char *name, const char *file)
{
        static char path[256];

        (void) snprintf(path, sizeof(path), "%s/%s/%s%s", root, folder, name, file);
        return path;
}

static void make_interface(const char *name, const char *mac)
{
        assert_int_equal(mkdir(path_of("sys/class/net", name, ""), 0755), 0);
        write_text(path_of("sys/class/net", name, "/address"), mac);
}

static void make_vlan(const char *name, const char *mac, const char *text)
{
        make_interface(name, mac);
        write_text(path_of("proc/net/vlan", name, ""), text);
}

static int set_up(void **state)
{
        static const char *const folders[] = { "sys",  "sys/class", "sys/class/net",
                                               "proc", "proc/net",  "proc/net/vlan" };

        strcpy(root, "/tmp/test-nbft_interface-XXXXXX");
        assert_non_null(mkdtemp(root));
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                assert_int_equal(mkdir(path_of(folders[i], "", ""), 0755), 0);

        make_interface("lo", "00:00:00:00:00:00\n");
        make_interface("eth1", "02:00:00:00:00:0A\n");
        make_interface("eth0", "02:00:00:00:00:0a\n");
        write_text(path_of("sys/class/net", "eth0", "/master"), ""); /* really a link */
        make_interface("bond0", "02:00:00:00:00:0b\n");
        make_vlan("storage", "02:00:00:00:00:0b\n",
                  "storage  VID: 20\t REORDER_HDR: 1  dev->priv_flags: 1021\n");
        make_vlan("vlan3", "02:00:00:00:00:0b\n", "vlan3  VID: 3\t REORDER_HDR: 1\n");
        make_interface("nothing", "");
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int tear_down(void **state)
{
        return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void expect(uint8_t last, uint16_t vlan, const char *name)
{
        const uint8_t mac[] = { 2, 0, 0, 0, 0, last };
        char found[ADDRESS_SCOPE_SIZE] = "untouched";
        int r = nbft_interface_find(root, mac, vlan, found);

        assert_int_equal(r, name ? 0 : -ENODEV);
        assert_string_equal(found, name ? name : "untouched");
}

static void test_a_mac_address_names_an_interface(void **state)
{
        expect(0x0b, 0, "bond0");
        expect(0x0c, 0, NULL);
}

static void test_a_part_of_a_bond_carries_no_ip(void **state)
{
        expect(0x0a, 0, "eth1");
}

static void test_the_vlan_decides(void **state)
{
        expect(0x0b, 20, "storage");
        expect(0x0b, 3, "vlan3");
        expect(0x0b, 4, NULL);
        expect(0x0a, 20, NULL);
}

static void test_of_two_the_same_one_always(void **state)
{
        make_interface("aaa", "02:00:00:00:00:0b\n");
        expect(0x0b, 0, "aaa");
}

static void test_no_sysfs_is_no_interface(void **state)
{
        const uint8_t mac[] = { 2, 0, 0, 0, 0, 1 };
        char found[ADDRESS_SCOPE_SIZE];

        assert_int_equal(nbft_interface_find("/nowhere", mac, 0, found), -ENODEV);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_mac_address_names_an_interface),
                cmocka_unit_test(test_a_part_of_a_bond_carries_no_ip),
                cmocka_unit_test(test_the_vlan_decides),
                cmocka_unit_test(test_of_two_the_same_one_always),
                cmocka_unit_test(test_no_sysfs_is_no_interface),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
