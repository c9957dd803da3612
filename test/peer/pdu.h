/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* PDUs of NVMe/TCP from the controller's side: decodes those of a host and encodes those for it
 * (NVM Express TCP Transport Specification 1.x, clause 3.6). Header and data digests are not
 * supported. Pure: bytes in, bytes out. */

#include "peer/bytes.h"

enum {
        PDU_COMMON_SIZE = 8,
        PDU_IC_SIZE = 128,
        PDU_COMMAND_SIZE = 72,
        PDU_RESPONSE_SIZE = 24,
        PDU_DATA_SIZE = 24,
        PDU_TERM_SIZE = 24,
        PDU_TERM_DATA_MAX = 128,
        SQE_SIZE = 64,
        CQE_SIZE = 16,
        /* The specification's limit of in-capsule data for Fabrics and Admin commands. */
        IN_CAPSULE_MAX = 8192,
        /* PDO is one byte. */
        PDU_FROM_HOST_MAX = UINT8_MAX + IN_CAPSULE_MAX,
};

typedef enum PduType {
        PDU_ICREQ = 0x00,
        PDU_ICRESP = 0x01,
        PDU_H2C_TERM = 0x02,
        PDU_C2H_TERM = 0x03,
        PDU_COMMAND = 0x04,
        PDU_RESPONSE = 0x05,
        PDU_H2C_DATA = 0x06,
        PDU_C2H_DATA = 0x07,
        PDU_R2T = 0x09,
} PduType;

enum { /* FLAGS */
        PDU_FLAG_HDGST = 1 << 0,
        PDU_FLAG_DDGST = 1 << 1,
        PDU_FLAG_LAST = 1 << 2,
        PDU_FLAG_SUCCESS = 1 << 3,
};

/* Offsets of fields; also used in FEI to identify an invalid field. */
enum {
        PDU_TYPE = 0,
        PDU_FLAGS = 1,
        PDU_HLEN = 2,
        PDU_PDO = 3,
        PDU_PLEN = 4,
        PDU_IC_PFV = 8,
        PDU_IC_ALIGNMENT = 10, /* HPDA of ICReq, CPDA of ICResp */
        PDU_IC_DIGEST = 11,
        PDU_IC_LIMIT = 12, /* MAXR2T of ICReq, MAXH2CDATA of ICResp */
        PDU_DATA_CID = 8,
        PDU_DATA_OFFSET = 12,
        PDU_DATA_LENGTH = 16,
        PDU_TERM_FES = 8,
        PDU_TERM_FEI = 10,
};

typedef enum FatalError { /* FES of a termination request */
        FES_INVALID_HEADER = 1,
        FES_SEQUENCE = 2,
        FES_HEADER_DIGEST = 3,
        FES_OUT_OF_RANGE = 4,
        FES_LIMIT_EXCEEDED = 5,
        FES_UNSUPPORTED_PARAMETER = 6,
} FatalError;

typedef struct PduError {
        FatalError fes;
        uint32_t fei;
} PduError;

typedef struct Pdu {
        PduType type;
        size_t length; /* of the whole PDU */
        union {
                struct {
                        uint16_t pfv;
                        uint8_t hpda; /* in dwords, 0's based */
                        uint8_t digest;
                        uint32_t maxr2t; /* 0's based */
                } icreq;
                struct {
                        const uint8_t *sqe, *data; /* within the decoded bytes */
                        size_t n_data;
                } command;
                struct {
                        uint16_t fes;
                        uint32_t fei;
                } term;
        };
} Pdu;

/* Decodes the PDU at the front of data. Returns 1 with *ret set; 0 if more bytes are needed, at
 * most PDU_FROM_HOST_MAX in total; -EBADMSG if it is invalid for a host, with *ret_error set to the
 * contents of the C2HTermReq. */
int pdu_decode(const uint8_t *data, size_t n, Pdu *ret, PduError *ret_error);

void pdu_put_icresp(Bytes *b, uint32_t maxh2cdata);
void pdu_put_response(Bytes *b, const uint8_t cqe[static CQE_SIZE]);
/* Encodes n bytes at offset of a command's data, with the alignment given by HPDA of the ICReq. */
void pdu_put_data(Bytes *b, uint16_t cid, uint8_t hpda, uint32_t offset, const uint8_t *data,
                  uint32_t n, bool is_last);
/* Includes the first n bytes, at most PDU_TERM_DATA_MAX, of the invalid PDU. */
void pdu_put_term(Bytes *b, const PduError *error, const uint8_t *pdu, size_t n);
