/* SPDX-License-Identifier: Apache-2.0 */

/* Boot firmware tables: intact ones are accepted, all others are rejected. */

#include "codec/nbft.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/test-nbft_tables.h"

static void test_a_table_is_counted(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason;
        size_t n = nbft_build(&nbft_plan_typical, table);

        assert_int_equal(nbft_check(table, n, &s, &reason), 0);
        assert_int_equal(s.size, n);
        assert_int_equal(s.n_hfis, 2);
        assert_int_equal(s.n_discoveries, 2);
        assert_int_equal(s.n_subsystems, 2);
}

static void test_what_is_behind_its_length_does_not_count(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason;
        size_t n = nbft_build(&nbft_plan_typical, table);

        table[n] = 0xff;
        assert_int_equal(nbft_check(table, n + 1, &s, &reason), 0);
        assert_int_equal(s.size, n);
}

static void test_a_table_that_says_nothing_is_whole(void **state)
{
        static const NbftPlan nothing = { .host_nqn = "nqn.2024-01.lab:host" };
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason;
        size_t n = nbft_build(&nothing, table);

        assert_int_equal(nbft_check(table, n, &s, &reason), 0);
        assert_int_equal(s.n_hfis + s.n_discoveries + s.n_subsystems, 0);
}

/* It is the one descriptor that the table cannot do without. */
static void test_a_control_descriptor_that_is_not_valid(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason = "";
        size_t n = nbft_build(&nbft_plan_typical, table);

        table[NBFT_AT_CONTROL + 6] = 0;
        nbft_seal(table, n);
        assert_int_equal(nbft_check(table, n, &s, &reason), -EBADMSG);
        assert_string_equal(reason, "its control descriptor is not marked as valid");
}

static void test_each_truncation_is_found(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        size_t n = nbft_build(&nbft_plan_typical, table);

        for (size_t i = 0; i < n; i++) {
                /* exactly this size, so that a sanitizer detects reads past the end */
                uint8_t *copy = malloc(i > 0 ? i : 1);
                const char *reason = NULL;
                assert_non_null(copy);
                memcpy(copy, table, i);
                assert_int_equal(nbft_check(copy, i, &s, &reason), -EBADMSG);
                assert_non_null(reason);
                free(copy);
        }
}

static void test_each_changed_byte_is_found_by_the_checksum(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason;
        size_t n = nbft_build(&nbft_plan_typical, table);

        for (size_t i = 0; i < n; i++) {
                table[i] ^= 0x10;
                assert_int_equal(nbft_check(table, n, &s, &reason), -EBADMSG);
                table[i] ^= 0x10;
        }
}

typedef struct Lie {
        const char *name;
        size_t at;
        uint8_t bytes[4];
        size_t n;
        const char *reason;
} Lie;

/* Offsets within the heap of the typical table are not known here; wrong ones point past the
 * end. */
