/* SPDX-License-Identifier: Apache-2.0 */

/* What controllers do, the size of their logs, changes during the read and limits of the transfer:
 * what is read, with which commands, and whether it is complete. */

#include "codec/discovery_log_reader.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

#define RECORD ((uint32_t) DISCOVERY_LOG_ENTRY_SIZE)
#define SAFE_RECORDS (DISCOVERY_LOG_CHUNK_SAFE / DISCOVERY_LOG_ENTRY_SIZE)
#define MAX_RECORDS (DISCOVERY_LOG_CHUNK_MAX / DISCOVERY_LOG_ENTRY_SIZE)

/* A controller in memory, and the requests it received. Its log has n entries, named by GENCTR. */
typedef struct Peer {
        uint64_t genctr, n, numrec; /* numrec 0: n */
        uint16_t recfmt;
        /* what it does */
        bool frozen;          /* makes its log once, and anew only when all of it was read */
        bool ignores_offsets; /* begins with the header each time */
        uint64_t peek_numrec; /* NUMREC when only that is read; 0: as in the log */
        bool alternates;      /* NUMREC is one higher in every other command */
        bool stops;           /* rejects what goes beyond the end of its log */
        uint32_t sends_max;   /* bytes sent per command; 0: all */
        uint32_t min;         /* bytes per command; fewer are rejected */
        uint32_t kernel_max,
                max;       /* bytes per command, of the kernel's queue and of its own; 0: any */
        unsigned short_at; /* number of the command (from 1) that returns too few bytes */
        /* changes */
        unsigned n_to_change;  /* a new GENCTR after each of so many commands for entries */
        uint64_t n_after_peek; /* after the first peek it has so many entries and a new GENCTR; 0:
                                  no */
        bool grows_in_silence; /* by one after the next command for entries, with the same GENCTR */
        /* state */
        struct {
                bool made;
                uint64_t genctr, n, n_handed_out;
        } ice;
        unsigned n_commands, n_rearmed;
        char asked[512]; /* "peek, 0+3 rearm": bytes / 1024 from offset / 1024 on */
} Peer;

static void put_le64(uint8_t *p, uint64_t value)
{
        for (size_t i = 0; i < 8; i++)
                p[i] = (uint8_t) (value >> (8 * i));
}

static void peer_note(Peer *p, const DiscoveryLogRequest *request)
{
        size_t n = strlen(p->asked), room = sizeof(p->asked) - n;
        const char *comma = n > 0 ? ", " : "", *rearm = request->rae ? "" : " rearm";

        p->n_commands++;
        p->n_rearmed += !request->rae;
        if (request->length < RECORD)
                (void) snprintf(p->asked + n, room, "%speek%s", comma, rearm);
        else if (p->min > 0 && request->length == RECORD && request->offset == 0)
                (void) snprintf(p->asked + n, room, "%sheader%s", comma, rearm);
        else
                (void) snprintf(p->asked + n, room, "%s%u+%u%s", comma,
                                (unsigned) (request->offset / RECORD), request->length / RECORD,
                                rearm);
}

static void put_record(const Peer *p, uint64_t record, uint64_t genctr, uint64_t n, uint64_t numrec,
                       uint8_t *data)
{
        memset(data, 0, RECORD);
        if (record == 0) {
                put_le64(data, genctr);
                put_le64(data + 8, numrec);
                data[16] = (uint8_t) p->recfmt;
        } else if (record <= n) {
                data[0] = 3;
                (void) snprintf((char *) data + 256, 64, "nqn.sub%u.gen%u", (unsigned) record - 1,
                                (unsigned) genctr);
                (void) snprintf((char *) data + 512, 64, "192.0.2.1");
        }
}

static void peer_thaw(Peer *p, uint64_t n_bytes)
{
        if (n_bytes <= 16)
                return;
        p->ice.n_handed_out += n_bytes;
        if (p->ice.n_handed_out == RECORD * (p->ice.n + 1))
                p->ice.made = false;
}

static void peer_answer(Peer *p, const DiscoveryLogRequest *request, uint8_t *data)
{
        bool is_peek = request->length < RECORD;

        if (p->frozen && !p->ice.made) {
                p->ice.made = true;
                p->ice.genctr = p->genctr;
                p->ice.n = p->n;
                p->ice.n_handed_out = 0;
        }
        uint64_t genctr = p->frozen ? p->ice.genctr : p->genctr, n = p->frozen ? p->ice.n : p->n;
        uint64_t numrec = p->numrec > 0 ? p->numrec : n;
        if (is_peek && p->peek_numrec > 0)
                numrec = p->peek_numrec;
        if (p->alternates)
                numrec += p->n_commands % 2;

        if (is_peek) {
                uint8_t record[DISCOVERY_LOG_HEADER_SIZE];
                put_record(p, 0, genctr, n, numrec, record);
                memcpy(data, record, request->length);
        } else
                for (uint32_t at = 0; at < request->length; at += RECORD)
                        put_record(p, ((p->ignores_offsets ? 0 : request->offset) + at) / RECORD,
                                   genctr, n, numrec, data + at);
        peer_thaw(p, request->length);

        if (is_peek && p->n_after_peek > 0) {
                p->n = p->n_after_peek;
                p->n_after_peek = 0;
                p->genctr++;
        }
        if (!is_peek && p->grows_in_silence) {
                p->n++;
                p->grows_in_silence = false;
        }
        if (!is_peek && p->n_to_change > 0) {
                p->n_to_change--;
                p->genctr++;
        }
}

