/* SPDX-License-Identifier: Apache-2.0 */

/* The boot firmware's tables as a source, from a test directory that stands for /. Tests that need
 * libnvme are skipped without it. */

#include "source/nbft.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/test-nbft_tables.h"
#include "codec/testing.h"

#define TABLES "/sys/firmware/acpi/tables"
#define FIRMWARE_NQN "nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-00000000b007"
#define FIRMWARE_ID "0a1b2c3d-0000-4000-8000-00000000b007"

static const HostIdentity host = { .nqn = (char *) "nqn.2024-01.lab:host" };

typedef struct World {
        char root[64];
        Nbft nbft;
        char *warnings;
} World;

static void make_folder(const World *w, const char *path)
{
        char folder[256];

        (void) snprintf(folder, sizeof(folder), "%s%s", w->root, path);
        assert_int_equal(mkdir(folder, 0755), 0);
}

static void write_file(const World *w, const char *path, const void *data, size_t n)
{
        char file[256];

        (void) snprintf(file, sizeof(file), "%s%s", w->root, path);
        FILE *f = fopen(file, "we");
        assert_non_null(f);
        assert_int_equal(fwrite(data, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
        static const char *const folders[] = { "/sys",
                                               "/sys/class",
                                               "/sys/class/net",
                                               "/sys/class/net/eth0",
                                               "/sys/class/net/eth1.20",
                                               "/sys/firmware",
                                               "/sys/firmware/acpi",
                                               TABLES,
                                               TABLES "/dynamic",
                                               "/proc",
                                               "/proc/net",
                                               "/proc/net/vlan" };
        World *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        strcpy(w->root, "/tmp/test-nbft-XXXXXX");
        assert_non_null(mkdtemp(w->root));
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                make_folder(w, folders[i]);
        write_file(w, "/sys/class/net/eth0/address", "02:00:00:00:00:01\n", 18);
        write_file(w, "/sys/class/net/eth1.20/address", "02:00:00:00:00:02\n", 18);
        write_file(w, "/proc/net/vlan/eth1.20", "eth1.20  VID: 20\n", 17);
        write_file(w, TABLES "/SSDT", "SSDT", 4);
        *state = w;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int tear_down(void **state)
{
        World *w = *state;

        nbft_done(&w->nbft);
        free(w->warnings);
        assert_int_equal(nftw(w->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(w);
        return 0;
}

static void put_table(const World *w, const char *name, const NbftPlan *plan)
{
        uint8_t table[NBFT_BUILD_MAX];
        char path[128];
        size_t n = nbft_build(plan, table);

        (void) snprintf(path, sizeof(path), TABLES "/%s", name);
        write_file(w, path, table, n);
}

static void read_as(World *w, ControllerKind role, bool ignore_iface)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        Nbft fresh;

        assert_int_equal(nbft_read(w->root, role, &host, ignore_iface, &w->nbft, &fresh, &d), 0);
        nbft_done(&w->nbft);
        w->nbft = fresh;
        free(w->warnings);
        w->warnings = diagnostics_to_text(&d);
        assert_non_null(w->warnings);
}

/* The entries, one per line, with their origin relative to the root. */
static void expect_entries(const World *w, SourceState state, const char *expected)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const SourceSet *s = w->nbft.set;

        assert_int_equal(s->kind, SOURCE_NBFT);
        assert_int_equal(s->state, state);
        for (size_t i = 0; i < s->n_entries; i++) {
                _cleanup_free_ char *tid = tid_to_string(s->entries[i].tid);
                text_buffer_printf(&b, "%s %s %s%s\n", tid, s->entries[i].tid->host_nqn,
                                   s->entries[i].where + strlen(w->root),
                                   s->entries[i].passive ? " passive" : "");
        }
        assert_string_equal(text_or(b.data, ""), expected);
}

static void expect_warning(const World *w, const char *name, const char *reason)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "W %s" TABLES "/%s: %s\n", w->root, name, reason);
        assert_string_equal(w->warnings, b.data);
}

static void need_libnvme(void)
{
#if !HAVE_LIBNVME && !HAVE_LIBNVME3
        skip();
#endif
}

static void test_no_table_wants_nothing(void **state)
{
        World *w = *state;

        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_entries(w, SOURCE_COMPLETE, "");
        assert_string_equal(w->warnings, "");
        assert_null(nbft_host_id(&w->nbft, FIRMWARE_NQN));

        assert_int_equal(tear_down(state), 0); /* a machine without ACPI */
        assert_int_equal(set_up(state), 0);
        w = *state;
        strcat(w->root, "/proc");
        read_as(w, CONTROLLER_IO, false);
        expect_entries(w, SOURCE_COMPLETE, "");
        assert_string_equal(w->warnings, "");
        *strrchr(w->root, '/') = '\0';
}

static void test_discovery_controllers_from_their_interfaces(void **state)
{
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &nbft_plan_typical);
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_string_equal(w->warnings, "");
        expect_entries(w, SOURCE_COMPLETE,
                       "(tcp, 192.0.2.10, 8009, nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, "
                       "eth0) " FIRMWARE_NQN " " TABLES "/NBFT discovery controller 1\n"
                       "(tcp, 2001:db8::10, 8009, nqn.2024-01.lab:dc, eth1.20) " FIRMWARE_NQN
                       " " TABLES "/NBFT discovery controller 2\n");
        assert_string_equal(nbft_host_id(&w->nbft, FIRMWARE_NQN), FIRMWARE_ID);
        assert_null(nbft_host_id(&w->nbft, host.nqn));

        read_as(w, CONTROLLER_DISCOVERY, true);
        assert_string_equal(w->nbft.set->entries[0].tid->host_iface, "");
        assert_string_equal(w->nbft.set->entries[1].tid->host_iface, "");
}

