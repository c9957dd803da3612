/* SPDX-License-Identifier: Apache-2.0 */

/* Connect, Property Get and Set, Disconnect (NVM Express Base Specification 2.x, clause 6). */

#include <inttypes.h>
#include <string.h>

#include "peer/commands.h"

/* Offsets in the Connect command and its data; also used in IPO of a failure. */
enum {
        CONNECT_RECFMT = 40,
        CONNECT_QID = 42,
        CONNECT_SQSIZE = 44,
        CONNECT_CATTR = 46,
        CONNECT_KATO = 48,
        CATTR_NO_FLOW_CONTROL = 1 << 2,

        CONNECT_DATA_SIZE = 1024,
        CONNECT_HOSTID = 0,
        CONNECT_CNTLID = 16,
        CONNECT_SUBNQN = 256,
        CONNECT_HOSTNQN = 512,
};

enum { /* properties */
        PROPERTY_CAP = 0x00,
        PROPERTY_VS = 0x08,
        PROPERTY_CC = 0x14,
        PROPERTY_CSTS = 0x1c,
};

static const uint8_t *sqe_field(const Command *c, size_t offset)
{
        return c->cdw + offset - SQE_CDW10;
}

/* Copies a name that need not be terminated. */
static void get_nqn(const uint8_t *field, char ret[static NQN_SIZE + 1])
{
        memcpy(ret, field, NQN_SIZE);
        ret[NQN_SIZE] = '\0';
}

void describe_connect(const Command *c, TextBuffer *b)
{
        char hostnqn[NQN_SIZE + 1] = "", subnqn[NQN_SIZE + 1] = "";
        unsigned cntlid = 0;
        const uint8_t *data;
        if (command_in_capsule(c, CONNECT_DATA_SIZE, &data) == STATUS_SUCCESS) {
                get_nqn(data + CONNECT_HOSTNQN, hostnqn);
                get_nqn(data + CONNECT_SUBNQN, subnqn);
                cntlid = get_le16(data + CONNECT_CNTLID);
        }
        text_buffer_printf(
                b, "qid=%u sqsize=%u cattr=0x%02x kato=%u cntlid=0x%04x hostnqn=%s subnqn=%s",
                get_le16(sqe_field(c, CONNECT_QID)), get_le16(sqe_field(c, CONNECT_SQSIZE)),
                *sqe_field(c, CONNECT_CATTR), get_le32(sqe_field(c, CONNECT_KATO)), cntlid, hostnqn,
                subnqn);
}

/* Connect Invalid Parameters, with the offset of the invalid field. */
static void refuse(Reply *r, bool is_data, uint16_t offset)
{
        r->status = STATUS_CONNECT_PARAMETERS | STATUS_DO_NOT_RETRY;
        r->result = offset | (uint32_t) is_data << 16;
}

/* Returns the host's controller ID, or 0 with the reply set if it gets none. */
static uint16_t choose_cntlid(Peer *peer, uint16_t wanted, Reply *r)
{
        bool is_any = wanted == (peer->model.is_static ? CNTLID_ANY_STATIC : CNTLID_DYNAMIC);
        if (!is_any && (!peer->model.is_static || wanted == 0 || wanted > CNTLID_MAX)) {
                refuse(r, true, CONNECT_CNTLID);
                return 0;
        }
        uint16_t cntlid = is_any ? peer_new_cntlid(peer) : wanted;
        if (cntlid == 0 || (!is_any && peer_has_cntlid(peer, cntlid))) {
                r->status = STATUS_CONNECT_BUSY;
                return 0;
        }
        return cntlid;
}

static bool is_nqn_of(const Model *m, const char *subnqn)
{
        return streq(subnqn, m->nqn) || streq(subnqn, MODEL_WELL_KNOWN_NQN);
}

static bool check_connect(const Session *s, const Command *c, const uint8_t *data, Reply *r)
{
        char subnqn[NQN_SIZE + 1], hostnqn[NQN_SIZE + 1];
        get_nqn(data + CONNECT_SUBNQN, subnqn);
        get_nqn(data + CONNECT_HOSTNQN, hostnqn);

        if (get_le16(sqe_field(c, CONNECT_RECFMT)) != 0)
                r->status = STATUS_CONNECT_FORMAT | STATUS_DO_NOT_RETRY;
        else if (get_le16(sqe_field(c, CONNECT_QID)) != 0) /* no I/O queues are supported */
                refuse(r, false, CONNECT_QID);
        else if (get_le16(sqe_field(c, CONNECT_SQSIZE)) == 0 ||
                 get_le16(sqe_field(c, CONNECT_SQSIZE)) > MQES)
                refuse(r, false, CONNECT_SQSIZE);
        else if (get_le32(sqe_field(c, CONNECT_KATO)) != 0 && !s->peer->model.can_be_held)
                refuse(r, false, CONNECT_KATO);
        else if (!is_nqn_of(&s->peer->model, subnqn))
                refuse(r, true, CONNECT_SUBNQN);
        else if (!text_after(hostnqn, "nqn."))
                refuse(r, true, CONNECT_HOSTNQN);
        return r->status == STATUS_SUCCESS;
}