static bool peer_rejects(const Peer *p, const DiscoveryLogRequest *request)
{
        return request->length < p->min || (p->max > 0 && request->length > p->max) ||
               (p->stops && request->offset + request->length > RECORD * (p->n + 1));
}

/* Also -EIO: a request was rejected for good. */
static int peer_read_all(Peer *p, DiscoveryLog **ret)
{
        static uint8_t data[DISCOVERY_LOG_CHUNK_MAX];
        _cleanup_(discovery_log_reader_freep) DiscoveryLogReader *r = NULL;
        assert_int_equal(discovery_log_reader_new(&r), 0);

        for (;;) {
                DiscoveryLogRequest request;
                discovery_log_reader_request(r, &request);
                assert_in_range(request.length, 4, sizeof(data));
                peer_note(p, &request);
                bool by_kernel = p->kernel_max > 0 && request.length > p->kernel_max;
                if (by_kernel || peer_rejects(p, &request)) {
                        if (discovery_log_reader_refuse(r, by_kernel))
                                continue;
                        return -EIO;
                }
                peer_answer(p, &request, data);
                if (p->sends_max > 0 && p->sends_max < request.length)
                        memset(data + p->sends_max, DISCOVERY_LOG_FILL,
                               request.length - p->sends_max);
                int q = discovery_log_reader_feed(
                        r, data, request.length - (p->n_commands == p->short_at ? 4 : 0));
                if (q == 0)
                        return discovery_log_reader_take(r, ret);
                if (q < 0)
                        return q;
        }
}

static void assert_reads(Peer p, size_t n_entries, bool partial, const char *asked)
{
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        assert_int_equal(peer_read_all(&p, &log), 0);
        assert_int_equal(log->n_entries, n_entries);
        assert_int_equal(log->partial, partial);
        assert_string_equal(p.asked, asked);
        assert_true(p.n_rearmed > 0);

        for (size_t i = 0; i < log->n_entries; i++) {
                char subnqn[64];
                (void) snprintf(subnqn, sizeof(subnqn), "nqn.sub%zu.gen%u", i,
                                (unsigned) log->genctr);
                assert_string_equal(log->entries[i].subnqn, subnqn);
        }
}

static void assert_fails(Peer p, int error, const char *asked)
{
        DiscoveryLog *log = NULL;
        assert_int_equal(peer_read_all(&p, &log), error);
        assert_string_equal(p.asked, asked);
}

/* ---- a controller as the specification has it ---- */

static void test_one_command_whatever_the_size(void **state)
{
        char asked[64];

        assert_reads((Peer) { .genctr = 1 }, 0, false, "peek, 0+1 rearm");
        assert_reads((Peer) { .n = 1 }, 1, false, "peek, 0+2 rearm");
        assert_reads((Peer) { .n = 40, .stops = true }, 40, false, "peek, 0+41 rearm");
        (void) snprintf(asked, sizeof(asked), "peek, 0+%u rearm", MAX_RECORDS);
        assert_reads((Peer) { .n = MAX_RECORDS - 1 }, MAX_RECORDS - 1, false, asked);
        (void) snprintf(asked, sizeof(asked), "peek, 0+%u, %u+1, peek rearm", MAX_RECORDS,
                        MAX_RECORDS);
        assert_reads((Peer) { .n = MAX_RECORDS }, MAX_RECORDS, false, asked);
}

/* In order, no byte twice; GENCTR is read again. */
static void test_several_commands_where_one_is_too_long(void **state)
{
        assert_reads((Peer) { .n = 6, .kernel_max = 4096 }, 6, false,
                     "peek, 0+7 rearm, 0+4, 4+3, peek rearm");
        assert_reads((Peer) { .n = 16, .kernel_max = 4096 }, 16, false,
                     "peek, 0+17 rearm, 0+8, 0+4, 4+4, 8+4, 12+4, 16+1, peek rearm");
}