static void test_subsystems_are_kept_from_wherever(void **state)
{
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &nbft_plan_typical);
        read_as(w, CONTROLLER_IO, false);
        expect_entries(w, SOURCE_COMPLETE,
                       "(tcp, 192.0.2.20, 4420, nqn.2024-01.lab:boot) " FIRMWARE_NQN " " TABLES
                       "/NBFT subsystem 1 passive\n"
                       "(tcp, 2001:db8::20, 4421, nqn.2024-01.lab:data) " FIRMWARE_NQN " " TABLES
                       "/NBFT subsystem 2 passive\n");
}

static void test_an_interface_that_is_not_there(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = "not an NQN",
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 9 }, .address = "192.0.2.9" },
                          { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "2001:db8::1" } },
                .discoveries = { { .hfi = 1, .uri = "nvme+tcp://192.0.2.10", .nqn = "nqn.a" },
                                 { .hfi = 2, .uri = "nvme+tcp://192.0.2.11", .nqn = "nqn.a" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_warning(w, "NBFT",
                       "discovery controller 1 waits: no interface has the MAC address "
                       "02:00:00:00:00:09");
        assert_int_equal(w->nbft.set->state, SOURCE_COMPLETE);
        assert_true(w->nbft.set->entries[0].passive); /* through no other interface */
        assert_false(w->nbft.set->entries[1].passive);
        assert_string_equal(w->nbft.set->entries[0].tid->host_iface, "");
        assert_string_equal(w->nbft.set->entries[0].tid->host_nqn, host.nqn);
        assert_string_equal(w->nbft.set->entries[1].tid->host_iface, "eth0");
        assert_string_equal(w->nbft.set->entries[1].tid->host_traddr, ""); /* of another family */
        assert_int_equal(w->nbft.n_hosts, 0);
}

static void rename_interface(const World *w, const char *from, const char *to)
{
        char a[128], b[128];

        (void) snprintf(a, sizeof(a), "%s/sys/class/net/%s", w->root, from);
        (void) snprintf(b, sizeof(b), "%s/sys/class/net/%s", w->root, to);
        assert_int_equal(rename(a, b), 0);
}

static void test_a_renamed_interface_is_looked_up_again(void **state)
{
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &nbft_plan_typical);
        assert_false(nbft_interfaces_changed(&w->nbft, w->root));
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_false(nbft_interfaces_changed(&w->nbft, w->root));

        rename_interface(w, "eth0", "nbft0");
        assert_true(nbft_interfaces_changed(&w->nbft, w->root));
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_string_equal(w->warnings, "");
        assert_string_equal(w->nbft.set->entries[0].tid->host_iface, "nbft0");
        assert_false(nbft_interfaces_changed(&w->nbft, w->root));
}

/* While the interface is absent the row keeps its name, so that it is kept, and not connected
 * through another one. */