static const Lie lies[] = {
        { "signature", 0, { 'I' }, 1, "it does not begin with NBFT" },
        { "length beyond the file", 4, { 0, 0, 1, 0 }, 4, "it is cut off, or its length is wrong" },
        { "length of nothing", 4, { 0, 0, 0, 0 }, 4, "it is cut off, or its length is wrong" },
        { "major revision", 8, { 2 }, 1, "its major revision is not 1" },
        { "heap in the header", 36, { 0, 0, 0, 0 }, 4, "its heap is outside the table" },
        { "heap beyond the end", 36, { 0xff, 0xff, 0, 0 }, 4, "its heap is outside the table" },
        { "heap that wraps", 40, { 0xff, 0xff, 0xff, 0xff }, 4, "its heap is outside the table" },
        { "control's kind", 64, { 9 }, 1, "its control descriptor is not valid" },
        { "host's offset",
          64 + 8,
          { 0xff, 0xff, 0xff, 0xff },
          4,
          "the host descriptor is outside the table" },
        { "host's length", 64 + 12, { 31, 0 }, 2, "the host descriptor is outside the table" },
        { "host in the header", 64 + 8, { 0 }, 4, "the host descriptor is outside the table" },
        { "host's kind", 128, { 3 }, 1, "the host descriptor is not valid" },
        { "host not valid", 129, { 0 }, 1, "the host descriptor is not valid" },
        { "host NQN's offset", 128 + 18, { 0, 0, 0, 1 }, 4, "an object is not on the heap" },
        { "host NQN off the heap", 128 + 18, { 128, 0, 0, 0 }, 4, "an object is not on the heap" },
        { "host NQN's length", 128 + 22, { 0xff, 0xff }, 2, "an object is not on the heap" },
        { "host NQN's end", 128 + 22, { 8, 0 }, 2, "a string is not terminated" },
        { "no host NQN", 128 + 22, { 0, 0 }, 2, "a string is missing" },
        { "interfaces' offset",
          64 + 16,
          { 0xf0, 0xff, 0xff, 0xff },
          4,
          "the list of host interfaces is outside the table" },
        { "interfaces' length",
          64 + 20,
          { 0, 0 },
          2,
          "the list of host interfaces is outside the table" },
        { "interfaces' count",
          64 + 23,
          { 255 },
          1,
          "the list of host interfaces is outside the table" },
        { "interface's kind", NBFT_AT_HFIS, { 4 }, 1, "a host interface descriptor is not valid" },
        { "interface's transport",
          NBFT_AT_HFIS + 16,
          { 0, 0, 0, 1 },
          4,
          "an object is not on the heap" },
        { "interface's transport, short",
          NBFT_AT_HFIS + 20,
          { 127, 0 },
          2,
          "a descriptor on the heap is too short" },
        { "discovery's kind",
          NBFT_AT_DISCOVERIES,
          { 3 },
          1,
          "a discovery controller descriptor is not valid" },
        { "discovery's URI", NBFT_AT_DISCOVERIES + 10, { 0, 0 }, 2, "a string is missing" },
        { "discoveries' offset",
          64 + 40,
          { 0, 0, 1, 0 },
          4,
          "the list of discovery controllers is outside the table" },
        { "subsystem's kind", NBFT_AT_SUBSYSTEMS, { 3 }, 1, "a subsystem descriptor is not valid" },
        { "subsystem's address",
          NBFT_AT_SUBSYSTEMS + 14,
          { 4, 0 },
          2,
          "a subsystem's address has the wrong length" },
        { "subsystem's service", NBFT_AT_SUBSYSTEMS + 20, { 0, 0 }, 2, "a string is missing" },
        { "subsystem's NQN", NBFT_AT_SUBSYSTEMS + 57, { 1 }, 1, "an object is not on the heap" },
        { "subsystem's interfaces",
          NBFT_AT_SUBSYSTEMS + 51,
          { 1 },
          1,
          "an object is not on the heap" },
        { "subsystems' length",
          64 + 28,
          { 64, 0 },
          2,
          "the list of subsystems is outside the table" },
};

static void test_lies_are_found_behind_a_right_checksum(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
                const Lie *l = &lies[i];
                uint8_t table[NBFT_BUILD_MAX];
                NbftSummary s;
                const char *reason = "none";
                size_t n = nbft_build(&nbft_plan_typical, table);

                memcpy(table + l->at, l->bytes, l->n);
                nbft_seal(table, n);
                int r = nbft_check(table, n, &s, &reason);
                if (r != -EBADMSG || !streq(reason, l->reason))
                        fail_msg("%s: %d, %s", l->name, r, reason);
        }
}

/* Descriptors not marked valid may contain anything. */
static void test_what_is_not_valid_is_not_looked_at(void **state)
{
        uint8_t table[NBFT_BUILD_MAX];
        NbftSummary s;
        const char *reason;
        size_t n = nbft_build(&nbft_plan_typical, table);

        memset(table + NBFT_AT_HFIS, 0xff, 32);
        table[NBFT_AT_HFIS + 2] = 0xfe;
        nbft_seal(table, n);
        assert_int_equal(nbft_check(table, n, &s, &reason), 0);
        assert_int_equal(s.n_hfis, 1);
}

