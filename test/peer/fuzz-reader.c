/* SPDX-License-Identifier: Apache-2.0 */

/* End to end: the peer, controlled by the input, and the reader that stafd reads its log with,
 * connected by the peer's PDUs. Each line of the input is a command for the peer (stas-peer
 * --help), executed before the next command of the reader. Whatever the peer sends, the reader must
 * finish after a bounded number of commands, and use no more memory than the data received. */

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "codec/discovery_log_reader.h"
#include "peer/command.h"
#include "peer/script.h"
#include "peer/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
        /* besides: the first, and two for each length that is rejected */
        COMMANDS_MAX =
                1 + 2 * 9 +
                DISCOVERY_LOG_ATTEMPTS * (DISCOVERY_LOG_ENTRIES_MAX * DISCOVERY_LOG_ENTRY_SIZE /
                                                  DISCOVERY_LOG_CHUNK_SAFE +
                                          2),
        ENTRIES_ENOUGH = 64, /* of one input: else it takes its time */
};

typedef struct Host {
        Peer peer;
        Session *session;
        uint16_t cid; /* of the last command */
        char *text, *rest;
} Host;

static void put_command(Bytes *b, uint16_t cid, const uint8_t *sqe, const void *data, size_t n)
{
        uint8_t *p = bytes_extend(b, PDU_COMMAND_SIZE);
        assert(p);
        p[PDU_TYPE] = PDU_COMMAND;
        p[PDU_HLEN] = PDU_COMMAND_SIZE;
        p[PDU_PDO] = n > 0 ? PDU_COMMAND_SIZE : 0;
        put_le32(p + PDU_PLEN, (uint32_t) (PDU_COMMAND_SIZE + n));
        memcpy(p + PDU_COMMON_SIZE, sqe, SQE_SIZE);
        put_le16(p + PDU_COMMON_SIZE + SQE_CID, cid);
        bytes_append(b, data, n);
}

/* Copies received data to `into`. Returns false if there is no answer, or a failure. Late answers
 * to a command that the host has given up, sent when the peer is no longer stalled, are ignored. */
static bool take_answer(Host *h, uint8_t *into, size_t n_into)
{
        bool is_success = false;
        for (;;) {
                size_t n;
                const uint8_t *p = session_output(h->session, &n);
                if (n == 0)
                        return is_success;
                size_t length = get_le32(p + PDU_PLEN);
                assert(n >= PDU_COMMON_SIZE && length <= n);
                if (p[PDU_TYPE] == PDU_C2H_DATA && get_le16(p + PDU_DATA_CID) == h->cid) {
                        size_t n_data = get_le32(p + PDU_DATA_LENGTH);
                        assert(n_data <= n_into && get_le32(p + PDU_DATA_OFFSET) == 0);
                        memcpy(into, p + p[PDU_PDO], n_data);
                } else if (p[PDU_TYPE] == PDU_RESPONSE &&
                           get_le16(p + PDU_COMMON_SIZE + 12) == h->cid) {
                        is_success = get_le16(p + PDU_COMMON_SIZE + 14) >> 1 == STATUS_SUCCESS;
                } else if (p[PDU_TYPE] == PDU_ICRESP) {
                        is_success = true;
                }
                session_sent(h->session, length);
        }
}

static bool ask(Host *h, const uint8_t *sqe, const void *data, size_t n, uint8_t *into,
                size_t n_into)
{
        _cleanup_bytes_ Bytes b = { 0 };
        put_command(&b, ++h->cid, sqe, data, n);
        assert(session_feed(h->session, b.data, b.length, 0) == 0);
        return take_answer(h, into, n_into);
}

