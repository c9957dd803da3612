/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/registration.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "peer/bytes.h"

enum { /* offsets in the data of the command */
        DIM_TDL = 0,
        DIM_NUMENT = 8,
        DIM_ENTFMT = 16,
        DIM_ETYPE = 18,
        DIM_PORTLCL = 20,
        DIM_EKTYPE = 22,
        DIM_EID = 24,
        DIM_ENAME = 280,
        DIM_EVER = 536,
};

enum { /* in an extended entry */
        DIE_TRTYPE = 0,
        DIE_ADRFAM = 1,
        DIE_NQN = 256,
        DIE_TRADDR = 512,
        DIE_TEL = 1024,
        DIE_NUMEXAT = 1028,
        EXAT_TYPE = 0,
        EXAT_LEN = 2,
        EXAT_VALUE = 4,
};

enum { /* values */
        ENTFMT_EXTENDED = 2,
        ETYPE_HOST = 1,
        EKTYPE_ALL = 0x5f,
        EXATTYPE_HOSTID = 1,
        EXATTYPE_SYMNAME = 2,
};

static void get_text(const uint8_t *field, size_t size, char *ret)
{
        memcpy(ret, field, size);
        ret[size] = '\0';
        size_t n = strlen(ret);
        while (n > 0 && ret[n - 1] == ' ')
                ret[--n] = '\0';
        text_make_printable(ret);
}

static const char *decode_attribute(unsigned type, const uint8_t *value, size_t n,
                                    Registration *ret)
{
        if (type == EXATTYPE_HOSTID) {
                if (n != HOST_ID_SIZE)
                        return "a host identifier that is not of 16 bytes";
                memcpy(ret->host_id, value, n);
                ret->has_host_id = true;
        } else if (type == EXATTYPE_SYMNAME) {
                if (n > SYMNAME_SIZE)
                        return "a symbolic name of more than 256 bytes";
                get_text(value, n, ret->symname);
        }
        return NULL;
}

static const char *decode_attributes(const uint8_t *die, size_t n, Registration *ret)
{
        size_t at = REGISTRATION_ENTRY_SIZE;
        for (unsigned left = get_le16(die + DIE_NUMEXAT); left > 0; left--) {
                if (n - at < EXAT_VALUE)
                        return "an attribute beyond TEL";
                size_t length = get_le16(die + at + EXAT_LEN);
                if (length % 4 != 0 || length > n - at - EXAT_VALUE)
                        return "EXATLEN";
                const char *wrong = decode_attribute(get_le16(die + at + EXAT_TYPE),
                                                     die + at + EXAT_VALUE, length, ret);
                if (wrong)
                        return wrong;
                at += EXAT_VALUE + length;
        }
        return at == n ? NULL : "TEL is not where the attributes end";
}

static const char *decode_header(const uint8_t *data, size_t n, Registration *ret)
{
        if (n < REGISTRATION_HEADER_SIZE + REGISTRATION_ENTRY_SIZE)
                return "too short";
        if (get_le32(data + DIM_TDL) != n)
                return "TDL";
        if (get_le64(data + DIM_NUMENT) != 1)
                return "NUMENT is not 1";
        if (get_le16(data + DIM_ENTFMT) != ENTFMT_EXTENDED)
                return "ENTFMT is not extended";
        if (get_le16(data + DIM_ETYPE) != ETYPE_HOST)
                return "ETYPE is not a host";
        if (get_le16(data + DIM_EKTYPE) != EKTYPE_ALL)
                return "EKTYPE is not 5Fh";
        ret->portlcl = data[DIM_PORTLCL];
        get_text(data + DIM_EID, NQN_SIZE, ret->eid);
        get_text(data + DIM_ENAME, ENTITY_NAME_SIZE, ret->ename);
        get_text(data + DIM_EVER, ENTITY_VERSION_SIZE, ret->ever);
        return text_after(ret->eid, "nqn.") ? NULL : "EID is no NQN";
}

const char *registration_decode(const uint8_t *data, size_t n, Registration *ret)
{
        Registration r = { 0 };
        const char *wrong = decode_header(data, n, &r);
        if (wrong)
                return wrong;

        const uint8_t *die = data + REGISTRATION_HEADER_SIZE;
        size_t n_die = n - REGISTRATION_HEADER_SIZE;
        if (get_le32(die + DIE_TEL) != n_die)
                return "TEL";
        r.trtype = die[DIE_TRTYPE];
        r.adrfam = die[DIE_ADRFAM];
        get_text(die + DIE_NQN, NQN_SIZE, r.nqn);
        get_text(die + DIE_TRADDR, TRADDR_SIZE, r.traddr);
        wrong = decode_attributes(die, n_die, &r);
        if (wrong)
                return wrong;
        if (!streq(r.nqn, r.eid))
                return "the entry's NQN is not EID";
        if (!r.has_host_id)
                return "no host identifier";
        *ret = r;
        return NULL;
}

int registrations_apply(Registrations *r, RegistrationTask task, const Registration *of)
{
        size_t i = 0;
        while (i < r->n_items && !streq(r->items[i].eid, of->eid))
                i++;
        bool is_new = i == r->n_items;
        if (task == TASK_DEREGISTER) {
                if (is_new)
                        return -ENOENT;
                r->items[i] = r->items[--r->n_items];
                return 0;
        }
        if (is_new && task == TASK_UPDATE)
                return -ENOENT;
        if (is_new && r->n_items == REGISTRATIONS_MAX)
                return -ENOSPC;
        int q = ARRAY_RESERVE(r->items, r->n_allocated, i + 1);
        if (q < 0)
                return q;
        r->items[i] = *of;
        r->n_items = MAX(r->n_items, i + 1);
        return 0;
}

void registration_describe(const Registration *r, TextBuffer *b)
{
        text_buffer_printf(b, "eid=%s ename=%s ever=%s trtype=%u adrfam=%u portlcl=%u traddr=%s",
                           r->eid, r->ename, r->ever, r->trtype, r->adrfam, r->portlcl, r->traddr);
        text_buffer_append(b, " hostid=");
        for (size_t i = 0; i < HOST_ID_SIZE; i++)
                text_buffer_printf(b, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                                   r->host_id[i]);
        text_buffer_printf(b, " symname=%s", r->symname);
}

void registrations_done(Registrations *r)
{
        free(r->items);
        *r = (Registrations) { 0 };
}
