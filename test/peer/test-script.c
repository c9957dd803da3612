/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/script.h"

#include "peer/testing.h"

/* Returns the answer to one command, without its newline; freed by the caller. */
static char *run(Peer *p, const char *command)
{
        _cleanup_free_ char *line = strdup(command);
        TextBuffer b = { 0 };
        assert_non_null(line);
        script_execute(p, line, 0, &b);
        char *answer = text_buffer_take(&b);
        assert_non_null(answer);
        size_t n = strlen(answer);
        assert_ptr_equal(strchr(answer, '\n'), answer + n - 1);
        answer[n - 1] = '\0';
        return answer;
}

static void expect(Peer *p, const char *command, const char *expected)
{
        _cleanup_free_ char *answer = run(p, command);
        assert_string_equal(answer, expected);
}

static int set_up(void **state)
{
        Peer *p = calloc(1, sizeof(*p));
        assert_non_null(p);
        peer_init(p);
        *state = p;
        return 0;
}

static int tear_down(void **state)
{
        Peer *p = *state;
        peer_done(p);
        free(p);
        return 0;
}

static void test_entry_with_defaults(void **state)
{
        Peer *p = *state;
        expect(p, "entry add subnqn=nqn.a traddr=192.0.2.1", "ok");
        const Entry *e = &p->model.entries[0];
        assert_int_equal(p->model.n_entries, 1);
        assert_int_equal(e->trtype, TRTYPE_TCP);
        assert_int_equal(e->adrfam, ADRFAM_IPV4);
        assert_int_equal(e->subtype, SUBTYPE_NVME);
        assert_int_equal(e->cntlid, 0xffff);
        assert_int_equal(e->eflags, 0);
        assert_string_equal(e->trsvcid, "4420");
        assert_string_equal(e->subnqn, "nqn.a");
        assert_string_equal(e->traddr, "192.0.2.1");

        expect(p, "entry add subnqn=nqn.b traddr=2001:db8::1 subtype=referral", "ok");
        assert_int_equal(p->model.entries[1].adrfam, ADRFAM_IPV6);
        assert_string_equal(p->model.entries[1].trsvcid, "8009");
        expect(p, "entry add subnqn=nqn.c traddr=2001:db8::1 adrfam=ipv4 trsvcid=1", "ok");
        assert_int_equal(p->model.entries[2].adrfam, ADRFAM_IPV4);
        assert_string_equal(p->model.entries[2].trsvcid, "1");
}

static void test_entry_with_everything(void **state)
{
        Peer *p = *state;
        expect(p,
               "entry add subtype=3 trtype=rdma adrfam=ib traddr=x trsvcid=1 subnqn=n treq=255 "
               "portid=65535 cntlid=static asqsz=0x20 eflags=0x8000 ncc=1 epcsd=yes "
               "dupretinfo=on sectype=2",
               "ok");
        const Entry *e = &p->model.entries[0];
        assert_int_equal(e->subtype, SUBTYPE_DISCOVERY);
        assert_int_equal(e->trtype, TRTYPE_RDMA);
        assert_int_equal(e->adrfam, ADRFAM_IB);
        assert_int_equal(e->treq, 255);
        assert_int_equal(e->portid, 65535);
        assert_int_equal(e->cntlid, 0xfffe);
        assert_int_equal(e->asqsz, 32);
        assert_int_equal(e->eflags, 0x8007);
        assert_int_equal(e->sectype, 2);
}

static void test_entry_is_changed_whole_or_not(void **state)
{
        Peer *p = *state;
        expect(p, "entry add subnqn=nqn.a traddr=192.0.2.1 ncc=1", "ok");
        uint64_t genctr = p->model.genctr;
        expect(p, "entry set nqn.a ncc=0 portid=65536", "error portid cannot be: 65536");
        assert_int_equal(p->model.entries[0].eflags, EFLAGS_NCC);
        assert_true(p->model.genctr == genctr);
        expect(p, "entry set nqn.a ncc=0", "ok");
        assert_int_equal(p->model.entries[0].eflags, 0);
        assert_true(p->model.genctr == genctr + 1);
        expect(p, "entry remove nqn.a", "ok");
        assert_int_equal(p->model.n_entries, 0);
        expect(p, "entry clear", "ok 0");
}

static void test_what_the_controller_is(void **state)
{
        Peer *p = *state;
        expect(p, "set nqn=nqn.dc serial=abc dctype=cdc static=yes events=no genctr=7", "ok");
        assert_string_equal(p->model.nqn, "nqn.dc");
        assert_string_equal(p->model.serial, "abc");
        assert_int_equal(p->model.dctype, DC_TYPE_CDC);
        assert_true(p->model.is_static);
        assert_false(p->model.tells_changes);
        assert_int_equal(p->model.genctr, 7);
        expect(p, "set dctype=9", "ok");
        assert_int_equal(p->model.dctype, 9);
}