static void test_an_interface_that_goes_and_comes(void **state)
{
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &nbft_plan_typical);
        read_as(w, CONTROLLER_DISCOVERY, false);
        rename_interface(w, "eth1.20", "../../eth1.20"); /* of the VLAN */
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(nbft_interfaces_changed(&w->nbft, w->root), i == 0);
                read_as(w, CONTROLLER_DISCOVERY, false);
                expect_warning(w, "NBFT",
                               "discovery controller 2 waits: no interface of VLAN 20 has the MAC "
                               "address 02:00:00:00:00:02");
                assert_string_equal(w->nbft.set->entries[1].tid->host_iface, "eth1.20");
                assert_true(w->nbft.set->entries[1].passive);
        }
        rename_interface(w, "../../eth1.20", "eth1.20");
        assert_true(nbft_interfaces_changed(&w->nbft, w->root));
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_string_equal(w->warnings, "");
        assert_false(w->nbft.set->entries[1].passive);
}

static void test_all_tables_count(void **state)
{
        static const NbftPlan other = {
                .host_nqn = "nqn.2024-01.lab:other",
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1,
                                   .uri = "nvme+tcp://192.0.2.99",
                                   .nqn = "nqn.2024-01.lab:dc" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT1", &nbft_plan_typical);
        put_table(w, "NBFT2", &other);
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_int_equal(w->nbft.set->n_entries, 3);
        assert_int_equal(w->nbft.n_hosts, 1); /* the other one has no ID */
}

static void test_what_is_not_understood_is_told_and_not_known(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = "nqn.2024-01.lab:host",
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1,
                                   .uri = "nvme+rdma://192.0.2.10",
                                   .nqn = "nqn.2024-01.lab:dc" },
                                 { .hfi = 1,
                                   .uri = "nvme+tcp://192.0.2.11",
                                   .nqn = "nqn.2024-01.lab:dc" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_int_equal(w->nbft.set->state, SOURCE_PARTIAL);
        assert_int_equal(w->nbft.set->n_entries, 1);
        expect_warning(w, "NBFT", "1 of the boot firmware's controllers could not be decoded");
}

static void test_a_name_is_no_address(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = "nqn.2024-01.lab:host",
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1,
                                   .uri = "nvme+tcp://dc.example",
                                   .nqn = "nqn.2024-01.lab:dc" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_entries(w, SOURCE_PARTIAL, "");
        expect_warning(w, "NBFT", "discovery controller 1 cannot be used: its address is a name");
}

/* Other programs may have connected it; the firmware itself could not. */
static void test_a_bad_nqn_is_not_connected(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = "nqn.2024-01.lab:host",
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1,
                                   .uri = "nvme+tcp://192.0.2.10",
                                   .nqn = "nqn.2024-01.lab:\xef\xbf\xbe" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_int_equal(w->nbft.set->n_entries, 1);
        assert_true(w->nbft.set->entries[0].passive);
        assert_string_equal(w->nbft.set->entries[0].problem, NQN_NOT_USABLE);
        assert_int_equal(w->nbft.set->state, SOURCE_COMPLETE);
        assert_string_equal(w->warnings, ""); /* the engine reports the problem */
}

static void test_without_an_nqn_it_is_the_well_known_one(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = FIRMWARE_NQN,
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1, .uri = "nvme+tcp://192.0.2.10:8009/" },
                                 { .hfi = 1, .uri = "nvme+tcp://192.0.2.11", .nqn = "" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        assert_string_equal(w->warnings, "");
        expect_entries(w, SOURCE_COMPLETE,
                       "(tcp, 192.0.2.10, 8009, nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, "
                       "eth0) " FIRMWARE_NQN " " TABLES "/NBFT discovery controller 1\n"
                       "(tcp, 192.0.2.11, 8009, nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, "
                       "eth0) " FIRMWARE_NQN " " TABLES "/NBFT discovery controller 2\n");
}

/* In the clear it would be connected to against the firmware's will. */
static void test_a_security_profile_is_not_ignored(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = FIRMWARE_NQN,
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 1, .uri = "nvme+tcp://192.0.2.10", .security = 1 },
                                 { .hfi = 1, .uri = "nvme+tcp://192.0.2.11" } },
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_entries(w, SOURCE_COMPLETE,
                       "(tcp, 192.0.2.10, 8009, nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, "
                       "eth0) " FIRMWARE_NQN " " TABLES "/NBFT discovery controller 1 passive\n"
                       "(tcp, 192.0.2.11, 8009, nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, "
                       "eth0) " FIRMWARE_NQN " " TABLES "/NBFT discovery controller 2\n");
        assert_string_equal(w->nbft.set->entries[0].problem,
                            "the boot firmware has a security profile for it, and nvme-stas does "
                            "not support these");
}

