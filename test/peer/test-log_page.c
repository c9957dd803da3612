/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/log_page.h"

#include "codec/discovery_log.h"
#include "peer/testing.h"

#define LONG_TEXT_16 "0123456789abcdef"
#define LONG_TEXT_256                                                                              \
        LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 \
                LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16      \
                        LONG_TEXT_16 LONG_TEXT_16 LONG_TEXT_16

static const LogView whole_view;

static const Entry full_entry = {
        .trtype = TRTYPE_TCP,
        .adrfam = ADRFAM_IPV6,
        .subtype = SUBTYPE_NVME,
        .treq = 4,
        .portid = 0x0102,
        .cntlid = 0x0304,
        .asqsz = 0x0506,
        .eflags = EFLAGS_NCC | EFLAGS_EPCSD | EFLAGS_DUPRETINFO,
        .sectype = 2,
        .trsvcid = "4420",
        .subnqn = "nqn.2024-01.lab:sub1",
        .traddr = "fe80::1",
};

static void make(Model *m, size_t n_entries)
{
        model_init(m);
        for (size_t i = 0; i < n_entries; i++) {
                Entry e = full_entry;
                e.portid = (uint16_t) i;
                assert_int_equal(model_add(m, &e), 0);
        }
}

static void test_header(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes b = { 0 };
        make(&m, 2);
        m.genctr = UINT64_C(0x0102030405060708);
        assert_int_equal(log_page_size(&m, 0), 3 * 1024);
        assert_int_equal(log_page_read(&m, &whole_view, 0, 1024, &b), 0);
        static const uint8_t expected[1024] = { 8, 7, 6, 5, 4, 3, 2, 1, 2 };
        assert_memory_equal(b.data, expected, sizeof(expected));
        model_done(&m);
}

static void test_each_field_has_its_place(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes b = { 0 };
        uint8_t expected[1024] = { 3, 2, 2, 4, 2, 1, 4, 3, 6, 5, 7 };
        memcpy(expected + 32, "4420", 4);
        memcpy(expected + 256, "nqn.2024-01.lab:sub1", 20);
        memcpy(expected + 512, "fe80::1", 7);
        expected[768] = 2;

        model_init(&m);
        assert_int_equal(model_add(&m, &full_entry), 0);
        assert_int_equal(log_page_read(&m, &whole_view, 1024, 1024, &b), 0);
        assert_memory_equal(b.data, expected, sizeof(expected));
        model_done(&m);
}

static void test_texts_may_fill_their_fields(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes b = { 0 };
        Entry e = full_entry;
        e.sectype = 0;
        memcpy(e.subnqn, LONG_TEXT_256, 257);
        memcpy(e.traddr, LONG_TEXT_256, 257);
        model_init(&m);
        assert_int_equal(model_add(&m, &e), 0);
        assert_int_equal(log_page_read(&m, &whole_view, 1024, 1024, &b), 0);
        assert_memory_equal(b.data + 256, LONG_TEXT_256 LONG_TEXT_256, 512);
        assert_int_equal(b.data[768], 0);
        model_done(&m);
}

static void test_any_part_is_that_part_of_the_whole(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes whole = { 0 };
        make(&m, 3);
        assert_int_equal(log_page_read(&m, &whole_view, 0, 4096, &whole), 0);
        static const size_t offsets[] = { 0, 4, 512, 1020, 1024, 1028, 2044, 4092, 4096 };
        static const size_t lengths[] = { 4, 20, 1024, 2048, 4096 };
        for (size_t i = 0; i < ELEMENTSOF(offsets); i++)
                for (size_t j = 0; j < ELEMENTSOF(lengths); j++) {
                        _cleanup_bytes_ Bytes part = { 0 };
                        uint8_t expected[4096] = { 0 }; /* zero beyond the end */
                        memcpy(expected, whole.data + offsets[i],
                               MIN(lengths[j], 4096 - offsets[i]));
                        assert_int_equal(
                                log_page_read(&m, &whole_view, offsets[i], lengths[j], &part), 0);
                        assert_int_equal(part.length, lengths[j]);
                        assert_memory_equal(part.data, expected, lengths[j]);
                }
        model_done(&m);
}

static void test_nothing_begins_behind_the_end(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes b = { 0 };
        make(&m, 1);
        assert_int_equal(log_page_read(&m, &whole_view, 2048, 4, &b), 0);
        assert_int_equal(log_page_read(&m, &whole_view, 2049, 4, &b), -ERANGE);
        assert_int_equal(log_page_read(&m, &whole_view, UINT64_MAX, 4, &b), -ERANGE);
        assert_int_equal(b.length, 4);
        model_done(&m);
}