static void test_change_between_the_commands(void **state)
{
        /* before the only one: the header within it decides */
        assert_reads((Peer) { .n = 3, .n_after_peek = 2 }, 2, false, "peek, 0+4 rearm");
        assert_reads((Peer) { .n = 3, .n_after_peek = 5 }, 5, false, "peek, 0+4 rearm, 0+6 rearm");
        /* between several */
        assert_reads((Peer) { .n = 5, .kernel_max = 4096, .n_to_change = 1 }, 5, false,
                     "peek, 0+6 rearm, 0+4, 4+2, peek rearm, 0+4, 4+2, peek rearm");
        /* one that GENCTR hides */
        assert_reads((Peer) { .n = 5, .kernel_max = 4096, .grows_in_silence = true }, 6, false,
                     "peek, 0+6 rearm, 0+4, 4+2, peek rearm, 0+4, 4+3, peek rearm");
}

static void test_change_without_end(void **state)
{
        Peer p = { .n = 5, .kernel_max = 4096, .n_to_change = UINT32_MAX };
        DiscoveryLog *log = NULL;
        assert_int_equal(peer_read_all(&p, &log), -EBUSY);
        assert_int_equal(p.n_commands, 2 + 3 * DISCOVERY_LOG_ATTEMPTS);
        assert_null(log);

        /* One command does not mind. */
        assert_reads((Peer) { .n = 5, .n_to_change = UINT32_MAX }, 5, false, "peek, 0+6 rearm");
}

/* ---- limits of the transfer ---- */

static void test_a_controller_rejects_long_commands(void **state)
{
        /* or the log has become shorter, so NUMREC is read again */
        assert_reads((Peer) { .n = 6, .max = 4096 }, 6, false,
                     "peek, 0+7 rearm, peek, 0+4, 4+3, peek rearm");
        assert_reads((Peer) { .n = 16, .max = 8192 }, 16, false,
                     "peek, 0+17 rearm, peek, 0+8, 8+8, 16+1, peek rearm");
}

static void test_a_controller_rejects_short_commands(void **state)
{
        assert_reads((Peer) { .n = 3, .min = 1024 }, 3, false, "peek, header, 0+4 rearm");
        assert_reads((Peer) { .n = 6, .min = 1024, .kernel_max = 4096 }, 6, false,
                     "peek, header, 0+7 rearm, 0+4, 4+3, header rearm");
}

static void test_a_shorter_log_is_no_refusal(void **state)
{
        assert_reads((Peer) { .n = 40, .stops = true, .n_after_peek = 4 }, 4, false,
                     "peek, 0+41 rearm, peek, 0+5 rearm");
}

static void test_every_command_rejected(void **state)
{
        assert_fails((Peer) { .n = 1, .max = 4 }, -EIO, "peek, 0+1");
        assert_fails((Peer) { .n = 1, .max = 1024 }, -EIO, "peek, 0+2 rearm, peek");
        assert_fails((Peer) { .n = 9, .max = 2048 }, -EIO,
                     "peek, 0+10 rearm, peek, 0+5, peek, 0+4, peek");
        assert_fails((Peer) { .n = 9, .kernel_max = 2048 }, -EIO, "peek, 0+10 rearm, 0+5, 0+4");
}

/* ---- other people's ---- */

/* Its log is made once, and again only when exactly all was read: each read gets all of it, and the
 * next one the next. */
static void test_a_log_that_is_frozen_until_it_was_read(void **state)
{
        static const uint32_t limits[] = { 0, 8192, 4096 };
        static const uint64_t sizes[] = { 0, 2, 3, 2, 40, 1, 0 };

        for (size_t i = 0; i < ELEMENTSOF(limits); i++) {
                Peer p = { .frozen = true, .kernel_max = limits[i] };
                for (size_t j = 0; j < ELEMENTSOF(sizes); j++) {
                        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;

                        p.n = sizes[j];
                        p.genctr = j;
                        assert_int_equal(peer_read_all(&p, &log), 0);
                        assert_int_equal(log->n_entries, sizes[j]);
                        assert_int_equal(log->genctr, j);
                        assert_false(log->partial);
                }
        }
}

/* What begins with the header again is no entry, and the rest is not gone. */
static void test_offsets_are_ignored(void **state)
{
        assert_reads((Peer) { .n = 40, .ignores_offsets = true }, 40, false, "peek, 0+41 rearm");
        assert_reads((Peer) { .n = 6, .ignores_offsets = true, .kernel_max = 4096 }, 3, true,
                     "peek, 0+7 rearm, 0+4, 4+3, peek rearm");
}

