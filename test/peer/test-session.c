/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/session.h"

#include "peer/log_page.h"
#include "peer/testing-session.h"

static uint64_t property(Session *s, uint32_t offset, bool is_eight_bytes)
{
        HostAnswer a;
        assert_true(host_ask(s,
                             &(HostCommand) {
                                     .opcode = OPCODE_FABRICS,
                                     .fctype = FABRICS_PROPERTY_GET,
                                     .cdw10 = is_eight_bytes,
                                     .cdw11 = offset,
                             },
                             0, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        return a.result;
}

static void test_digests_are_not_granted(void **state)
{
        Fixture *f = *state;
        _cleanup_bytes_ Bytes b = { 0 };
        host_put_icreq(&b, 0, 3);
        assert_int_equal(session_feed(f->s, b.data, b.length, 0), 0);
        size_t n;
        const uint8_t *p = session_output(f->s, &n);
        assert_int_equal(n, PDU_IC_SIZE);
        assert_int_equal(p[PDU_TYPE], PDU_ICRESP);
        assert_int_equal(p[PDU_IC_DIGEST], 0);
        assert_int_equal(p[PDU_IC_ALIGNMENT], 0);
        assert_true(get_le32(p + PDU_IC_LIMIT) >= 4096);
        assert_int_equal(session_state(f->s), SESSION_INITIALIZED);
}

static void test_another_pdu_format_is_refused(void **state)
{
        Fixture *f = *state;
        _cleanup_bytes_ Bytes b = { 0 };
        HostAnswer a;
        host_put_icreq(&b, 0, 0);
        put_le16(b.data + PDU_IC_PFV, 1);
        assert_true(feed(f->s, &b, &a));
        assert_int_equal(a.type, PDU_C2H_TERM);
        assert_int_equal(a.error.fes, FES_UNSUPPORTED_PARAMETER);
        assert_int_equal(a.error.fei, PDU_IC_PFV);
        assert_int_equal(session_state(f->s), SESSION_ENDING);
}

static void test_order_of_pdus(void **state)
{
        Fixture *f = *state;
        _cleanup_bytes_ Bytes command = { 0 }, icreq = { 0 };
        HostAnswer a;
        host_put_connect(&command, 0xffff, MODEL_WELL_KNOWN_NQN, 0);
        assert_true(feed(f->s, &command, &a));
        assert_int_equal(a.type, PDU_C2H_TERM);
        assert_int_equal(a.error.fes, FES_SEQUENCE);

        _cleanup_(session_freep) Session *second = NULL;
        assert_int_equal(session_new(&f->peer, 0, &second), 0);
        initialize(second);
        host_put_icreq(&icreq, 0, 0);
        assert_true(feed(second, &icreq, &a));
        assert_int_equal(a.type, PDU_C2H_TERM);
        assert_int_equal(a.error.fes, FES_SEQUENCE);
}

static void test_connect_gives_each_host_a_controller(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        _cleanup_(session_freep) Session *second = NULL;
        connect_to(f->s, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.result, 1); /* and AUTHREQ is 0 */
        assert_int_equal(a.sqhd, 1);

        assert_int_equal(session_new(&f->peer, 0, &second), 0);
        connect_to(second, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.result, 2);
        second = session_free(second);
        assert_int_equal(session_new(&f->peer, 0, &second), 0);
        connect_to(second, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.result, 3);

        f->peer.last_cntlid = CNTLID_MAX; /* wraps around, and 1 is in use */
        second = session_free(second);
        assert_int_equal(session_new(&f->peer, 0, &second), 0);
        connect_to(second, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.result, 2);
}

static void test_connect_by_the_unique_nqn(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        (void) strcpy(f->peer.model.nqn, "nqn.2024-01.lab:dc");
        connect_to(f->s, 0xffff, "nqn.2024-01.lab:dc", 0, &a);
        assert_int_equal(a.status, STATUS_SUCCESS);
}

static void test_connect_static(void **state)
{
        static const struct {
                uint16_t wanted, status, cntlid;
        } cases[] = {
                { 7, STATUS_SUCCESS, 7 },
                { 0xfffe, STATUS_SUCCESS, 1 },
                { 9, STATUS_CONNECT_BUSY, 0 }, /* used by the fixture */
                { 0, STATUS_CONNECT_PARAMETERS | STATUS_DO_NOT_RETRY, 0 },
                { 0xffff, STATUS_CONNECT_PARAMETERS | STATUS_DO_NOT_RETRY, 0 },
        };
        Fixture *f = *state;
        HostAnswer a;
        f->peer.model.is_static = true;
        connect_to(f->s, 9, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.result, 9);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(session_freep) Session *s = NULL;
                assert_int_equal(session_new(&f->peer, 0, &s), 0);
                connect_to(s, cases[i].wanted, MODEL_WELL_KNOWN_NQN, 0, &a);
                assert_int_equal(a.status, cases[i].status);
                assert_int_equal(session_cntlid(s), cases[i].cntlid);
        }
}

/* The result identifies the invalid field: IPO, and IATTR in bit 16. */
static void test_connect_refuses(void **state)
{
        static const struct {
                size_t at; /* of the whole PDU */
                uint8_t byte;
                uint16_t status;
                uint32_t result;
        } cases[] = {
                { 8 + 40, 1, STATUS_CONNECT_FORMAT, 0 },
                { 8 + 42, 1, STATUS_CONNECT_PARAMETERS, 42 }, /* an I/O queue */
                { 8 + 44, 0, STATUS_CONNECT_PARAMETERS, 44 },
                { 8 + 44, 200, STATUS_CONNECT_PARAMETERS, 44 },
                { 72 + 16, 0x0f, STATUS_CONNECT_PARAMETERS, 1 << 16 | 16 },
                { 72 + 256, 'x', STATUS_CONNECT_PARAMETERS, 1 << 16 | 256 },
                { 72 + 512, 'x', STATUS_CONNECT_PARAMETERS, 1 << 16 | 512 },
        };
        Fixture *f = *state;
        initialize(f->s);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_bytes_ Bytes b = { 0 };
                HostAnswer a;
                host_put_connect(&b, 0xffff, MODEL_WELL_KNOWN_NQN, 0);
                b.data[cases[i].at] = cases[i].byte;
                assert_true(feed(f->s, &b, &a));
                assert_int_equal(a.status, cases[i].status | STATUS_DO_NOT_RETRY);
                assert_int_equal(a.result, cases[i].result);
                assert_int_equal(session_state(f->s), SESSION_INITIALIZED);
        }
}

