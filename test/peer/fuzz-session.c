/* SPDX-License-Identifier: Apache-2.0 */

/* A host that sends arbitrary input after the first byte, which determines how it is split into
 * pieces. The split must not matter; the output must consist of complete PDUs that a controller may
 * send; and no buffer may grow beyond the largest PDU. */

#include <assert.h>
#include <string.h>

#include "peer/session-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_entries(Peer *p)
{
        Entry e;
        entry_init(&e);
        memcpy(e.subnqn, "nqn.a", 6);
        memcpy(e.traddr, "192.0.2.1", 10);
        for (int i = 0; i < 3; i++)
                assert(model_add(&p->model, &e) == 0);
}

static void check_output(const Bytes *out)
{
        for (size_t at = 0; at < out->length;) {
                const uint8_t *p = out->data + at;
                assert(out->length - at >= PDU_COMMON_SIZE);
                size_t hlen = p[PDU_HLEN], pdo = p[PDU_PDO], plen = get_le32(p + PDU_PLEN);
                assert(plen >= hlen && plen <= out->length - at);
                switch ((PduType) p[PDU_TYPE]) {
                case PDU_ICRESP:
                        assert(at == 0 && hlen == PDU_IC_SIZE && plen == PDU_IC_SIZE);
                        break;
                case PDU_RESPONSE:
                        assert(hlen == PDU_RESPONSE_SIZE && plen == PDU_RESPONSE_SIZE);
                        break;
                case PDU_C2H_DATA:
                        assert(hlen == PDU_DATA_SIZE && pdo >= PDU_DATA_SIZE && pdo % 4 == 0);
                        assert(plen == pdo + get_le32(p + PDU_DATA_LENGTH));
                        assert(plen - pdo <= TRANSFER_MAX);
                        break;
                case PDU_C2H_TERM:
                        assert(hlen == PDU_TERM_SIZE && plen <= PDU_TERM_SIZE + PDU_TERM_DATA_MAX);
                        assert(at + plen == out->length);
                        break;
                case PDU_ICREQ:
                case PDU_H2C_TERM:
                case PDU_COMMAND:
                case PDU_H2C_DATA:
                case PDU_R2T:
                        assert(!"a controller sends that");
                }
                at += plen;
        }
}

static void talk(Session *s, const uint8_t *data, size_t n, size_t piece)
{
        while (n > 0) {
                size_t n_now = MIN(n, piece);
                assert(session_feed(s, data, n_now, 0) == 0);
                if (session_wants_input(s))
                        assert(s->in.length < PDU_FROM_HOST_MAX);
                data += n_now;
                n -= n_now;
        }
        (void) peer_notify(s->peer, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size == 0)
                return 0;
        Peer peer[2];
        Session *s[2];
        for (int i = 0; i < 2; i++) {
                peer_init(&peer[i]);
                add_entries(&peer[i]);
                assert(session_new(&peer[i], 0, &s[i]) == 0);
                talk(s[i], data + 1, size - 1, i == 0 ? size : data[0] + 1U);
        }
        assert(s[0]->state == s[1]->state);
        assert(s[0]->out.length == s[1]->out.length);
        assert(s[0]->out.length == 0 ||
               memcmp(s[0]->out.data, s[1]->out.data, s[0]->out.length) == 0);
        assert(peer[0].journal.n_added == peer[1].journal.n_added);
        check_output(&s[0]->out);
        for (int i = 0; i < 2; i++) {
                (void) session_free(s[i]);
                peer_done(&peer[i]);
        }
        return 0;
}
