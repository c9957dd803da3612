/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlp.h"

#include <stdio.h>

#include "base/text.h"
#include "model/transport.h"

typedef struct Name {
        uint8_t value;
        const char *name;
} Name;

/* NVMe Base 2.x, Discovery Log Page Entry: TRTYPE, ADRFAM, SUBTYPE, TREQ. Only whole values have
 * names, as in the Python binding: TREQ 05h is "5". */
static const Name trtypes[] = { { 0, "unspecified" },
                                { 1, "rdma" },
                                { 2, "fc" },
                                { DLPE_TRTYPE_TCP, "tcp" },
                                { DLPE_TRTYPE_LOOP, "loop" } };
static const Name adrfams[] = {
        { 0, "pci" }, { 1, "ipv4" }, { 2, "ipv6" }, { 3, "infiniband" }, { 4, "fc" }
};
static const Name subtypes[] = { { DLPE_REFERRAL, "referral" },
                                 { DLPE_NVME, "nvme" },
                                 { DLPE_DISCOVERY, "discovery" } };
static const Name treqs[] = {
        { 0, "not specified" }, { 1, "required" }, { 2, "not required" }, { 4, "disable sqflow" }
};
/* NVMe TCP Transport Specification, Transport Specific Address Subtype. */
static const Name sectypes[] = { { 0, "none" }, { 1, "tls1.2" }, { 2, "tls1.3" } };

static const char *name_of(const Name *names, size_t n, uint8_t value, char *buf, size_t size)
{
        for (size_t i = 0; i < n; i++)
                if (names[i].value == value)
                        return names[i].name;
        (void) snprintf(buf, size, "%u", value);
        return buf;
}

const char *dlpe_trtype_to_string(uint8_t trtype, char buf[static 16])
{
        return name_of(trtypes, ELEMENTSOF(trtypes), trtype, buf, 16);
}

const char *dlpe_adrfam_to_string(uint8_t adrfam, char buf[static 16])
{
        return name_of(adrfams, ELEMENTSOF(adrfams), adrfam, buf, 16);
}

const char *dlpe_subtype_to_string(uint8_t subtype, char buf[static 16])
{
        return name_of(subtypes, ELEMENTSOF(subtypes), subtype, buf, 16);
}

const char *dlpe_treq_to_string(uint8_t treq, char buf[static 64])
{
        return name_of(treqs, ELEMENTSOF(treqs), treq, buf, 64);
}

const char *dlpe_requirements_to_string(uint8_t treq, char buf[static 64])
{
        static const char *const secure_channel[] = { "not specified", "required", "not required",
                                                      "reserved 3h" };
        const unsigned known = DLPE_TREQ_SECURE_CHANNEL | DLPE_TREQ_DISABLE_SQFLOW;
        const char *name = secure_channel[treq & DLPE_TREQ_SECURE_CHANNEL], *sqflow = "";
        char reserved[32] = "";

        if (treq & DLPE_TREQ_DISABLE_SQFLOW) {
                bool has_name = treq & DLPE_TREQ_SECURE_CHANNEL;
                name = has_name ? name : "disable sqflow";
                sqflow = has_name ? ", disable sqflow" : "";
        }
        if (treq & ~known)
                (void) snprintf(reserved, sizeof(reserved), ", reserved %xh", treq & ~known);
        (void) snprintf(buf, 64, "%s%s%s", name, sqflow, reserved);
        return buf;
}

const char *dlpe_sectype_to_string(uint8_t sectype, char buf[static 16])
{
        return name_of(sectypes, ELEMENTSOF(sectypes), sectype, buf, 16);
}

bool dlpe_demands_tls(const DlpEntry *e)
{
        unsigned secure_channel = e->treq & DLPE_TREQ_SECURE_CHANNEL;

        if (e->trtype != DLPE_TRTYPE_TCP)
                return false;
        return secure_channel == DLPE_SECURE_CHANNEL_REQUIRED ||
               (e->sectype != 0 && secure_channel != DLPE_SECURE_CHANNEL_NOT_REQUIRED);
}

int dlpe_describe(const DlpEntry *e, Properties *p)
{
        char trtype[16], adrfam[16], subtype[16], treq[64];

        if (properties_add(p, "trtype", dlpe_trtype_to_string(e->trtype, trtype)) < 0 ||
            properties_add(p, "adrfam", dlpe_adrfam_to_string(e->adrfam, adrfam)) < 0 ||
            properties_add(p, "traddr", e->traddr) < 0 ||
            properties_add(p, "trsvcid", e->trsvcid) < 0 ||
            properties_add(p, "subnqn", e->subnqn) < 0 ||
            properties_add(p, "subtype", dlpe_subtype_to_string(e->subtype, subtype)) < 0 ||
            properties_add(p, "treq", dlpe_treq_to_string(e->treq, treq)) < 0 ||
            properties_addf(p, "portid", "%u", e->portid) < 0 ||
            properties_addf(p, "cntlid", "%u", e->cntlid) < 0 ||
            properties_addf(p, "asqsz", "%u", e->asqsz) < 0 ||
            properties_addf(p, "eflags", "%u", e->eflags) < 0 ||
            (e->bad_nqn && properties_add(p, DLPE_PROBLEM, NQN_NOT_USABLE) < 0))
                return -ENOMEM;
        return 0;
}

