/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/discovery_log.h"

#include "base/testing.h"
#include "base/text.h"

static void put_text(uint8_t *field, const char *text)
{
        memcpy(field, text, strlen(text));
}

/* As returned by nvmet for a subsystem; offsets as in NVMe Base 2.x. */
static void put_entry(uint8_t *e, const char *subnqn, const char *traddr)
{
        memset(e, 0, DISCOVERY_LOG_ENTRY_SIZE);
        e[0] = 3; /* tcp */
        e[1] = 1; /* ipv4 */
        e[2] = 2; /* nvme */
        e[3] = 4; /* disable sqflow */
        e[4] = 1; /* port 0x0201 */
        e[5] = 2;
        e[6] = 0xff; /* dynamic controller */
        e[7] = 0xff;
        e[8] = 32; /* admin queue */
        e[10] = DLPE_EFLAGS_NCC;
        put_text(e + 32, "8009");
        put_text(e + 256, subnqn);
        put_text(e + 512, traddr);
}

static void test_header(void **state)
{
        static const uint8_t data[] = { 7, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0x40, 0, 1, 2 };
        DiscoveryLogHeader h;
        assert_int_equal(discovery_log_decode_header(data, sizeof(data), &h), 0);
        assert_true(h.genctr == (UINT64_C(1) << 56) + 7);
        assert_true(h.numrec == (UINT64_C(1) << 54) + 4);
        assert_int_equal(h.recfmt, 0x201);
        assert_int_equal(discovery_log_decode_header(data, sizeof(data) - 1, &h), -EBADMSG);
}