static void test_an_interface_that_the_table_does_not_describe(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = FIRMWARE_NQN,
                .hfis = { { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" } },
                .discoveries = { { .hfi = 2, .uri = "nvme+tcp://192.0.2.10" },
                                 { .uri = "nvme+tcp://192.0.2.11" } }, /* from any interface */
        };
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT", &plan);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_entries(w, SOURCE_COMPLETE,
                       "(tcp, 192.0.2.10, 8009, nqn.2014-08.org.nvmexpress.discovery) " FIRMWARE_NQN
                       " " TABLES "/NBFT discovery controller 1 passive\n"
                       "(tcp, 192.0.2.11, 8009, nqn.2014-08.org.nvmexpress.discovery) " FIRMWARE_NQN
                       " " TABLES "/NBFT discovery controller 2\n");
        assert_string_equal(w->nbft.set->entries[0].problem,
                            "the boot firmware's table does not describe the interface that it "
                            "names");
        read_as(w, CONTROLLER_DISCOVERY, true);
        assert_false(w->nbft.set->entries[0].passive);
}

static void test_a_damaged_table_is_told_and_not_known(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        World *w = *state;
        size_t n = nbft_build(&nbft_plan_typical, table);

        write_file(w, TABLES "/NBFT", table, n - 1);
        read_as(w, CONTROLLER_IO, false);
        expect_entries(w, SOURCE_PARTIAL, "");
        expect_warning(w, "NBFT",
                       "the boot firmware's table cannot be used: it is cut off, or its length is "
                       "wrong");

        table[NBFT_AT_CHECKSUM]++;
        write_file(w, TABLES "/NBFT", table, n);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_entries(w, SOURCE_PARTIAL, "");
        expect_warning(w, "NBFT",
                       "the boot firmware's table cannot be used: its checksum is wrong");

        write_file(w, TABLES "/NBFT", "", 0);
        read_as(w, CONTROLLER_DISCOVERY, false);
        expect_warning(w, "NBFT", "the boot firmware's table cannot be used: it is empty");
}

static void test_one_damaged_table_leaves_the_others(void **state)
{
        World *w = *state;

        need_libnvme();
        put_table(w, "NBFT2", &nbft_plan_typical);
        write_file(w, TABLES "/NBFT1", "NBFT", 4);
        read_as(w, CONTROLLER_IO, false);
        assert_int_equal(w->nbft.set->state, SOURCE_PARTIAL);
        assert_int_equal(w->nbft.set->n_entries, 2);
        expect_warning(w, "NBFT1", "the boot firmware's table cannot be used: it is too short");
}

static void test_without_libnvme_that_is_told(void **state)
{
        World *w = *state;

#if HAVE_LIBNVME || HAVE_LIBNVME3
        skip();
#endif
        put_table(w, "NBFT", &nbft_plan_typical);
        read_as(w, CONTROLLER_IO, false);
        expect_entries(w, SOURCE_PARTIAL, "");
        expect_warning(w, "NBFT",
                       "the boot firmware's table cannot be used: this program was built without "
                       "libnvme, which is required to read it");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_no_table_wants_nothing),
                TEST(test_discovery_controllers_from_their_interfaces),
                TEST(test_subsystems_are_kept_from_wherever),
                TEST(test_an_interface_that_is_not_there),
                TEST(test_a_renamed_interface_is_looked_up_again),
                TEST(test_an_interface_that_goes_and_comes),
                TEST(test_all_tables_count),
                TEST(test_what_is_not_understood_is_told_and_not_known),
                TEST(test_a_name_is_no_address),
                TEST(test_a_bad_nqn_is_not_connected),
                TEST(test_without_an_nqn_it_is_the_well_known_one),
                TEST(test_a_security_profile_is_not_ignored),
                TEST(test_an_interface_that_the_table_does_not_describe),
                TEST(test_a_damaged_table_is_told_and_not_known),
                TEST(test_one_damaged_table_leaves_the_others),
                TEST(test_without_libnvme_that_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