int dlpe_describe_all(const DlpEntry *e, Properties *p)
{
        char requirements[64], sectype[16];
        int r = dlpe_describe(e, p);

        if (r >= 0)
                r = properties_add(p, DLPE_REQUIREMENTS,
                                   dlpe_requirements_to_string(e->treq, requirements));
        if (r >= 0 && e->trtype == DLPE_TRTYPE_TCP)
                r = properties_add(p, DLPE_SECTYPE, dlpe_sectype_to_string(e->sectype, sectype));
        return r;
}

static int read_number(const Properties *p, const char *key, uint64_t max, uint64_t *ret)
{
        return text_to_u64(properties_get(p, key), 0, max, ret) < 0 ? -EBADMSG : 0;
}

static int read_name(const Properties *p, const char *key, const Name *names, size_t n,
                     uint8_t *ret)
{
        const char *text = properties_get(p, key);
        uint64_t number;

        for (size_t i = 0; text && i < n; i++)
                if (streq(text, names[i].name)) {
                        *ret = names[i].value;
                        return 0;
                }
        int r = read_number(p, key, UINT8_MAX, &number);
        if (r < 0)
                return r;
        *ret = (uint8_t) number;
        return 0;
}

static int read_u16(const Properties *p, const char *key, uint16_t *ret)
{
        uint64_t number;
        int r = read_number(p, key, UINT16_MAX, &number);
        if (r < 0)
                return r;
        *ret = (uint16_t) number;
        return 0;
}

static int dlp_read_text(const Properties *p, const char *key, size_t size_max, char **ret)
{
        const char *text = properties_get(p, key);
        if (!text || strlen(text) > size_max)
                return -EBADMSG;

        _cleanup_free_ char *copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        text_make_printable(text_trim(copy));
        return text_replace(ret, text_trim(copy));
}

static int read_numbers(const Properties *p, DlpEntry *e)
{
        if (read_name(p, "trtype", trtypes, ELEMENTSOF(trtypes), &e->trtype) < 0 ||
            read_name(p, "adrfam", adrfams, ELEMENTSOF(adrfams), &e->adrfam) < 0 ||
            read_name(p, "subtype", subtypes, ELEMENTSOF(subtypes), &e->subtype) < 0 ||
            read_name(p, "treq", treqs, ELEMENTSOF(treqs), &e->treq) < 0 ||
            read_u16(p, "portid", &e->portid) < 0 || read_u16(p, "cntlid", &e->cntlid) < 0 ||
            read_u16(p, "asqsz", &e->asqsz) < 0 || read_u16(p, "eflags", &e->eflags) < 0 ||
            (properties_get(p, DLPE_SECTYPE) &&
             read_name(p, DLPE_SECTYPE, sectypes, ELEMENTSOF(sectypes), &e->sectype) < 0))
                return -EBADMSG;
        return 0;
}

int dlpe_from_properties(const Properties *p, DlpEntry *ret)
{
        _cleanup_(dlpe_done) DlpEntry e = { .bad_nqn = properties_get(p, DLPE_PROBLEM) };
        _cleanup_free_ char *trsvcid = NULL;

        int r = read_numbers(p, &e);
        if (r < 0)
                return r;
        r = dlp_read_text(p, "trsvcid", DLPE_TRSVCID_SIZE, &trsvcid);
        if (r < 0)
                return r;
        memcpy(e.trsvcid, trsvcid, strlen(trsvcid) + 1);
        r = dlp_read_text(p, "subnqn", DLPE_SUBNQN_SIZE, &e.subnqn);
        if (r < 0)
                return r;
        e.bad_nqn = e.bad_nqn || !nqn_is_usable(properties_get(p, "subnqn"));
        r = dlp_read_text(p, "traddr", DLPE_TRADDR_SIZE, &e.traddr);
        if (r < 0)
                return r;

        *ret = e;
        e = (DlpEntry) { 0 };
        return 0;
}

/* Returns the length of the prefix that needs no escaping within these quotes. */
static size_t python_plain_length(const char *s, char quote)
{
        const char *end = s;

        while (*end && *end != quote && *end != '\\' && (unsigned char) *end >= 0x20 &&
               *end != 0x7f)
                end++;
        return (size_t) (end - s);
}