static void test_properties_through_the_life_of_a_controller(void **state)
{
        enum {
                CC = 0x14,
                CSTS = 0x1c,
                SHUTDOWN = 1 << 14
        };
        Fixture *f = *state;
        HostAnswer a;
        connect_to(f->s, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        uint64_t cap = property(f->s, 0, true);
        assert_int_equal(cap & 0xffff, 127);  /* MQES */
        assert_true(cap & 1 << 16);           /* CQR */
        assert_true((cap >> 24 & 0xff) > 0);  /* TO */
        assert_true(cap & UINT64_C(1) << 37); /* the NVM command set */
        assert_true((cap >> 48 & 0xff) == 0); /* pages of 4 KiB */
        assert_int_equal(property(f->s, 8, false), 0x20000);

        assert_int_equal(property(f->s, CSTS, false), 0);
        enable(f->s, HOST_CC_ENABLE - 1);
        assert_int_equal(property(f->s, CSTS, false), 0);
        enable(f->s, HOST_CC_ENABLE);
        assert_int_equal(property(f->s, CC, false), HOST_CC_ENABLE);
        assert_int_equal(property(f->s, CSTS, false), 1);
        enable(f->s, HOST_CC_ENABLE | SHUTDOWN);
        assert_int_equal(property(f->s, CSTS, false), 1 | 2 << 2);
        enable(f->s, HOST_CC_ENABLE);
        assert_int_equal(property(f->s, CSTS, false), 1);
        enable(f->s, 0);
        assert_int_equal(property(f->s, CSTS, false), 0);
        enable(f->s, 0x00450001); /* with different entry sizes */
        assert_int_equal(property(f->s, CSTS, false), 2);
        enable(f->s, 0);
        enable(f->s, 0x00560001);
        assert_int_equal(property(f->s, CSTS, false), 2);
}

static void test_properties_that_are_none(void **state)
{
        static const HostCommand commands[] = {
                { .fctype = FABRICS_PROPERTY_GET, .cdw11 = 0 }, /* CAP has eight bytes */
                { .fctype = FABRICS_PROPERTY_GET, .cdw10 = 1, .cdw11 = 0x14 },
                { .fctype = FABRICS_PROPERTY_GET, .cdw11 = 0x20 },
                { .fctype = FABRICS_PROPERTY_SET, .cdw11 = 0x1c },
                { .fctype = FABRICS_PROPERTY_SET, .cdw10 = 1, .cdw11 = 0x14 },
        };
        Fixture *f = *state;
        make_ready(f->s);
        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                HostCommand c = commands[i];
                HostAnswer a;
                c.opcode = OPCODE_FABRICS;
                assert_true(host_ask(f->s, &c, 0, &a));
                assert_int_equal(a.status, STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
        }
}

static void test_commands_need_an_enabled_controller(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        HostCommand keep_alive = { .opcode = OPCODE_KEEP_ALIVE, .cid = 9 };
        initialize(f->s);
        assert_true(host_ask(f->s, &keep_alive, 0, &a));
        assert_int_equal(a.status, STATUS_SEQUENCE | STATUS_DO_NOT_RETRY);

        _cleanup_bytes_ Bytes b = { 0 };
        host_put_connect(&b, 0xffff, MODEL_WELL_KNOWN_NQN, 0);
        assert_true(feed(f->s, &b, &a));
        assert_true(host_ask(f->s, &keep_alive, 0, &a));
        assert_int_equal(a.status, STATUS_SEQUENCE | STATUS_DO_NOT_RETRY);
        enable(f->s, HOST_CC_ENABLE);
        assert_true(host_ask(f->s, &keep_alive, 0, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.cid, 9);
}

static void test_identify_says_what_linux_needs(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        f->peer.model.dctype = DC_TYPE_CDC;
        (void) strcpy(f->peer.model.nqn, "nqn.2024-01.lab:dc");
        assert_true(host_ask(
                f->s, &(HostCommand) { .opcode = OPCODE_IDENTIFY, .cdw10 = 1, .n_wanted = 4096 }, 0,
                &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.n_data, 4096);
        assert_memory_equal(a.data + 4, "stas-peer           ", 20);
        assert_int_equal(get_le16(a.data + 78), 1);                 /* CNTLID, as at Connect */
        assert_int_equal(get_le32(a.data + 80), 0x20000);           /* VER */
        assert_true(get_le32(a.data + 92) == UINT32_C(0x80000000)); /* OAES */
        assert_int_equal(a.data[111], 2);                           /* CNTRLTYPE */
        assert_int_equal(a.data[261], 4);                           /* LPA */
        assert_true(get_le16(a.data + 320) > 0);                    /* KAS */
        assert_int_equal(a.data[512], 0x66);                        /* SQES */
        assert_int_equal(a.data[513], 0x44);                        /* CQES */
        assert_int_equal(get_le16(a.data + 514), 128);              /* MAXCMD */
        assert_int_equal(get_le32(a.data + 536) & 3, 1);            /* SGLS */
        assert_string_equal((char *) a.data + 768, "nqn.2024-01.lab:dc");
        assert_true(get_le32(a.data + 1792) >= 4);    /* IOCCSZ */
        assert_int_equal(get_le32(a.data + 1796), 1); /* IORCSZ */
        assert_int_equal(get_le16(a.data + 1800), 0); /* ICDOFF */
        assert_int_equal(a.data[1806], DC_TYPE_CDC);

        assert_true(host_ask(
                f->s, &(HostCommand) { .opcode = OPCODE_IDENTIFY, .cdw10 = 2, .n_wanted = 4096 }, 0,
                &a));
        assert_int_equal(a.status, STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
        assert_int_equal(a.n_data, 0);
}

static void test_log_page(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        add_entry(&f->peer, "nqn.a");
        add_entry(&f->peer, "nqn.b");
        assert_true(get_log(f->s, 0, 3072, true, &a));
        assert_int_equal(a.n_data, 3072);
        assert_int_equal(get_le64(a.data + LOG_NUMREC), 2);
        assert_string_equal((char *) a.data + 2048 + ENTRY_SUBNQN, "nqn.b");
        assert_true(get_log(f->s, 2048, 1024, true, &a));
        assert_string_equal((char *) a.data + ENTRY_SUBNQN, "nqn.b");
}

static void test_log_pages_that_are_refused(void **state)
{
        static const struct {
                HostCommand c;
                uint16_t status;
        } cases[] = {
                { { .cdw10 = 0x01 | 3 << 16, .n_wanted = 16 }, STATUS_INVALID_LOG },
                { { .cdw10 = 0x70 | 3 << 16, .n_wanted = 12 }, STATUS_SGL_LENGTH },
                { { .cdw10 = 0x70 | 3 << 16, .n_wanted = 16, .cdw12 = 2 }, STATUS_INVALID_FIELD },
                { { .cdw10 = 0x70 | 3 << 16, .n_wanted = 16, .cdw12 = 1028 },
                  STATUS_INVALID_FIELD },
                { { .cdw10 = 0x70 | 3 << 16, .n_wanted = 16, .cdw13 = 1 }, STATUS_INVALID_FIELD },
                { { .cdw10 = 0xffff0070, .cdw11 = 0xffff, .n_wanted = UINT32_MAX },
                  STATUS_INVALID_FIELD },
        };
        Fixture *f = *state;
        make_ready(f->s);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                HostCommand c = cases[i].c;
                HostAnswer a;
                c.opcode = OPCODE_GET_LOG_PAGE;
                assert_true(host_ask(f->s, &c, 0, &a));
                assert_int_equal(a.status, cases[i].status | STATUS_DO_NOT_RETRY);
        }
}

static uint32_t feature(Session *s, uint32_t fid)
{
        HostAnswer a;
        assert_true(
                host_ask(s, &(HostCommand) { .opcode = OPCODE_GET_FEATURES, .cdw10 = fid }, 0, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        return (uint32_t) a.result;
}

static void set_feature(Session *s, uint32_t fid, uint32_t value)
{
        HostAnswer a;
        HostCommand c = { .opcode = OPCODE_SET_FEATURES, .cdw10 = fid, .cdw11 = value };
        assert_true(host_ask(s, &c, 0, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
}

static void test_features(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        uint8_t behavior[512] = { 1 };
        make_ready(f->s);
        set_feature(f->s, 0x0b, UINT32_C(0x80000000));
        set_feature(f->s, 0x0f, 5000);
        assert_true(feature(f->s, 0x0b) == UINT32_C(0x80000000));
        assert_int_equal(feature(f->s, 0x0f), 5000);

        HostCommand set = { .opcode = OPCODE_SET_FEATURES,
                            .cdw10 = 0x16,
                            .data = behavior,
                            .n_data = sizeof(behavior) };
        HostCommand get = { .opcode = OPCODE_GET_FEATURES, .cdw10 = 0x16, .n_wanted = 512 };
        assert_true(host_ask(f->s, &set, 0, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_true(host_ask(f->s, &get, 0, &a));
        assert_int_equal(a.n_data, 512);
        assert_memory_equal(a.data, behavior, 512);

        assert_true(host_ask(f->s, &(HostCommand) { .opcode = OPCODE_SET_FEATURES, .cdw10 = 7 }, 0,
                             &a));
        assert_int_equal(a.status, STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
}

static void test_unknown_commands(void **state)
{
        static const HostCommand commands[] = {
                { .opcode = 0x00 }, /* Delete I/O Submission Queue */
                { .opcode = 0x22 },
                { .opcode = OPCODE_FABRICS, .fctype = 0x05 },
        };
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                assert_true(host_ask(f->s, &commands[i], 0, &a));
                assert_int_equal(a.status, STATUS_INVALID_OPCODE | STATUS_DO_NOT_RETRY);
        }
        HostCommand disconnect = { .opcode = OPCODE_FABRICS, .fctype = FABRICS_DISCONNECT };
        assert_true(host_ask(f->s, &disconnect, 0, &a));
        assert_int_equal(a.status, STATUS_QUEUE_TYPE | STATUS_DO_NOT_RETRY);
}

static const HostCommand event_request = { .opcode = OPCODE_ASYNC_EVENT, .cid = 77 };

static void test_event_ends_a_request_until_the_log_is_read(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        set_feature(f->s, 0x0b, UINT32_C(0x80000000));
        assert_false(host_ask(f->s, &event_request, 0, &a)); /* held */

        assert_int_equal(peer_notify(&f->peer, false), 1);
        assert_true(host_take(f->s, &a));
        assert_int_equal(a.cid, 77);
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.result, 0x70f002);

        assert_false(host_ask(f->s, &event_request, 0, &a));
        assert_int_equal(peer_notify(&f->peer, false), 0); /* masked */
        assert_true(get_log(f->s, 0, 16, true, &a));
        assert_int_equal(peer_notify(&f->peer, false), 0); /* RAE: still masked */
        assert_true(get_log(f->s, 0, 16, false, &a));
        assert_int_equal(peer_notify(&f->peer, false), 1);
        assert_true(host_take(f->s, &a));
        assert_int_equal(a.result, 0x70f002);
}

static void test_event_waits_for_a_request(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        set_feature(f->s, 0x0b, UINT32_C(0x80000000));
        assert_int_equal(peer_notify(&f->peer, false), 1);
        assert_false(host_take(f->s, &a));
        assert_true(host_ask(f->s, &event_request, 0, &a));
        assert_int_equal(a.result, 0x70f002);
}

static void test_no_event_for_who_has_not_asked(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        assert_false(host_ask(f->s, &event_request, 0, &a));
        assert_int_equal(peer_notify(&f->peer, false), 0);
        assert_false(host_take(f->s, &a));
        assert_int_equal(peer_notify(&f->peer, true), 1); /* forced */
        assert_true(host_take(f->s, &a));
        assert_int_equal(peer_notify(&f->peer, true), 0); /* no request outstanding */
}

static void test_requests_for_events_are_limited_and_forgotten(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        for (int i = 0; i < 4; i++)
                assert_false(host_ask(f->s, &event_request, 0, &a));
        assert_true(host_ask(f->s, &event_request, 0, &a));
        assert_int_equal(a.status, STATUS_ASYNC_LIMIT | STATUS_DO_NOT_RETRY);

        enable(f->s, 0); /* a reset */
        assert_int_equal(peer_notify(&f->peer, true), 0);
        enable(f->s, HOST_CC_ENABLE);
        assert_false(host_ask(f->s, &event_request, 0, &a));
}

static void test_several_hosts_get_the_same_event(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        _cleanup_(session_freep) Session *second = NULL;
        assert_int_equal(session_new(&f->peer, 0, &second), 0);
        make_ready(f->s);
        make_ready(second);
        set_feature(f->s, 0x0b, UINT32_C(0x80000000));
        set_feature(second, 0x0b, UINT32_C(0x80000000));
        assert_false(host_ask(f->s, &event_request, 0, &a));
        assert_false(host_ask(second, &event_request, 0, &a));
        assert_int_equal(peer_notify(&f->peer, false), 2);
        assert_true(host_take(f->s, &a));
        assert_true(host_take(second, &a));
}

static void test_head_of_the_queue_goes_round(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s); /* Connect and Property Set */
        for (unsigned i = 3; i < 70; i++) {
                assert_true(host_ask(f->s, &(HostCommand) { .opcode = OPCODE_KEEP_ALIVE }, 0, &a));
                assert_int_equal(a.sqhd, i % (HOST_SQSIZE + 1));
        }
}

static void test_flow_control_can_be_off(void **state)
{
        Fixture *f = *state;
        _cleanup_bytes_ Bytes b = { 0 };
        HostAnswer a;
        initialize(f->s);
        host_put_connect(&b, 0xffff, MODEL_WELL_KNOWN_NQN, 0);
        b.data[8 + 46] = 1 << 2;
        assert_true(feed(f->s, &b, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.sqhd, 0xffff);
}

static void test_keep_alive_timeout(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        connect_to(f->s, 0xffff, MODEL_WELL_KNOWN_NQN, 5000, &a);
        enable(f->s, HOST_CC_ENABLE);
        assert_true(session_deadline(f->s) == 5 * USEC_PER_SEC);
        assert_true(host_ask(f->s, &(HostCommand) { .opcode = OPCODE_KEEP_ALIVE }, 4 * USEC_PER_SEC,
                             &a));
        assert_true(session_deadline(f->s) == 9 * USEC_PER_SEC);
        session_expire(f->s, 9 * USEC_PER_SEC - 1);
        assert_int_equal(session_state(f->s), SESSION_CONNECTED);
        session_expire(f->s, 9 * USEC_PER_SEC);
        assert_int_equal(session_state(f->s), SESSION_ENDING);
}

static void set_fault(Fixture *f, Step step, FaultKind kind, uint64_t n)
{
        Fault fault = { .kind = kind, .status = STATUS_INTERNAL, .n_left = n };
        peer_set_fault(&f->peer, step, fault, 0);
}

static void test_stall_holds_everything_until_it_is_over(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        connect_to(f->s, 0xffff, MODEL_WELL_KNOWN_NQN, 5000, &a);
        enable(f->s, HOST_CC_ENABLE);
        set_fault(f, STEP_LOG, FAULT_STALL, 1);
        assert_false(get_log(f->s, 0, 16, true, &a));
        assert_false(session_wants_input(f->s));
        assert_false(host_ask(f->s, &(HostCommand) { .opcode = OPCODE_KEEP_ALIVE }, 0, &a));
        assert_true(session_deadline(f->s) == USEC_INFINITY);
        set_fault(f, STEP_IDENTIFY, FAULT_NONE, 0);
        assert_false(host_take(f->s, &a));
        set_fault(f, STEP_LOG, FAULT_NONE, 0);
        assert_true(host_take(f->s, &a));
        assert_int_equal(a.n_data, 16);
        assert_true(host_take(f->s, &a));
        assert_int_equal(a.n_data, 0);
        assert_true(session_wants_input(f->s));
}

static void test_drop_and_fail_concern_one_command(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        set_fault(f, STEP_LOG, FAULT_DROP, 1);
        assert_false(get_log(f->s, 0, 16, true, &a));
        assert_true(get_log(f->s, 0, 16, true, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        set_fault(f, STEP_LOG, FAULT_FAIL, 2);
        for (int i = 0; i < 2; i++) {
                assert_true(get_log(f->s, 0, 16, true, &a));
                assert_int_equal(a.status, STATUS_INTERNAL);
                assert_int_equal(a.n_data, 0);
        }
        assert_true(get_log(f->s, 0, 16, true, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
}

static void test_reset_ends_it_at_once(void **state)
{
        Fixture *f = *state;
        _cleanup_bytes_ Bytes b = { 0 };
        HostAnswer a;
        set_fault(f, STEP_ICREQ, FAULT_RESET, 1);
        host_put_icreq(&b, 0, 0);
        assert_false(feed(f->s, &b, &a));
        assert_int_equal(session_state(f->s), SESSION_RESET);
}

static void test_journal_says_what_came(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        make_ready(f->s);
        assert_true(get_log(f->s, 1024, 1024, true, &a));
        const Journal *j = &f->peer.journal;
        assert_int_equal(j->n_added, 4);
        assert_string_equal(j->lines[0], "1 icreq pfv=0 hpda=0 digest=0 maxr2t=0");
        assert_string_equal(j->lines[1],
                            "1 connect qid=0 sqsize=31 cattr=0x00 kato=0 cntlid=0xffff "
                            "hostnqn=nqn.2014-08.org.nvmexpress:uuid:host "
                            "subnqn=nqn.2014-08.org.nvmexpress.discovery");
        assert_string_equal(j->lines[2], "1 property-set offset=0x14 size=4 value=0x00460001");
        assert_string_equal(j->lines[3],
                            "1 get-log lid=0x70 lsp=0x00 rae=1 offset=1024 length=1024");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_digests_are_not_granted),
                TEST(test_another_pdu_format_is_refused),
                TEST(test_order_of_pdus),
                TEST(test_connect_gives_each_host_a_controller),
                TEST(test_connect_by_the_unique_nqn),
                TEST(test_connect_static),
                TEST(test_connect_refuses),
                TEST(test_properties_through_the_life_of_a_controller),
                TEST(test_properties_that_are_none),
                TEST(test_commands_need_an_enabled_controller),
                TEST(test_identify_says_what_linux_needs),
                TEST(test_log_page),
                TEST(test_log_pages_that_are_refused),
                TEST(test_features),
                TEST(test_unknown_commands),
                TEST(test_event_ends_a_request_until_the_log_is_read),
                TEST(test_event_waits_for_a_request),
                TEST(test_no_event_for_who_has_not_asked),
                TEST(test_requests_for_events_are_limited_and_forgotten),
                TEST(test_several_hosts_get_the_same_event),
                TEST(test_head_of_the_queue_goes_round),
                TEST(test_flow_control_can_be_off),
                TEST(test_keep_alive_timeout),
                TEST(test_stall_holds_everything_until_it_is_over),
                TEST(test_drop_and_fail_concern_one_command),
                TEST(test_reset_ends_it_at_once),
                TEST(test_journal_says_what_came),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
