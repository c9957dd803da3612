/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/discovery_log_reader.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

/* A controller in memory, and the requests it received. */
typedef struct Peer {
        uint64_t genctr, numrec;
        uint16_t recfmt;
        size_t n_real; /* actual entries, followed by zeros */
        bool grows;    /* by one entry after the next read of entries, with the same GENCTR */
        unsigned n_to_change;  /* GENCTR changes after each of this many reads of entries */
        uint32_t refuse_above; /* in bytes; 0 refuses nothing */
        uint32_t sends_max;    /* bytes sent per read, 0 for all */
        unsigned short_at;     /* number of the read (from 1) that returns too few bytes */
        unsigned n_reads;
        uint32_t longest;
        char asked[512]; /* "header, 2 at 0, 1 at 2, header rearm" */
} Peer;

static void put_le64(uint8_t *p, uint64_t value)
{
        for (size_t i = 0; i < 8; i++)
                p[i] = (uint8_t) (value >> (8 * i));
}

static void peer_note(Peer *p, const DiscoveryLogRequest *request)
{
        size_t n = strlen(p->asked), room = sizeof(p->asked) - n;
        const char *comma = n > 0 ? ", " : "";
        if (request->offset == 0)
                (void) snprintf(p->asked + n, room, "%sheader%s", comma,
                                request->rae ? "" : " rearm");
        else
                (void) snprintf(p->asked + n, room, "%s%u at %u%s", comma, request->length / 1024,
                                (unsigned) (request->offset / 1024) - 1,
                                request->rae ? "" : " rearm");
}

static void peer_answer(Peer *p, const DiscoveryLogRequest *request, uint8_t *data)
{
        memset(data, 0, request->length);
        if (request->offset == 0) {
                assert_int_equal(request->length, DISCOVERY_LOG_HEADER_SIZE);
                put_le64(data, p->genctr);
                put_le64(data + 8, p->numrec);
                data[16] = (uint8_t) p->recfmt;
                return;
        }
        for (size_t at = 0; at < request->length; at += DISCOVERY_LOG_ENTRY_SIZE) {
                uint64_t i = (request->offset + at) / DISCOVERY_LOG_ENTRY_SIZE - 1;
                if (i >= p->n_real)
                        continue;
                data[at] = 3;
                (void) snprintf((char *) data + at + 256, 64, "nqn.sub%u.gen%u", (unsigned) i,
                                (unsigned) p->genctr);
                (void) snprintf((char *) data + at + 512, 64, "192.0.2.1");
        }
        if (p->grows) {
                p->numrec++;
                p->grows = false;
        }
        if (p->n_to_change > 0) {
                p->n_to_change--;
                p->genctr++;
        }
}

static int peer_read_all(Peer *p, DiscoveryLog **ret, bool *ret_partial)
{
        _cleanup_(discovery_log_reader_freep) DiscoveryLogReader *r = NULL;
        assert_int_equal(discovery_log_reader_new(&r), 0);

        for (;;) {
                DiscoveryLogRequest request;
                uint8_t data[DISCOVERY_LOG_CHUNK_MAX];
                discovery_log_reader_request(r, &request);
                assert_in_range(request.length, 4, sizeof(data));
                p->n_reads++;
                p->longest = MAX(p->longest, request.length);
                peer_note(p, &request);
                if (p->refuse_above > 0 && request.length > p->refuse_above) {
                        if (discovery_log_reader_refuse(r))
                                continue;
                        return -EIO;
                }
                peer_answer(p, &request, data);
                if (p->sends_max > 0 && p->sends_max < request.length)
                        memset(data + p->sends_max, DISCOVERY_LOG_FILL,
                               request.length - p->sends_max);
                int q = discovery_log_reader_feed(
                        r, data, request.length - (p->n_reads == p->short_at ? 4 : 0));
                if (q == 0)
                        return discovery_log_reader_take(r, ret, ret_partial);
                if (q < 0)
                        return q;
        }
}

static void assert_reads(Peer p, size_t n_entries, bool partial, const char *asked)
{
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        bool is_partial;
        assert_int_equal(peer_read_all(&p, &log, &is_partial), 0);
        assert_int_equal(log->n_entries, n_entries);
        assert_int_equal(is_partial, partial);
        assert_string_equal(p.asked, asked);

        for (size_t i = 0; i < log->n_entries; i++) {
                char subnqn[64];
                (void) snprintf(subnqn, sizeof(subnqn), "nqn.sub%zu.gen%u", i,
                                (unsigned) log->genctr);
                assert_string_equal(log->entries[i].subnqn, subnqn);
        }
}

static void test_sizes(void **state)
{
        assert_reads((Peer) { .genctr = 1 }, 0, false, "header, header rearm");
        assert_reads((Peer) { .numrec = 1, .n_real = 1 }, 1, false, "header, 1 at 0, header rearm");
        assert_reads((Peer) { .numrec = 16, .n_real = 16 }, 16, false,
                     "header, 16 at 0, header rearm");
        assert_reads((Peer) { .numrec = 17, .n_real = 17 }, 17, false,
                     "header, 16 at 0, 1 at 16, header rearm");
}

static void test_nothing_behind_the_end_is_asked_for(void **state)
{
        assert_reads((Peer) { .numrec = 2, .n_real = 40 }, 2, false,
                     "header, 2 at 0, header rearm");
}

