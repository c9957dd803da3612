/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/dim.h"

#include "base/text.h"
#include "codec/little_endian.h"
#include "model/host_id.h"

enum { /* offsets in the data */
        DIM_TDL = 0,
        DIM_NUMENT = 8,
        DIM_ENTFMT = 16,
        DIM_ETYPE = 18,
        DIM_EKTYPE = 22,
        DIM_EID = 24,
        DIM_ENAME = 280,
        DIM_EVER = 536,
};

enum { /* offsets in the entry */
        DIE_TRTYPE = 0,
        DIE_ADRFAM = 1,
        DIE_NQN = 256,
        DIE_TEL = 1024,
        DIE_NUMEXAT = 1028,
};

enum {
        ENTFMT_EXTENDED = 2,
        ETYPE_HOST = 1,
        EKTYPE = 0x5f, /* fields that form the key; the only value allowed */
        TRTYPE_TCP = 3,
        ADRFAM_IPV4 = 1,
        ADRFAM_IPV6 = 2,
        EXAT_HOSTID = 1,
        EXAT_SYMNAME = 2,
        EXAT_HEADER_SIZE = 4,
        HOST_ID_BYTES = 16,
};

static void dim_put_text(uint8_t *field, size_t size, const char *text)
{
        if (text)
                memcpy(field, text, strnlen(text, size));
}

static uint8_t *put_host_id(uint8_t *exat, const char *id)
{
        put_le16(exat, EXAT_HOSTID);
        put_le16(exat + 2, HOST_ID_BYTES);
        uint8_t *out = exat + EXAT_HEADER_SIZE;
        for (; *id; id += 2) {
                if (*id == '-')
                        id++;
                *out++ = (uint8_t) text_hex_byte(id);
        }
        return out;
}

/* ASCII is padded with spaces, attributes to whole dwords. */
static void put_symname(uint8_t *exat, const char *symname, size_t n, size_t n_padded)
{
        put_le16(exat, EXAT_SYMNAME);
        put_le16(exat + 2, n_padded);
        memset(exat + EXAT_HEADER_SIZE, ' ', n_padded);
        memcpy(exat + EXAT_HEADER_SIZE, symname, n);
}

static void put_header(const DimHost *h, size_t n, uint8_t *p)
{
        put_le32(p + DIM_TDL, n);
        p[DIM_NUMENT] = 1;
        put_le16(p + DIM_ENTFMT, ENTFMT_EXTENDED);
        put_le16(p + DIM_ETYPE, ETYPE_HOST);
        put_le16(p + DIM_EKTYPE, EKTYPE);
        dim_put_text(p + DIM_EID, NQN_MAX, h->nqn);
        dim_put_text(p + DIM_ENAME, DIM_NAME_SIZE - 1, h->name);
        dim_put_text(p + DIM_EVER, DIM_VERSION_SIZE - 1, h->version);
}

int dim_encode_host(const DimHost *h, uint8_t **ret, size_t *ret_n)
{
        if (text_is_empty(h->nqn) || strlen(h->nqn) > NQN_MAX || !h->id || !host_id_is_valid(h->id))
                return -EINVAL;

        size_t n_symname = strnlen(text_or(h->symname, ""), DIM_SYMNAME_MAX);
        size_t n_padded = (n_symname + 3) / 4 * 4;
        size_t n_die = DIM_ENTRY_SIZE + EXAT_HEADER_SIZE + HOST_ID_BYTES;
        n_die += n_symname > 0 ? EXAT_HEADER_SIZE + n_padded : 0;
        uint8_t *data = calloc(1, DIM_HEADER_SIZE + n_die);
        if (!data)
                return -ENOMEM;

        put_header(h, DIM_HEADER_SIZE + n_die, data);
        uint8_t *die = data + DIM_HEADER_SIZE;
        die[DIE_TRTYPE] = TRTYPE_TCP;
        die[DIE_ADRFAM] = h->ip_family == ADDRESS_IPV6 ? ADRFAM_IPV6 : ADRFAM_IPV4;
        dim_put_text(die + DIE_NQN, NQN_MAX, h->nqn);
        put_le32(die + DIE_TEL, n_die);
        put_le16(die + DIE_NUMEXAT, n_symname > 0 ? 2 : 1);
        uint8_t *next = put_host_id(die + DIM_ENTRY_SIZE, h->id);
        if (n_symname > 0)
                put_symname(next, h->symname, n_symname, n_padded);

        *ret = data;
        *ret_n = DIM_HEADER_SIZE + n_die;
        return 0;
}