/* Appends the repr() of a str: in double quotes only if it contains single and no double quotes. */
static void append_python_string(TextBuffer *b, const char *s)
{
        char quote = strchr(s, '\'') && !strchr(s, '"') ? '"' : '\'';

        text_buffer_append_bytes(b, &quote, 1);
        for (size_t n; *s; s += n) {
                n = python_plain_length(s, quote);
                text_buffer_append_bytes(b, s, n);
                if (n > 0)
                        continue;
                n = 1;
                if (*s == quote || *s == '\\')
                        text_buffer_printf(b, "\\%c", *s);
                else
                        text_buffer_printf(b, "\\x%02x", (unsigned char) *s);
        }
        text_buffer_append_bytes(b, &quote, 1);
}

char *dlpe_to_string(const DlpEntry *e)
{
        char trtype[16];
        const char *const parts[] = { e->traddr, e->trsvcid, e->subnqn };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "(%s", dlpe_trtype_to_string(e->trtype, trtype));
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (*parts[i])
                        text_buffer_printf(&b, ", %s", parts[i]);
        text_buffer_append(&b, ")");
        return text_buffer_take(&b);
}

char *dlpe_to_python_string(const DlpEntry *e)
{
        _cleanup_properties_ Properties p = { 0 };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        if (dlpe_describe(e, &p) < 0)
                return NULL;
        for (size_t i = 0; i < p.n_items; i++) {
                text_buffer_append(&b, i == 0 ? "{" : ", ");
                append_python_string(&b, p.items[i].key);
                text_buffer_append(&b, ": ");
                append_python_string(&b, p.items[i].value);
        }
        text_buffer_append(&b, "}");
        return text_buffer_take(&b);
}

bool dlpe_equal(const DlpEntry *a, const DlpEntry *b)
{
        return a->trtype == b->trtype && a->adrfam == b->adrfam && a->subtype == b->subtype &&
               a->treq == b->treq && a->portid == b->portid && a->cntlid == b->cntlid &&
               a->asqsz == b->asqsz && a->eflags == b->eflags && a->sectype == b->sectype &&
               a->bad_nqn == b->bad_nqn && streq(a->trsvcid, b->trsvcid) &&
               streq_ptr(a->subnqn, b->subnqn) && streq_ptr(a->traddr, b->traddr);
}

int dlpe_copy(const DlpEntry *from, DlpEntry *ret)
{
        _cleanup_(dlpe_done) DlpEntry e = *from;
        e.subnqn = e.traddr = NULL;
        if (text_replace(&e.subnqn, from->subnqn) < 0 || text_replace(&e.traddr, from->traddr) < 0)
                return -ENOMEM;
        *ret = e;
        e = (DlpEntry) { 0 };
        return 0;
}

void dlpe_done(DlpEntry *e)
{
        free(e->subnqn);
        free(e->traddr);
        *e = (DlpEntry) { 0 };
}

DiscoveryLog *discovery_log_free(DiscoveryLog *l)
{
        if (!l)
                return NULL;
        for (size_t i = 0; i < l->n_entries; i++)
                dlpe_done(&l->entries[i]);
        free(l->entries);
        free(l);
        return NULL;
}

bool discovery_log_equal(const DiscoveryLog *a, const DiscoveryLog *b)
{
        if (a->n_entries != b->n_entries)
                return false;
        for (size_t i = 0; i < a->n_entries; i++)
                if (!dlpe_equal(&a->entries[i], &b->entries[i]))
                        return false;
        return true;
}

/* By the controller that they name. */
static int dlp_compare_entries(const void *x, const void *y)
{
        const DlpEntry *a = *(const DlpEntry *const *) x, *b = *(const DlpEntry *const *) y;
        int r = strcmp(a->subnqn, b->subnqn);

        if (r == 0)
                r = strcmp(a->traddr, b->traddr);
        if (r == 0)
                r = strcmp(a->trsvcid, b->trsvcid);
        return r != 0 ? r : (a->trtype << 8 | a->subtype) - (b->trtype << 8 | b->subtype);
}

static const DlpEntry **sort_entries(const DiscoveryLog *l)
{
        const DlpEntry **sorted = calloc(l->n_entries + 1, sizeof(*sorted));

        for (size_t i = 0; sorted && i < l->n_entries; i++)
                sorted[i] = &l->entries[i];
        if (sorted)
                qsort(sorted, l->n_entries, sizeof(*sorted), dlp_compare_entries);
        return sorted;
}

bool discovery_log_covers(const DiscoveryLog *a, const DiscoveryLog *b)
{
        _cleanup_free_ const DlpEntry **of_a = sort_entries(a), **of_b = sort_entries(b);
        size_t i = 0;

        if (!of_a || !of_b)
                return false;
        for (size_t j = 0; j < b->n_entries; j++) {
                while (i < a->n_entries && dlp_compare_entries(&of_a[i], &of_b[j]) < 0)
                        i++;
                if (i == a->n_entries || dlp_compare_entries(&of_a[i], &of_b[j]) != 0)
                        return false;
        }
        return true;
}

bool discovery_log_names(const DiscoveryLog *l, DlpeSubtype subtype)
{
        for (size_t i = 0; i < l->n_entries; i++)
                if (l->entries[i].subtype == subtype)
                        return true;
        return false;
}