static void begin(Host *h)
{
        uint8_t icreq[PDU_IC_SIZE] = { [PDU_HLEN] = PDU_IC_SIZE, [PDU_PLEN] = PDU_IC_SIZE };
        uint8_t connect[SQE_SIZE] = { OPCODE_FABRICS, [SQE_FLAGS] = 0x40 };
        uint8_t enable[SQE_SIZE] = { OPCODE_FABRICS, [SQE_FLAGS] = 0x40 };
        uint8_t data[1024] = { [16] = 0xff, [17] = 0xff };

        peer_init(&h->peer);
        assert(session_new(&h->peer, 0, &h->session) == 0);
        assert(session_feed(h->session, icreq, sizeof(icreq), 0) == 0);
        assert(take_answer(h, NULL, 0));

        connect[SQE_FCTYPE] = FABRICS_CONNECT;
        put_le32(connect + SQE_SGL_LENGTH, sizeof(data));
        connect[SQE_SGL_TYPE] = SGL_IN_CAPSULE;
        put_le16(connect + 44, 31); /* SQSIZE */
        memcpy(data + 256, MODEL_WELL_KNOWN_NQN, strlen(MODEL_WELL_KNOWN_NQN));
        memcpy(data + 512, "nqn.host", 8);
        assert(ask(h, connect, data, sizeof(data), NULL, 0));

        enable[SQE_FCTYPE] = FABRICS_PROPERTY_SET;
        enable[SQE_SGL_TYPE] = SGL_TRANSPORT;
        put_le32(enable + 44, 0x14); /* CC */
        put_le32(enable + 48, 0x00460001);
        assert(ask(h, enable, NULL, 0, NULL, 0));
}

static void steer(Host *h)
{
        _cleanup_text_buffer_ TextBuffer answer = { 0 };
        char *line = h->rest ? strsep(&h->rest, "\n") : NULL;

        if (line && !strstr(line, "many") && h->peer.model.n_entries < ENTRIES_ENOUGH)
                script_execute(&h->peer, line, 0, &answer);
}

static bool read_part(Host *h, const DiscoveryLogRequest *r, uint8_t *buf)
{
        uint8_t sqe[SQE_SIZE] = { OPCODE_GET_LOG_PAGE, [SQE_FLAGS] = 0x40 };

        memset(buf, DISCOVERY_LOG_FILL, r->length);
        put_le32(sqe + SQE_SGL_LENGTH, r->length);
        sqe[SQE_SGL_TYPE] = SGL_TRANSPORT;
        put_le32(sqe + SQE_CDW10,
                 0x70 | (uint32_t) r->rae << 15 | ((r->length / 4 - 1) & 0xffff) << 16);
        put_le32(sqe + SQE_CDW10 + 4, (r->length / 4 - 1) >> 16);
        put_le64(sqe + SQE_CDW10 + 8, r->offset);
        return ask(h, sqe, NULL, 0, buf, r->length);
}

static void check(const Host *h, DiscoveryLogReader *r)
{
        DiscoveryLog *log;

        assert(discovery_log_reader_take(r, &log) == 0);
        /* All entries that existed at any time. */
        assert(log->n_entries <= ENTRIES_ENOUGH + 1);
        for (size_t i = 0; i < log->n_entries; i++)
                for (const char *p = log->entries[i].subnqn; *p; p++)
                        assert((unsigned char) *p >= ' ' && *p != 0x7f);
        (void) discovery_log_free(log);
}

static void read_all(Host *h)
{
        _cleanup_(discovery_log_reader_freep) DiscoveryLogReader *r = NULL;
        static uint8_t buf[DISCOVERY_LOG_CHUNK_MAX];

        assert(discovery_log_reader_new(&r) == 0);
        for (unsigned n = 0;; n++) {
                DiscoveryLogRequest request;
                assert(n <= COMMANDS_MAX);
                steer(h);
                discovery_log_reader_request(r, &request);
                if (!read_part(h, &request, buf)) {
                        if (!discovery_log_reader_refuse(r, false))
                                return;
                        continue;
                }
                int q = discovery_log_reader_feed(r, buf, request.length);
                if (q == 0)
                        check(h, r);
                if (q <= 0)
                        return;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Host h = { .text = strndup((const char *) data, size) };

        assert(h.text);
        h.rest = h.text;
        begin(&h);
        for (int i = 0; i < 4; i++)
                read_all(&h);
        (void) session_free(h.session);
        peer_done(&h.peer);
        free(h.text);
        return 0;
}
