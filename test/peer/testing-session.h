/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A peer with one host in operation. */

#include "peer/testing.h"

typedef struct Fixture {
        Peer peer;
        Session *s;
} Fixture;

static inline int set_up(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        peer_init(&f->peer);
        assert_int_equal(session_new(&f->peer, 0, &f->s), 0);
        *state = f;
        return 0;
}

static inline int tear_down(void **state)
{
        Fixture *f = *state;
        (void) session_free(f->s);
        peer_done(&f->peer);
        free(f);
        return 0;
}

static inline bool feed(Session *s, const Bytes *b, HostAnswer *ret)
{
        assert_int_equal(session_feed(s, b->data, b->length, 0), 0);
        return host_take(s, ret);
}

static inline void initialize(Session *s)
{
        _cleanup_bytes_ Bytes b = { 0 };
        HostAnswer a;
        host_put_icreq(&b, 0, 0);
        assert_true(feed(s, &b, &a));
        assert_int_equal(a.type, PDU_ICRESP);
}

static inline void connect_to(Session *s, uint16_t cntlid, const char *subnqn, uint32_t kato,
                              HostAnswer *ret)
{
        _cleanup_bytes_ Bytes b = { 0 };
        initialize(s);
        host_put_connect(&b, cntlid, subnqn, kato);
        assert_true(feed(s, &b, ret));
}

static inline void enable(Session *s, uint32_t cc)
{
        _cleanup_bytes_ Bytes b = { 0 };
        HostAnswer a;
        host_put_enable(&b, cc);
        assert_true(feed(s, &b, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
}

/* A host that has completed all steps of the kernel's connect. */
static inline void make_ready(Session *s)
{
        HostAnswer a;
        connect_to(s, 0xffff, MODEL_WELL_KNOWN_NQN, 0, &a);
        assert_int_equal(a.status, STATUS_SUCCESS);
        enable(s, HOST_CC_ENABLE);
}

static inline void add_entry(Peer *p, const char *subnqn)
{
        Entry e;
        entry_init(&e);
        memcpy(e.subnqn, subnqn, strlen(subnqn) + 1);
        assert_int_equal(model_add(&p->model, &e), 0);
}

static inline bool get_log(Session *s, uint64_t offset, uint32_t n, bool retains, HostAnswer *ret)
{
        return host_ask(s,
                        &(HostCommand) {
                                .opcode = OPCODE_GET_LOG_PAGE,
                                .cdw10 = 0x70 | (uint32_t) retains << 15 | (n / 4 - 1) << 16,
                                .cdw12 = (uint32_t) offset,
                                .cdw13 = (uint32_t) (offset >> 32),
                                .n_wanted = n,
                        },
                        0, ret);
}