void execute_connect(Session *s, const Command *c, Reply *r)
{
        const uint8_t *data;
        r->status = (uint16_t) command_in_capsule(c, CONNECT_DATA_SIZE, &data);
        if (r->status != STATUS_SUCCESS || !check_connect(s, c, data, r))
                return;
        uint16_t cntlid = choose_cntlid(s->peer, get_le16(data + CONNECT_CNTLID), r);
        if (cntlid == 0)
                return;

        s->cntlid = cntlid;
        s->sqsize = get_le16(sqe_field(c, CONNECT_SQSIZE));
        s->sqhd = 1;
        s->has_flow_control = !(*sqe_field(c, CONNECT_CATTR) & CATTR_NO_FLOW_CONTROL);
        s->kato_msec = get_le32(sqe_field(c, CONNECT_KATO));
        memcpy(s->host_id, data + CONNECT_HOSTID, HOST_ID_SIZE);
        get_nqn(data + CONNECT_HOSTNQN, s->hostnqn);
        s->state = SESSION_CONNECTED;
        r->result = cntlid; /* no authentication required */
}

static bool is_eight_bytes(const Command *c)
{
        return (command_dword(c, 10) & 7) == 1;
}

void describe_property(const Command *c, TextBuffer *b)
{
        text_buffer_printf(b, "offset=0x%02x size=%d", command_dword(c, 11),
                           is_eight_bytes(c) ? 8 : 4);
        if (c->fctype == FABRICS_PROPERTY_SET)
                text_buffer_printf(b, " value=0x%08" PRIx32, command_dword(c, 12));
}

static uint64_t capabilities(void)
{
        const uint64_t cqr = 1U << 16;              /* contiguous queues */
        const uint64_t to = 30U << 24;              /* ready within 15 s, in 500 ms */
        const uint64_t css_nvm = UINT64_C(1) << 37; /* NVM command set */
        return MQES | cqr | to | css_nvm;           /* MPSMIN and MPSMAX: 4 KiB */
}

void execute_property_get(Session *s, const Command *c, Reply *r)
{
        uint32_t offset = command_dword(c, 11);
        if (is_eight_bytes(c) != (offset == PROPERTY_CAP)) {
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
                return;
        }
        switch (offset) {
        case PROPERTY_CAP:
                r->result = capabilities();
                break;
        case PROPERTY_VS:
                r->result = NVME_VERSION;
                break;
        case PROPERTY_CC:
                r->result = s->cc;
                break;
        case PROPERTY_CSTS:
                r->result = s->csts;
                break;
        default:
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
        }
}

/* Entry sizes are powers of two: 64 and 16 bytes. CSS, MPS and AMS have a single value, 0. */
static bool can_enable(uint32_t cc)
{
        const uint32_t css_mps_ams = 7U << 4 | 0xfU << 7 | 7U << 11;
        return (cc & css_mps_ams) == 0 && (cc >> 16 & 0xf) == 6 && (cc >> 20 & 0xf) == 4;
}

static void reset_controller(Session *s)
{
        s->csts = 0;
        memset(s->host_behavior, 0, sizeof(s->host_behavior));
        events_forget(s);
}

static void set_cc(Session *s, uint32_t cc)
{
        uint32_t before = s->cc;
        s->cc = cc;
        if (!(before & CC_EN) && (cc & CC_EN))
                s->csts = can_enable(cc) ? CSTS_RDY : CSTS_CFS;
        else if ((before & CC_EN) && !(cc & CC_EN))
                reset_controller(s);
        s->csts &= ~(uint32_t) CSTS_SHST_MASK;
        if (cc & CC_SHN_MASK)
                s->csts |= CSTS_SHST_COMPLETE;
}

void execute_property_set(Session *s, const Command *c, Reply *r)
{
        if (is_eight_bytes(c) || command_dword(c, 11) != PROPERTY_CC)
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY;
        else
                set_cc(s, command_dword(c, 12));
}

void execute_disconnect(Session *s, const Command *c, Reply *r)
{
        /* Only valid for I/O queues; an admin queue ends with its connection. */
        r->status = STATUS_QUEUE_TYPE | STATUS_DO_NOT_RETRY;
}