static void test_entry(void **state)
{
        uint8_t data[DISCOVERY_LOG_ENTRY_SIZE];
        DiscoveryLogHeader header = { .genctr = 7, .numrec = 1 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        put_entry(data, "nqn.2024-01.lab:sub1", "127.0.0.1");

        assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
        assert_int_equal(log->genctr, 7);
        assert_int_equal(log->n_entries, 1);
        const DlpEntry *e = &log->entries[0];
        assert_int_equal(e->trtype, 3);
        assert_int_equal(e->adrfam, 1);
        assert_int_equal(e->subtype, DLPE_NVME);
        assert_int_equal(e->treq, 4);
        assert_int_equal(e->portid, 0x201);
        assert_int_equal(e->cntlid, 0xffff);
        assert_int_equal(e->asqsz, 32);
        assert_int_equal(e->eflags, DLPE_EFLAGS_NCC);
        assert_string_equal(e->trsvcid, "8009");
        assert_string_equal(e->subnqn, "nqn.2024-01.lab:sub1");
        assert_string_equal(e->traddr, "127.0.0.1");
}

/* TSAS means something else with every transport. */
static void test_sectype_is_of_tcp(void **state)
{
        static const struct {
                uint8_t trtype, sectype;
        } cases[] = { { 1, 0 }, { 3, 2 }, { 254, 0 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t data[DISCOVERY_LOG_ENTRY_SIZE];
                DiscoveryLogHeader header = { .numrec = 1 };
                _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;

                put_entry(data, "nqn.a", "192.0.2.1");
                data[0] = cases[i].trtype;
                data[768] = 2;
                assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
                assert_int_equal(log->entries[0].sectype, cases[i].sectype);
        }
}

static void test_texts_need_no_end(void **state)
{
        uint8_t data[DISCOVERY_LOG_ENTRY_SIZE];
        DiscoveryLogHeader header = { .numrec = 1 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        memset(data, 'a', sizeof(data));

        assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
        assert_int_equal(strlen(log->entries[0].trsvcid), DLPE_TRSVCID_SIZE);
        assert_int_equal(strlen(log->entries[0].subnqn), DLPE_SUBNQN_SIZE);
        assert_int_equal(strlen(log->entries[0].traddr), DLPE_TRADDR_SIZE);
}

static void test_texts_are_cleaned(void **state)
{
        uint8_t data[DISCOVERY_LOG_ENTRY_SIZE];
        DiscoveryLogHeader header = { .numrec = 1 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        put_entry(data, "nqn.\033[2J\377x \n", " 192.0.2.1   ");

        assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
        assert_string_equal(log->entries[0].subnqn, "nqn.?[2J?x");
        assert_string_equal(log->entries[0].traddr, "192.0.2.1");
}

static void test_bad_nqns(void **state)
{
        static const struct {
                const char *nqn, *shown;
                bool bad;
        } cases[] = {
                { "nqn.B\xc3\xbcro", "nqn.B\xc3\xbcro", false },
                { "nqn.a ", "nqn.a", false }, /* padded */
                { "nqn.\xef\xbf\xbe", "nqn.???", true },
                { "nqn.\xe2\x80\x8bx", "nqn.???x", true },
                { "nqn.\xff", "nqn.?", true },
                { "nqn.a,tls", "nqn.a,tls", true },
                { "nqn.a\nb", "nqn.a?b", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t data[DISCOVERY_LOG_ENTRY_SIZE];
                DiscoveryLogHeader header = { .numrec = 1 };
                _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;

                put_entry(data, cases[i].nqn, "192.0.2.1");
                assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
                assert_string_equal(log->entries[0].subnqn, cases[i].shown);
                assert_int_equal(log->entries[0].bad_nqn, cases[i].bad);
        }
}

/* Whoever asks what the log has is told of them, too. */
static void test_useless_entries_are_kept(void **state)
{
        uint8_t data[3 * DISCOVERY_LOG_ENTRY_SIZE];
        DiscoveryLogHeader header = { .numrec = 3 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        put_entry(data, "nqn.a", "   ");
        put_entry(data + 1024, "", "192.0.2.1");
        put_entry(data + 2048, "nqn.b", "0.0.0.0");

        assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
        assert_int_equal(log->n_entries, 3);
        assert_string_equal(log->entries[0].traddr, "");
        assert_string_equal(log->entries[1].subnqn, "");
        assert_string_equal(log->entries[2].traddr, "0.0.0.0");
}

static void test_zeros_are_no_entry(void **state)
{
        uint8_t data[2 * DISCOVERY_LOG_ENTRY_SIZE] = { 0 };
        DiscoveryLogHeader header = { .numrec = 2 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        put_entry(data + 1024, "nqn.a", "192.0.2.1");

        assert_int_equal(discovery_log_decode(&header, data, sizeof(data), &log), 0);
        assert_int_equal(log->n_entries, 1);
}

static void test_bytes_and_numrec_both_bound(void **state)
{
        static const struct {
                uint64_t numrec;
                size_t n, n_entries;
        } table[] = {
                { 0, 3072, 0 },          { 2, 3072, 2 },
                { 3, 3072, 3 },          { 4, 3072, 3 },
                { UINT64_MAX, 3072, 3 }, { UINT64_C(1) << 54, 2047, 1 },
                { 3, 1023, 0 },          { 3, 0, 0 },
        };
        uint8_t data[3 * DISCOVERY_LOG_ENTRY_SIZE];
        for (size_t i = 0; i < 3; i++)
                put_entry(data + i * DISCOVERY_LOG_ENTRY_SIZE, "nqn.a", "192.0.2.1");

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                DiscoveryLogHeader header = { .numrec = table[i].numrec };
                _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
                assert_int_equal(discovery_log_decode(&header, data, table[i].n, &log), 0);
                assert_int_equal(log->n_entries, table[i].n_entries);
        }
}

static void test_no_more_than_we_hold(void **state)
{
        size_t n = (DISCOVERY_LOG_ENTRIES_MAX + 1) * (size_t) DISCOVERY_LOG_ENTRY_SIZE;
        DiscoveryLogHeader header = { .numrec = UINT64_MAX };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        _cleanup_free_ uint8_t *data = malloc(n);
        assert_non_null(data);
        memset(data, 'a', n);

        assert_int_equal(discovery_log_decode(&header, data, n, &log), 0);
        assert_int_equal(log->n_entries, DISCOVERY_LOG_ENTRIES_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_header),
                cmocka_unit_test(test_entry),
                cmocka_unit_test(test_sectype_is_of_tcp),
                cmocka_unit_test(test_texts_need_no_end),
                cmocka_unit_test(test_texts_are_cleaned),
                cmocka_unit_test(test_bad_nqns),
                cmocka_unit_test(test_useless_entries_are_kept),
                cmocka_unit_test(test_zeros_are_no_entry),
                cmocka_unit_test(test_bytes_and_numrec_both_bound),
                cmocka_unit_test(test_no_more_than_we_hold),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
