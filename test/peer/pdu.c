/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/pdu.h"

#include <string.h>

static int fail(PduError *ret_error, FatalError fes, uint32_t fei)
{
        *ret_error = (PduError) { .fes = fes, .fei = fei };
        return -EBADMSG;
}

static int check_sizes(const uint8_t *data, size_t hlen, size_t max, PduError *ret_error)
{
        size_t plen = get_le32(data + PDU_PLEN);
        if (data[PDU_HLEN] != hlen)
                return fail(ret_error, FES_INVALID_HEADER, PDU_HLEN);
        if (plen < hlen)
                return fail(ret_error, FES_INVALID_HEADER, PDU_PLEN);
        if (plen > max)
                return max > hlen ? fail(ret_error, FES_LIMIT_EXCEEDED, 0)
                                  : fail(ret_error, FES_INVALID_HEADER, PDU_PLEN);
        return 0;
}

static int check_command(const uint8_t *data, PduError *ret_error)
{
        int r = check_sizes(data, PDU_COMMAND_SIZE, PDU_FROM_HOST_MAX, ret_error);
        if (r < 0)
                return r;
        if (data[PDU_FLAGS] & (PDU_FLAG_HDGST | PDU_FLAG_DDGST))
                return fail(ret_error, FES_INVALID_HEADER, PDU_FLAGS);

        size_t plen = get_le32(data + PDU_PLEN), pdo = data[PDU_PDO];
        if (plen == PDU_COMMAND_SIZE)
                return 0;
        if (pdo < PDU_COMMAND_SIZE || pdo % 4 != 0 || pdo > plen)
                return fail(ret_error, FES_INVALID_HEADER, PDU_PDO);
        if (plen - pdo > IN_CAPSULE_MAX)
                return fail(ret_error, FES_LIMIT_EXCEEDED, 0);
        return 0;
}

/* Checks that need only the first eight bytes, so that an invalid PDU is rejected without waiting
 * for more. */
static int check_common(const uint8_t *data, PduError *ret_error)
{
        switch ((PduType) data[PDU_TYPE]) {
        case PDU_ICREQ:
                return check_sizes(data, PDU_IC_SIZE, PDU_IC_SIZE, ret_error);
        case PDU_H2C_TERM:
                return check_sizes(data, PDU_TERM_SIZE, PDU_TERM_SIZE + PDU_TERM_DATA_MAX,
                                   ret_error);
        case PDU_COMMAND:
                return check_command(data, ret_error);
        case PDU_H2C_DATA:
                /* No R2T was sent that it could answer. */
                return fail(ret_error, FES_SEQUENCE, 0);
        case PDU_ICRESP:
        case PDU_C2H_TERM:
        case PDU_RESPONSE:
        case PDU_C2H_DATA:
        case PDU_R2T:
                break;
        }
        return fail(ret_error, FES_INVALID_HEADER, PDU_TYPE);
}

static void decode_command(const uint8_t *data, Pdu *pdu)
{
        pdu->command.sqe = data + PDU_COMMON_SIZE;
        if (pdu->length > PDU_COMMAND_SIZE) {
                pdu->command.data = data + data[PDU_PDO];
                pdu->command.n_data = pdu->length - data[PDU_PDO];
        }
}

int pdu_decode(const uint8_t *data, size_t n, Pdu *ret, PduError *ret_error)
{
        if (n < PDU_COMMON_SIZE)
                return 0;
        int r = check_common(data, ret_error);
        if (r < 0)
                return r;

        Pdu pdu = { .type = data[PDU_TYPE], .length = get_le32(data + PDU_PLEN) };
        if (n < pdu.length)
                return 0;
        if (pdu.type == PDU_ICREQ) {
                pdu.icreq.pfv = get_le16(data + PDU_IC_PFV);
                pdu.icreq.hpda = data[PDU_IC_ALIGNMENT];
                pdu.icreq.digest = data[PDU_IC_DIGEST];
                pdu.icreq.maxr2t = get_le32(data + PDU_IC_LIMIT);
        } else if (pdu.type == PDU_COMMAND) {
                decode_command(data, &pdu);
        } else {
                pdu.term.fes = get_le16(data + PDU_TERM_FES);
                pdu.term.fei = get_le32(data + PDU_TERM_FEI);
        }
        *ret = pdu;
        return 1;
}

static uint8_t *put_header(Bytes *b, PduType type, uint8_t hlen, uint8_t pdo, uint32_t plen)
{
        uint8_t *p = bytes_extend(b, plen);
        if (!p)
                return NULL;
        p[PDU_TYPE] = (uint8_t) type;
        p[PDU_HLEN] = hlen;
        p[PDU_PDO] = pdo;
        put_le32(p + PDU_PLEN, plen);
        return p;
}

void pdu_put_icresp(Bytes *b, uint32_t maxh2cdata)
{
        uint8_t *p = put_header(b, PDU_ICRESP, PDU_IC_SIZE, 0, PDU_IC_SIZE);
        if (p)
                put_le32(p + PDU_IC_LIMIT, maxh2cdata);
}

void pdu_put_response(Bytes *b, const uint8_t cqe[static CQE_SIZE])
{
        uint8_t *p = put_header(b, PDU_RESPONSE, PDU_RESPONSE_SIZE, 0, PDU_RESPONSE_SIZE);
        if (p)
                memcpy(p + PDU_COMMON_SIZE, cqe, CQE_SIZE);
}

void pdu_put_data(Bytes *b, uint16_t cid, uint8_t hpda, uint32_t offset, const uint8_t *data,
                  uint32_t n, bool is_last)
{
        uint32_t alignment = 4 * (hpda + 1U);
        uint32_t pdo = (PDU_DATA_SIZE + alignment - 1) / alignment * alignment;
        uint8_t *p = put_header(b, PDU_C2H_DATA, PDU_DATA_SIZE, (uint8_t) pdo, pdo + n);
        if (!p)
                return;
        p[PDU_FLAGS] = is_last ? PDU_FLAG_LAST : 0;
        put_le16(p + PDU_DATA_CID, cid);
        put_le32(p + PDU_DATA_OFFSET, offset);
        put_le32(p + PDU_DATA_LENGTH, n);
        memcpy(p + pdo, data, n);
}

void pdu_put_term(Bytes *b, const PduError *error, const uint8_t *pdu, size_t n)
{
        uint8_t *p = put_header(b, PDU_C2H_TERM, PDU_TERM_SIZE, 0, (uint32_t) (PDU_TERM_SIZE + n));
        if (!p)
                return;
        put_le16(p + PDU_TERM_FES, (uint16_t) error->fes);
        put_le32(p + PDU_TERM_FEI, error->fei);
        memcpy(p + PDU_TERM_SIZE, pdu, n);
}
