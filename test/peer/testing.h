/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A host for tests: encodes its commands and decodes the answers. */

#include <string.h>

#include "base/testing.h"
#include "peer/command.h"
#include "peer/session.h"

typedef struct HostCommand {
        uint8_t opcode, fctype;
        uint16_t cid;
        uint32_t cdw10, cdw11, cdw12, cdw13;
        uint32_t n_wanted; /* expected data: length in the SGL */
        const void *data;  /* in-capsule data */
        size_t n_data;
} HostCommand;

static inline void host_put_icreq(Bytes *b, uint8_t hpda, uint8_t digest)
{
        uint8_t *p = bytes_extend(b, PDU_IC_SIZE);
        assert_non_null(p);
        p[PDU_HLEN] = PDU_IC_SIZE;
        put_le32(p + PDU_PLEN, PDU_IC_SIZE);
        p[PDU_IC_ALIGNMENT] = hpda;
        p[PDU_IC_DIGEST] = digest;
}

static inline void host_put_command(Bytes *b, const HostCommand *c)
{
        uint8_t *p = bytes_extend(b, PDU_COMMAND_SIZE + c->n_data);
        assert_non_null(p);
        p[PDU_TYPE] = PDU_COMMAND;
        p[PDU_HLEN] = PDU_COMMAND_SIZE;
        p[PDU_PDO] = c->n_data > 0 ? PDU_COMMAND_SIZE : 0;
        put_le32(p + PDU_PLEN, (uint32_t) (PDU_COMMAND_SIZE + c->n_data));

        uint8_t *sqe = p + PDU_COMMON_SIZE;
        sqe[SQE_OPCODE] = c->opcode;
        sqe[SQE_FLAGS] = 0x40;
        put_le16(sqe + SQE_CID, c->cid);
        sqe[SQE_FCTYPE] = c->fctype;
        put_le32(sqe + SQE_SGL_LENGTH, (uint32_t) (c->n_data > 0 ? c->n_data : c->n_wanted));
        sqe[SQE_SGL_TYPE] = c->n_data > 0 ? SGL_IN_CAPSULE : SGL_TRANSPORT;
        put_le32(sqe + SQE_CDW10, c->cdw10);
        put_le32(sqe + SQE_CDW10 + 4, c->cdw11);
        put_le32(sqe + SQE_CDW10 + 8, c->cdw12);
        put_le32(sqe + SQE_CDW10 + 12, c->cdw13);
        if (c->n_data > 0)
                memcpy(p + PDU_COMMAND_SIZE, c->data, c->n_data);
}

enum {
        HOST_SQSIZE = 31,
        HOST_CC_ENABLE = 0x00460001,
};

/* A Connect to the admin queue, in the form Linux sends it. */
static inline void host_put_connect(Bytes *b, uint16_t cntlid, const char *subnqn, uint32_t kato)
{
        uint8_t data[1024] = { 0 };
        put_le16(data + 16, cntlid);
        memcpy(data + 256, subnqn, strlen(subnqn));
        memcpy(data + 512, "nqn.2014-08.org.nvmexpress:uuid:host", 37);
        host_put_command(b, &(HostCommand) {
                                    .opcode = OPCODE_FABRICS,
                                    .fctype = FABRICS_CONNECT,
                                    .cdw11 = HOST_SQSIZE,
                                    .cdw12 = kato,
                                    .data = data,
                                    .n_data = sizeof(data),
                            });
}

static inline void host_put_enable(Bytes *b, uint32_t cc)
{
        host_put_command(b, &(HostCommand) {
                                    .opcode = OPCODE_FABRICS,
                                    .fctype = FABRICS_PROPERTY_SET,
                                    .cdw11 = 0x14,
                                    .cdw12 = cc,
                            });
}

/* Received by a host: a single PDU, or a response with the preceding data. */
typedef struct HostAnswer {
        uint8_t type;
        uint16_t cid, sqhd, status;
        uint64_t result;
        uint8_t data[8192];
        size_t n_data;
        PduError error; /* PDU_C2H_TERM */
} HostAnswer;

static inline void host_read_pdu(const uint8_t *p, size_t length, HostAnswer *a)
{
        a->type = p[PDU_TYPE];
        if (a->type == PDU_C2H_DATA) {
                size_t n = get_le32(p + PDU_DATA_LENGTH), offset = get_le32(p + PDU_DATA_OFFSET);
                assert_true(p[PDU_PDO] + n == length && offset + n <= sizeof(a->data));
                memcpy(a->data + offset, p + p[PDU_PDO], n);
                a->n_data = offset + n;
                a->cid = get_le16(p + PDU_DATA_CID);
        } else if (a->type == PDU_RESPONSE) {
                const uint8_t *cqe = p + PDU_COMMON_SIZE;
                assert_true(a->n_data == 0 || a->cid == get_le16(cqe + 12));
                a->result = get_le64(cqe);
                a->sqhd = get_le16(cqe + 8);
                a->cid = get_le16(cqe + 12);
                a->status = get_le16(cqe + 14) >> 1;
        } else if (a->type == PDU_C2H_TERM) {
                a->error.fes = get_le16(p + PDU_TERM_FES);
                a->error.fei = get_le32(p + PDU_TERM_FEI);
        }
}

/* Returns false if there is no output. */
static inline bool host_take(Session *s, HostAnswer *ret)
{
        *ret = (HostAnswer) { 0 };
        for (;;) {
                size_t n;
                const uint8_t *p = session_output(s, &n);
                if (n == 0)
                        return false;
                size_t length = get_le32(p + PDU_PLEN);
                assert_true(n >= PDU_COMMON_SIZE && length <= n);
                host_read_pdu(p, length, ret);
                session_sent(s, length);
                if (ret->type != PDU_C2H_DATA)
                        return true;
        }
}

static inline bool host_ask(Session *s, const HostCommand *c, usec_t now, HostAnswer *ret)
{
        _cleanup_bytes_ Bytes b = { 0 };
        host_put_command(&b, c);
        assert_int_equal(session_feed(s, b.data, b.length, now), 0);
        return host_take(s, ret);
}