/* The transfer succeeds, but ends early: missing entries are not gone. */
static void test_short_transfers(void **state)
{
        static const uint32_t lengths[] = { 1024, 1028, 1536, 2044 };
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++)
                assert_reads((Peer) { .numrec = 3, .n_real = 3, .sends_max = lengths[i] }, 1, true,
                             "header, 3 at 0, header rearm");
        assert_reads((Peer) { .numrec = 3, .n_real = 3, .sends_max = 3072 }, 3, false,
                     "header, 3 at 0, header rearm");
}

static void test_short_header(void **state)
{
        static const uint32_t lengths[] = { 4, 16, 18, 512, 1020 };
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                Peer p = { .numrec = 3, .n_real = 3, .sends_max = lengths[i] };
                DiscoveryLog *log = NULL;
                bool partial;
                assert_int_equal(peer_read_all(&p, &log, &partial), -EBADMSG);
        }
}

static void test_change_during_the_read(void **state)
{
        /* The header of a failed check is used for the next attempt. */
        assert_reads((Peer) { .genctr = 5, .numrec = 2, .n_real = 2, .n_to_change = 2 }, 2, false,
                     "header, 2 at 0, header rearm, 2 at 0, header rearm, 2 at 0, header rearm");
}

static void test_growth_that_genctr_hides(void **state)
{
        assert_reads((Peer) { .numrec = 2, .n_real = 3, .grows = true }, 3, false,
                     "header, 2 at 0, header rearm, 3 at 0, header rearm");
}

static void test_change_without_end(void **state)
{
        Peer p = { .numrec = 1, .n_real = 1, .n_to_change = UINT32_MAX };
        DiscoveryLog *log = NULL;
        bool partial;
        assert_int_equal(peer_read_all(&p, &log, &partial), -EAGAIN);
        assert_int_equal(p.n_reads, 1 + 2 * DISCOVERY_LOG_ATTEMPTS);
        assert_null(log);

        p = (Peer) { .numrec = 1, .n_real = 1, .n_to_change = DISCOVERY_LOG_ATTEMPTS - 1 };
        assert_int_equal(peer_read_all(&p, &log, &partial), 0);
        log = discovery_log_free(log);
}

static void test_large_reads_refused(void **state)
{
        assert_reads((Peer) { .numrec = 6, .n_real = 6, .refuse_above = 4096 }, 6, false,
                     "header, 6 at 0, 4 at 0, 2 at 4, header rearm");
        /* It would take 8 KiB, which is not attempted: 4 KiB always work. */
        assert_reads((Peer) { .numrec = 9, .n_real = 9, .refuse_above = 8192 }, 9, false,
                     "header, 9 at 0, 4 at 0, 4 at 4, 1 at 8, header rearm");
}

static void test_every_read_refused(void **state)
{
        Peer p = { .numrec = 1, .n_real = 1, .refuse_above = 4 };
        DiscoveryLog *log = NULL;
        bool partial;
        assert_int_equal(peer_read_all(&p, &log, &partial), -EIO);
        assert_string_equal(p.asked, "header");

        p = (Peer) { .numrec = 9, .n_real = 9, .refuse_above = 2048 };
        assert_int_equal(peer_read_all(&p, &log, &partial), -EIO);
        assert_string_equal(p.asked, "header, 9 at 0, 4 at 0");
}

static void test_too_few_bytes(void **state)
{
        for (unsigned i = 1; i <= 4; i++) {
                Peer p = { .numrec = 17, .n_real = 17, .short_at = i };
                DiscoveryLog *log = NULL;
                bool partial;
                assert_int_equal(peer_read_all(&p, &log, &partial), -EBADMSG);
                assert_int_equal(p.n_reads, i);
        }
}

static void test_unknown_record_format(void **state)
{
        Peer p = { .numrec = 1, .n_real = 1, .recfmt = 1 };
        DiscoveryLog *log = NULL;
        bool partial;
        assert_int_equal(peer_read_all(&p, &log, &partial), -EBADMSG);
}

static void test_numrec_promises_too_much(void **state)
{
        assert_reads((Peer) { .numrec = UINT64_C(1) << 54, .n_real = 3 }, 3, true,
                     "header, 16 at 0, 16 at 16, header rearm");
        assert_reads((Peer) { .numrec = UINT64_MAX, .n_real = 0 }, 0, true,
                     "header, 16 at 0, header rearm");
        assert_reads((Peer) { .numrec = 5, .n_real = 3 }, 3, true, "header, 5 at 0, header rearm");
}

static void test_more_than_we_hold(void **state)
{
        Peer p = { .numrec = 20000, .n_real = 20000 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        bool partial;
        assert_int_equal(peer_read_all(&p, &log, &partial), 0);
        assert_int_equal(log->n_entries, DISCOVERY_LOG_ENTRIES_MAX);
        assert_true(partial);
        assert_int_equal(p.longest, DISCOVERY_LOG_CHUNK_MAX);
        assert_int_equal(p.n_reads, 2 + DISCOVERY_LOG_ENTRIES_MAX / 16);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_nothing_behind_the_end_is_asked_for),
                cmocka_unit_test(test_short_transfers),
                cmocka_unit_test(test_short_header),
                cmocka_unit_test(test_change_during_the_read),
                cmocka_unit_test(test_growth_that_genctr_hides),
                cmocka_unit_test(test_change_without_end),
                cmocka_unit_test(test_large_reads_refused),
                cmocka_unit_test(test_every_read_refused),
                cmocka_unit_test(test_too_few_bytes),
                cmocka_unit_test(test_unknown_record_format),
                cmocka_unit_test(test_numrec_promises_too_much),
                cmocka_unit_test(test_more_than_we_hold),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