static void test_numrec_contradicts_itself(void **state)
{
        /* of the header alone: the log judges itself */
        assert_reads((Peer) { .n = 3, .peek_numrec = 2 }, 3, false, "peek, 0+3 rearm, 0+4 rearm");

        /* with GENCTR unchanged no attempt helps: what is there is used, nothing is gone */
        Peer p = { .n = 3, .alternates = true };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        assert_int_equal(peer_read_all(&p, &log), 0);
        assert_true(log->partial);
        assert_int_equal(log->n_entries, 3);
        assert_int_equal(p.n_commands, 1 + DISCOVERY_LOG_ATTEMPTS);
}

static void test_numrec_promises_too_much(void **state)
{
        assert_reads((Peer) { .n = 3, .numrec = 5 }, 3, true, "peek, 0+6 rearm");
        assert_reads((Peer) { .n = 3, .numrec = 4 }, 3, true, "peek, 0+5 rearm");
        /* only zeros: past the end */
        assert_reads((Peer) { .n = 3, .numrec = 40, .kernel_max = 4096 }, 3, true,
                     "peek, 0+41 rearm, 0+20, 0+10, 0+5, 0+4, 4+4, peek rearm");
}

static void test_more_than_we_hold(void **state)
{
        Peer p = { .n = 20000 };
        _cleanup_(discovery_log_freep) DiscoveryLog *log = NULL;
        assert_int_equal(peer_read_all(&p, &log), 0);
        assert_int_equal(log->n_entries, DISCOVERY_LOG_ENTRIES_MAX);
        assert_true(log->partial);

        p = (Peer) { .n = 3, .numrec = UINT64_MAX };
        log = discovery_log_free(log);
        assert_int_equal(peer_read_all(&p, &log), 0);
        assert_int_equal(log->n_entries, 3);
        assert_true(log->partial);
        assert_int_equal(p.n_commands, 4); /* a chunk of entries, one of zeros, the check */
}

/* ---- transfers ---- */

/* The transfer succeeds, but ends early: missing entries are not gone. */
static void test_short_transfers(void **state)
{
        static const uint32_t lengths[] = { 2048, 2052, 2560, 3068 };
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++)
                assert_reads((Peer) { .n = 3, .sends_max = lengths[i] }, 1, true,
                             "peek, 0+4 rearm");
        assert_reads((Peer) { .n = 3, .sends_max = 4096 }, 3, false, "peek, 0+4 rearm");
}

static void test_short_header(void **state)
{
        static const uint32_t lengths[] = { 16, 18, 512, 1020 };
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++)
                assert_fails((Peer) { .n = 3, .sends_max = lengths[i] }, -EBADMSG,
                             "peek, 0+4 rearm");
}

static void test_too_few_bytes(void **state)
{
        assert_fails((Peer) { .n = 6, .kernel_max = 4096, .short_at = 1 }, -EBADMSG, "peek");
        assert_fails((Peer) { .n = 6, .kernel_max = 4096, .short_at = 3 }, -EBADMSG,
                     "peek, 0+7 rearm, 0+4");
        assert_fails((Peer) { .n = 6, .kernel_max = 4096, .short_at = 5 }, -EBADMSG,
                     "peek, 0+7 rearm, 0+4, 4+3, peek rearm");
}

static void test_nothing_came_at_all(void **state)
{
        uint8_t data[DISCOVERY_LOG_PEEK_SIZE];
        _cleanup_(discovery_log_reader_freep) DiscoveryLogReader *r = NULL;

        memset(data, DISCOVERY_LOG_FILL, sizeof(data));
        assert_int_equal(discovery_log_reader_new(&r), 0);
        assert_int_equal(discovery_log_reader_feed(r, data, sizeof(data)), -EBADMSG);
}

static void test_unknown_record_format(void **state)
{
        assert_fails((Peer) { .n = 1, .recfmt = 1 }, -EBADMSG, "peek, 0+2 rearm");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_command_whatever_the_size),
                cmocka_unit_test(test_several_commands_where_one_is_too_long),
                cmocka_unit_test(test_change_between_the_commands),
                cmocka_unit_test(test_change_without_end),
                cmocka_unit_test(test_a_controller_rejects_long_commands),
                cmocka_unit_test(test_a_controller_rejects_short_commands),
                cmocka_unit_test(test_a_shorter_log_is_no_refusal),
                cmocka_unit_test(test_every_command_rejected),
                cmocka_unit_test(test_a_log_that_is_frozen_until_it_was_read),
                cmocka_unit_test(test_offsets_are_ignored),
                cmocka_unit_test(test_numrec_contradicts_itself),
                cmocka_unit_test(test_numrec_promises_too_much),
                cmocka_unit_test(test_more_than_we_hold),
                cmocka_unit_test(test_short_transfers),
                cmocka_unit_test(test_short_header),
                cmocka_unit_test(test_too_few_bytes),
                cmocka_unit_test(test_nothing_came_at_all),
                cmocka_unit_test(test_unknown_record_format),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
