/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/command.h"

#include <string.h>

enum { /* offsets in a completion queue entry */
        CQE_RESULT = 0,
        CQE_SQHD = 8,
        CQE_CID = 12,
        CQE_STATUS = 14, /* the phase tag, unused here, is its lowest bit */
};

void command_decode(const uint8_t *sqe, const uint8_t *data, size_t n_data, Command *ret)
{
        *ret = (Command) {
                .opcode = sqe[SQE_OPCODE],
                .flags = sqe[SQE_FLAGS],
                .cid = get_le16(sqe + SQE_CID),
                .fctype = sqe[SQE_FCTYPE],
                .sgl_address = get_le64(sqe + SQE_SGL_ADDRESS),
                .sgl_length = get_le32(sqe + SQE_SGL_LENGTH),
                .sgl_type = sqe[SQE_SGL_TYPE],
                .cdw = sqe + SQE_CDW10,
                .data = data,
                .n_data = n_data,
        };
}

uint32_t command_dword(const Command *c, unsigned n)
{
        return get_le32(c->cdw + (n - 10) * 4);
}

Status command_in_capsule(const Command *c, size_t n, const uint8_t **ret)
{
        if (c->sgl_type != SGL_IN_CAPSULE)
                return STATUS_SGL_TYPE;
        if (c->sgl_address > c->n_data)
                return STATUS_SGL_OFFSET;
        if (c->sgl_length < n || c->sgl_length > c->n_data - c->sgl_address)
                return STATUS_SGL_LENGTH;
        *ret = c->data + c->sgl_address;
        return STATUS_SUCCESS;
}

Status command_takes_data(const Command *c, size_t n)
{
        if (c->sgl_type != SGL_TRANSPORT)
                return STATUS_SGL_TYPE;
        return c->sgl_length < n ? STATUS_SGL_LENGTH : STATUS_SUCCESS;
}

void completion_encode(const Completion *c, uint8_t ret[static CQE_SIZE])
{
        memset(ret, 0, CQE_SIZE);
        put_le64(ret + CQE_RESULT, c->result);
        put_le16(ret + CQE_SQHD, c->sqhd);
        put_le16(ret + CQE_CID, c->cid);
        put_le16(ret + CQE_STATUS, (uint16_t) (c->status << 1));
}