static void test_faults(void **state)
{
        Peer *p = *state;
        expect(p, "stall log", "ok");
        expect(p, "reset icreq 2", "ok");
        expect(p, "drop keep-alive 1", "ok");
        expect(p, "fail identify 0x4002 3", "ok");
        const Fault *f = p->faults.steps;
        assert_int_equal(f[STEP_LOG].kind, FAULT_STALL);
        assert_true(f[STEP_LOG].n_left == FAULT_ALWAYS);
        assert_int_equal(f[STEP_ICREQ].kind, FAULT_RESET);
        assert_int_equal(f[STEP_ICREQ].n_left, 2);
        assert_int_equal(f[STEP_KEEP_ALIVE].kind, FAULT_DROP);
        assert_int_equal(f[STEP_IDENTIFY].kind, FAULT_FAIL);
        assert_int_equal(f[STEP_IDENTIFY].status, 0x4002);
        assert_int_equal(f[STEP_IDENTIFY].n_left, 3);
        expect(p, "pass log", "ok");
        assert_int_equal(f[STEP_LOG].kind, FAULT_NONE);
        assert_int_equal(f[STEP_ICREQ].kind, FAULT_RESET);
        expect(p, "pass all", "ok");
        assert_int_equal(f[STEP_ICREQ].kind, FAULT_NONE);
}

static void test_mistakes_are_named(void **state)
{
        static const struct {
                const char *command, *answer;
        } cases[] = {
                { "", "error no such command: " },
                { "entry", "error no such command: entry" },
                { "entries add x=1", "error no such command: entries" },
                { "entry add subnqn=n", "error usage: entry add KEY=VALUE..." },
                { "entry add subnqn=n x=1", "error no such key of an entry: x" },
                { "entry add subnqn=n traddr", "error no such key of an entry: traddr" },
                { "entry add subnqn=n trtype=quic", "error trtype cannot be: quic" },
                { "entry add subnqn=n ncc=maybe", "error ncc cannot be: maybe" },
                { "entry add subnqn=n trsvcid=012345678901234567890123456789012",
                  "error trsvcid cannot be: 012345678901234567890123456789012" },
                { "entry set nqn.a ncc=1", "error no entry of nqn.a" },
                { "entry remove nqn.a", "error no entry of nqn.a" },
                { "set x=1", "error no such key: x" },
                { "set genctr=0x", "error genctr cannot be: 0x" },
                { "set genctr=-1", "error genctr cannot be: -1" },
                { "stall nowhere", "error no such step: nowhere" },
                { "stall log 0", "error no count: 0" },
                { "fail log", "error usage: fail STEP STATUS [COUNT]" },
                { "fail log many", "error no status: many" },
                { "pass nowhere", "error no such step: nowhere" },
                { "aen loud", "error usage: aen [force]" },
                { "disconnect x", "error no host: x" },
                { "show me", "error usage: show" },
        };
        Peer *p = *state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                expect(p, cases[i].command, cases[i].answer);
        assert_int_equal(p->model.n_entries, 0);
}

static void test_too_many_words(void **state)
{
        Peer *p = *state;
        char line[400];
        for (size_t i = 0; i < sizeof(line) - 1; i++)
                line[i] = i % 2 ? ' ' : 'x';
        line[sizeof(line) - 1] = '\0';
        expect(p, line, "error more than 64 words");
}

static void test_any_byte_in_a_text(void **state)
{
        Peer *p = *state;
        expect(p, "entry add subnqn=nqn.\\x1b[31m\\xFF traddr=\\x20x", "ok");
        assert_string_equal(p->model.entries[0].subnqn, "nqn.\x1b[31m\xff");
        assert_string_equal(p->model.entries[0].traddr, " x");
        expect(p, "entry add traddr=b subnqn=a\\x0", "error subnqn cannot be: a\\x0");
        expect(p, "entry add traddr=b subnqn=a\\x00", "error subnqn cannot be: a\\x00");
        expect(p, "entry add traddr=b subnqn=a\\xgg", "error subnqn cannot be: a\\xgg");
        assert_int_equal(p->model.n_entries, 1);
}

