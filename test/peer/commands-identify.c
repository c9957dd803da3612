/* SPDX-License-Identifier: Apache-2.0 */

/* Identify Controller (NVM Express Base Specification 2.x, clause 5.1.13.2.1). */

#include <string.h>

#include "peer/commands.h"

enum {
        CNS_CONTROLLER = 0x01,
        IDENTIFY_SIZE = 4096,
};

enum { /* offsets */
        ID_SN = 4,
        ID_MN = 24,
        ID_FR = 64,
        ID_CMIC = 76,
        ID_MDTS = 77,
        ID_CNTLID = 78,
        ID_VER = 80,
        ID_OAES = 92,
        ID_CTRATT = 96,
        ID_CNTRLTYPE = 111,
        ID_AERL = 259,
        ID_LPA = 261,
        ID_KAS = 320,
        ID_SQES = 512,
        ID_CQES = 513,
        ID_MAXCMD = 514,
        ID_SGLS = 536,
        ID_SUBNQN = 768,
        ID_IOCCSZ = 1792,
        ID_IORCSZ = 1796,
        ID_MSDBD = 1803,
        ID_DCTYPE = 1806,
};

enum { /* values */
        CMIC_SEVERAL_CONTROLLERS = 1 << 1,
        CTRATT_HOST_ID_128 = 1 << 0,
        LPA_EXTENDED_DATA = 1 << 2, /* offsets and lengths beyond 12 bits */
        KAS_ONE_SECOND = 10,
        SQES_64_BYTES = 0x66,
        CQES_16_BYTES = 0x44,
        SGLS_SUPPORTED = 1 << 0,
        SGLS_OFFSET_ADDRESSES = 1 << 20,
};
#define OAES_DISCOVERY_LOG (UINT32_C(1) << 31)

static void put_padded(uint8_t *field, size_t size, const char *text)
{
        memset(field, ' ', size);
        memcpy(field, text, strnlen(text, size));
}

void describe_identify(const Command *c, TextBuffer *b)
{
        text_buffer_printf(b, "cns=0x%02x", command_dword(c, 10) & 0xff);
}

void execute_identify(Session *s, const Command *c, Reply *r)
{
        const Model *m = &s->peer->model;
        if ((command_dword(c, 10) & 0xff) != CNS_CONTROLLER) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        r->status = (uint16_t) command_takes_data(c, IDENTIFY_SIZE);
        uint8_t *p = r->status == STATUS_SUCCESS ? bytes_extend(&r->data, IDENTIFY_SIZE) : NULL;
        if (!p)
                return;

        put_padded(p + ID_SN, SERIAL_SIZE, m->serial);
        put_padded(p + ID_MN, 40, "stas-peer");
        put_padded(p + ID_FR, 8, "1");
        p[ID_CMIC] = CMIC_SEVERAL_CONTROLLERS;
        p[ID_MDTS] = m->mdts;
        put_le16(p + ID_CNTLID, s->cntlid);
        put_le32(p + ID_VER, NVME_VERSION);
        put_le32(p + ID_OAES, m->tells_changes ? OAES_DISCOVERY_LOG : 0);
        put_le32(p + ID_CTRATT, CTRATT_HOST_ID_128);
        p[ID_CNTRLTYPE] = m->cntrltype;
        p[ID_AERL] = AERL;
        p[ID_LPA] = LPA_EXTENDED_DATA;
        put_le16(p + ID_KAS, KAS_ONE_SECOND);
        p[ID_SQES] = SQES_64_BYTES;
        p[ID_CQES] = CQES_16_BYTES;
        put_le16(p + ID_MAXCMD, MQES + 1);
        put_le32(p + ID_SGLS, SGLS_SUPPORTED | SGLS_OFFSET_ADDRESSES);
        memcpy(p + ID_SUBNQN, m->nqn, strnlen(m->nqn, NQN_SIZE));
        put_le32(p + ID_IOCCSZ, (SQE_SIZE + IN_CAPSULE_MAX) / 16);
        put_le32(p + ID_IORCSZ, CQE_SIZE / 16);
        p[ID_MSDBD] = 1;
        p[ID_DCTYPE] = m->dctype;
}