static void test_discovery_controllers(void **state)
{
        static const NbftPlan plan = {
                .host_nqn = "nqn.2024-01.lab:host",
                .discoveries = { { .hfi = 1, .uri = "nvme+tcp://192.0.2.10", .nqn = "nqn.a" },
                                 { .uri = "not looked at" },
                                 { .uri = "nvme+tcp://192.0.2.11", .security = 3 } },
        };
        uint8_t table[NBFT_BUILD_MAX];
        NbftDiscoveryEntry d;
        unsigned position = 0;

        (void) nbft_build(&plan, table);
        table[NBFT_AT_DISCOVERIES + 32 + 1] = 0; /* the second one is not valid */
        for (size_t i = 0; i < 3; i += 2) {
                assert_true(nbft_next_discovery(table, &position, &d));
                assert_int_equal(d.index, i + 1);
                assert_int_equal(d.hfi, plan.discoveries[i].hfi);
                assert_int_equal(d.security, plan.discoveries[i].security);
                assert_string_equal(d.uri, plan.discoveries[i].uri);
                assert_string_equal(d.nqn, text_or(plan.discoveries[i].nqn, ""));
        }
        assert_false(nbft_next_discovery(table, &position, &d));
}

static void test_addresses_of_discovery_controllers(void **state)
{
        static const struct {
                const char *uri;
                int r;
                const char *address, *port;
        } cases[] = {
                { "nvme+tcp://192.0.2.1:8009/", 0, "192.0.2.1", "8009" },
                { "nvme+tcp://192.0.2.1", 0, "192.0.2.1", "" },
                { "NVME+TCP://192.0.2.1/", 0, "192.0.2.1", "" },
                { "nvme+tcp://[2001:db8::1]:4420/", 0, "2001:db8::1", "4420" },
                { "nvme+tcp://[2001:db8::1]", 0, "2001:db8::1", "" },
                { "nvme+tcp://dc.example:8009", 0, "dc.example", "8009" },
                { "nvme+tcp://", -EINVAL, NULL, NULL },
                { "nvme+tcp:///", -EINVAL, NULL, NULL },
                { "nvme+tcp://[2001:db8::1", -EINVAL, NULL, NULL },
                { "nvme+tcp://[]:8009", -EINVAL, NULL, NULL },
                { "nvme+tcp://192.0.2.1:", -EINVAL, NULL, NULL },
                { "nvme+tcp://192.0.2.1:0", -EINVAL, NULL, NULL },
                { "nvme+tcp://192.0.2.1:65536", -EINVAL, NULL, NULL },
                { "nvme+tcp://2001:db8::1", -EINVAL, NULL, NULL },
                { "nvme+tcp://192.0.2.1:8009/nqn", -EINVAL, NULL, NULL },
                { "nvme+rdma://192.0.2.1:4420/", -EPROTONOSUPPORT, NULL, NULL },
                { "http://192.0.2.1/", -EPROTONOSUPPORT, NULL, NULL },
                { "", -EPROTONOSUPPORT, NULL, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char uri[64];
                const char *transport, *address, *port;
                (void) snprintf(uri, sizeof(uri), "%s", cases[i].uri);
                int r = nbft_uri_split(uri, &transport, &address, &port);
                if (r != cases[i].r)
                        fail_msg("%s: %d", cases[i].uri, r);
                if (r < 0)
                        continue;
                assert_string_equal(transport, "tcp");
                assert_string_equal(address, cases[i].address);
                assert_string_equal(port, cases[i].port);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_table_is_counted),
                cmocka_unit_test(test_what_is_behind_its_length_does_not_count),
                cmocka_unit_test(test_a_table_that_says_nothing_is_whole),
                cmocka_unit_test(test_a_control_descriptor_that_is_not_valid),
                cmocka_unit_test(test_each_truncation_is_found),
                cmocka_unit_test(test_each_changed_byte_is_found_by_the_checksum),
                cmocka_unit_test(test_lies_are_found_behind_a_right_checksum),
                cmocka_unit_test(test_what_is_not_valid_is_not_looked_at),
                cmocka_unit_test(test_discovery_controllers),
                cmocka_unit_test(test_addresses_of_discovery_controllers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