static void test_many_entries(void **state)
{
        Peer *p = *state;
        expect(p, "entry many 4096 subnqn=nqn.x:#:y traddr=192.0.2.1", "ok");
        assert_int_equal(p->model.n_entries, 4096);
        assert_string_equal(p->model.entries[0].subnqn, "nqn.x:1:y");
        assert_string_equal(p->model.entries[4095].subnqn, "nqn.x:4096:y");
        expect(p, "entry many 1 subnqn=same", "ok");
        assert_string_equal(p->model.entries[4096].subnqn, "same");
        expect(p, "entry many x subnqn=same", "error no number: x");
        expect(p, "entry many 65537 subnqn=same", "error no number: 65537");
}

static void test_lies_can_be_told_and_ended(void **state)
{
        Peer *p = *state;
        const Model *m = &p->model;
        expect(p, "set numrec=0x40000000000000 short=16 moves=3 pleo=1 extended=1 held=0", "ok");
        assert_true(m->lies_numrec);
        assert_true(m->numrec == UINT64_C(1) << 54);
        assert_int_equal(m->log_bytes_max, 16);
        assert_int_equal(m->n_moves, 3);
        assert_int_equal(m->log_options, LOG_PORT_LOCAL | LOG_EXTENDED);
        assert_false(m->can_be_held);
        expect(p, "set numrec=true short=no moves=0 pleo=0 held=1", "ok");
        assert_false(m->lies_numrec);
        assert_true(m->log_bytes_max == UINT64_MAX);
        assert_int_equal(m->log_options, LOG_EXTENDED);
        assert_true(m->can_be_held);
        expect(p, "set numrec=x", "error numrec cannot be: x");
        assert_false(m->lies_numrec);
        expect(p, "entry add subnqn=a elsewhere=1", "ok");
        assert_true(m->entries[0].is_elsewhere);
}

static void test_show(void **state)
{
        Peer *p = *state;
        Session *s;
        expect(p, "show",
               "ok {\"nqn\":\"nqn.2014-08.org.nvmexpress.discovery\",\"serial\":\"stas-peer\","
               "\"dctype\":0,\"static\":false,\"events\":true,\"genctr\":1,\"entries\":[],"
               "\"hosts\":[],\"registrations\":[]}");
        expect(p, "entry add subnqn=a\"\\ traddr=x trtype=9 ncc=1", "ok");
        assert_int_equal(session_new(p, 0, &s), 0);
        expect(p, "show",
               "ok {\"nqn\":\"nqn.2014-08.org.nvmexpress.discovery\",\"serial\":\"stas-peer\","
               "\"dctype\":0,\"static\":false,\"events\":true,\"genctr\":2,\"entries\":["
               "{\"subtype\":\"nvme\",\"trtype\":9,\"adrfam\":\"ipv4\",\"traddr\":\"x\","
               "\"trsvcid\":\"4420\",\"subnqn\":\"a\\\"\\\\\",\"treq\":0,\"portid\":0,"
               "\"cntlid\":\"dynamic\",\"asqsz\":32,\"eflags\":4,\"dupretinfo\":false,"
               "\"epcsd\":false,\"ncc\":true,\"sectype\":0,\"elsewhere\":false}],"
               "\"hosts\":[{\"id\":1,\"state\":\"new\",\"stalled\":false,\"cntlid\":0,"
               "\"hostnqn\":\"\"}],\"registrations\":[]}");
        expect(p, "disconnect 2", "ok 0");
        expect(p, "disconnect", "ok 1");
        assert_int_equal(session_state(s), SESSION_ENDING);
        (void) session_free(s);
}

static void test_log(void **state)
{
        Peer *p = *state;
        expect(p, "log", "ok []");
        journal_add(&p->journal, 1, "one");
        journal_add(&p->journal, 2, "t\x01wo \"quoted\"");
        expect(p, "log", "ok [\"1 one\",\"2 t?wo \\\"quoted\\\"\"]");
        expect(p, "log clear", "ok");
        expect(p, "log", "ok []");
        for (unsigned i = 0; i < JOURNAL_MAX + 3; i++)
                journal_add(&p->journal, i, "x");
        assert_int_equal(p->journal.n_added - p->journal.first, JOURNAL_MAX);
        assert_string_equal(p->journal.lines[p->journal.first % JOURNAL_MAX], "3 x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_entry_with_defaults),
                TEST(test_entry_with_everything),
                TEST(test_entry_is_changed_whole_or_not),
                TEST(test_what_the_controller_is),
                TEST(test_faults),
                TEST(test_mistakes_are_named),
                TEST(test_too_many_words),
                TEST(test_any_byte_in_a_text),
                TEST(test_many_entries),
                TEST(test_lies_can_be_told_and_ended),
                TEST(test_show),
                TEST(test_log),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