/* The program's own decoder reads the page. */
static void test_decodes_as_it_was_meant(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes b = { 0 };
        DiscoveryLogHeader header;
        DiscoveryLog *log;
        make(&m, 2);
        assert_int_equal(log_page_read(&m, &whole_view, 0, log_page_size(&m, 0), &b), 0);
        assert_int_equal(discovery_log_decode_header(b.data, b.length, &header), 0);
        assert_int_equal(header.genctr, m.genctr);
        assert_int_equal(header.numrec, 2);
        assert_int_equal(discovery_log_decode(&header, b.data + 1024, b.length - 1024, &log), 0);
        assert_int_equal(log->n_entries, 2);
        const DlpEntry *e = &log->entries[1];
        assert_int_equal(e->trtype, 3);
        assert_int_equal(e->adrfam, 2);
        assert_int_equal(e->subtype, DLPE_NVME);
        assert_int_equal(e->portid, 1);
        assert_int_equal(e->cntlid, 0x0304);
        assert_int_equal(e->asqsz, 0x0506);
        assert_int_equal(e->eflags, DLPE_EFLAGS_NCC | DLPE_EFLAGS_EPCSD | DLPE_EFLAGS_DUPRETINFO);
        assert_int_equal(e->sectype, 2);
        assert_string_equal(e->trsvcid, "4420");
        assert_string_equal(e->subnqn, "nqn.2024-01.lab:sub1");
        assert_string_equal(e->traddr, "fe80::1");
        (void) discovery_log_free(log);
        model_done(&m);
}

static void test_a_change_counts_genctr_up(void **state)
{
        Model m;
        make(&m, 2);
        uint64_t before = m.genctr;
        assert_int_equal(model_remove(&m, "nqn.other"), 0);
        assert_true(m.genctr == before);
        assert_int_equal(model_remove(&m, full_entry.subnqn), 2);
        assert_true(m.genctr == before + 1);
        assert_int_equal(model_clear(&m), 0);
        assert_true(m.genctr == before + 1);
        model_done(&m);
}

static void test_extended_entries(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes page = { 0 }, part = { 0 };
        make(&m, 3);
        size_t size = 1024 + 3 * 1032;
        assert_int_equal(log_page_size(&m, LOG_EXTENDED), size);
        assert_int_equal(log_page_read(&m, &(LogView) { .options = LOG_EXTENDED }, 0, size, &page),
                         0);
        assert_int_equal(page.data[18], LOG_EXTENDED);
        assert_int_equal(get_le32(page.data + 20), size);
        for (size_t i = 0; i < 3; i++) {
                const uint8_t *entry = page.data + 1024 + i * 1032;
                assert_int_equal(get_le16(entry + 4), i);
                assert_int_equal(get_le32(entry + 1024), 1032);
                assert_int_equal(get_le16(entry + 1028), 0);
        }
        assert_int_equal(
                log_page_read(&m, &(LogView) { .options = LOG_EXTENDED }, 2048, 2000, &part), 0);
        assert_memory_equal(part.data, page.data + 2048, 2000);
        model_done(&m);
}

static void test_next_address(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes page = { 0 };
        make(&m, 1);
        memcpy(m.entries[0].traddr, "next", 5);
        assert_int_equal(log_page_read(&m, &(LogView) { .next = "127.9.0.2" }, 1024, 1024, &page),
                         0);
        assert_string_equal((const char *) page.data + 512, "127.9.0.2");
        model_done(&m);
}

static void test_entries_of_this_port_only(void **state)
{
        Model m;
        _cleanup_bytes_ Bytes page = { 0 };
        make(&m, 3);
        m.entries[1].is_elsewhere = true;
        assert_int_equal(log_page_size(&m, LOG_PORT_LOCAL), 3 * 1024);
        assert_int_equal(
                log_page_read(&m, &(LogView) { .options = LOG_PORT_LOCAL }, 0, 4096, &page), 0);
        assert_int_equal(page.data[8], 2);
        assert_int_equal(get_le16(page.data + 1024 + 4), 0);
        assert_int_equal(get_le16(page.data + 2048 + 4), 2);
        assert_int_equal(get_le16(page.data + 3072 + 256), 0);
        model_done(&m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_header),
                cmocka_unit_test(test_each_field_has_its_place),
                cmocka_unit_test(test_texts_may_fill_their_fields),
                cmocka_unit_test(test_next_address),
                cmocka_unit_test(test_extended_entries),
                cmocka_unit_test(test_entries_of_this_port_only),
                cmocka_unit_test(test_any_part_is_that_part_of_the_whole),
                cmocka_unit_test(test_nothing_begins_behind_the_end),
                cmocka_unit_test(test_decodes_as_it_was_meant),
                cmocka_unit_test(test_a_change_counts_genctr_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
