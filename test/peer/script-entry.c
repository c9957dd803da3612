/* SPDX-License-Identifier: Apache-2.0 */

/* Discovery log page entries by field names. */

#include <inttypes.h>
#include <stdio.h>

#include "peer/script-internal.h"

typedef struct Name {
        const char *name;
        unsigned value;
} Name;

enum {
        ENTRIES_MAX = 65536,
};

static const Name trtypes[] = {
        { "rdma", TRTYPE_RDMA }, { "fc", TRTYPE_FC }, { "tcp", TRTYPE_TCP },
        { "loop", TRTYPE_LOOP }, { NULL, 0 },
};

static const Name adrfams[] = {
        { "ipv4", ADRFAM_IPV4 }, { "ipv6", ADRFAM_IPV6 }, { "ib", ADRFAM_IB },
        { "fc", ADRFAM_FC },     { "loop", ADRFAM_LOOP }, { NULL, 0 },
};

static const Name subtypes[] = {
        { "referral", SUBTYPE_REFERRAL },
        { "nvme", SUBTYPE_NVME },
        { "discovery", SUBTYPE_DISCOVERY },
        { NULL, 0 },
};

static const Name cntlids[] = {
        { "dynamic", CNTLID_DYNAMIC },
        { "static", CNTLID_ANY_STATIC },
        { NULL, 0 },
};

static const Name no_names[] = { { NULL, 0 } };

typedef enum FieldKind {
        FIELD_BYTE,
        FIELD_WORD,
        FIELD_FLAG, /* a bit of EFLAGS */
        FIELD_BOOL,
        FIELD_TEXT,
} FieldKind;

typedef struct Field {
        const char *key;
        FieldKind kind;
        size_t offset;
        size_t size; /* FIELD_TEXT: without terminator; FIELD_FLAG: the bit */
        const Name *names;
} Field;

static const Field fields[] = {
        { "subtype", FIELD_BYTE, offsetof(Entry, subtype), 0, subtypes },
        { "trtype", FIELD_BYTE, offsetof(Entry, trtype), 0, trtypes },
        { "adrfam", FIELD_BYTE, offsetof(Entry, adrfam), 0, adrfams },
        { "traddr", FIELD_TEXT, offsetof(Entry, traddr), TRADDR_SIZE, NULL },
        { "trsvcid", FIELD_TEXT, offsetof(Entry, trsvcid), TRSVCID_SIZE, NULL },
        { "subnqn", FIELD_TEXT, offsetof(Entry, subnqn), NQN_SIZE, NULL },
        { "treq", FIELD_BYTE, offsetof(Entry, treq), 0, no_names },
        { "portid", FIELD_WORD, offsetof(Entry, portid), 0, no_names },
        { "cntlid", FIELD_WORD, offsetof(Entry, cntlid), 0, cntlids },
        { "asqsz", FIELD_WORD, offsetof(Entry, asqsz), 0, no_names },
        { "eflags", FIELD_WORD, offsetof(Entry, eflags), 0, no_names },
        { "dupretinfo", FIELD_FLAG, 0, EFLAGS_DUPRETINFO, NULL },
        { "epcsd", FIELD_FLAG, 0, EFLAGS_EPCSD, NULL },
        { "ncc", FIELD_FLAG, 0, EFLAGS_NCC, NULL },
        { "sectype", FIELD_BYTE, offsetof(Entry, sectype), 0, no_names },
        { "elsewhere", FIELD_BOOL, offsetof(Entry, is_elsewhere), 0, NULL },
};

static int parse_number(const Name *names, const char *value, uint64_t max, uint64_t *ret)
{
        for (; names->name; names++)
                if (streq(names->name, value)) {
                        *ret = names->value;
                        return 0;
                }
        return script_number(value, max, ret);
}

static int set_flag(Entry *e, uint16_t flag, const char *value)
{
        bool is_set;
        int r = text_to_bool(value, &is_set);
        if (r == 0)
                e->eflags = (uint16_t) (is_set ? e->eflags | flag : e->eflags & ~flag);
        return r;
}

static int hex_value(const char *s)
{
        const char *digits = "0123456789abcdef";
        const char *a = s[0] ? strchr(digits, s[0] | 0x20) : NULL;
        const char *b = a && s[1] ? strchr(digits, s[1] | 0x20) : NULL;
        return b ? (int) ((a - digits) << 4 | (b - digits)) : -EINVAL;
}

/* "\\x1b" is replaced by that byte; 00 is invalid, as it would terminate the string. */
static int set_text(char *place, size_t size, const char *value)
{
        char text[NQN_SIZE + TRADDR_SIZE];
        size_t n = 0;
        while (*value) {
                int byte = value[0] == '\\' && value[1] == 'x' ? hex_value(value + 2) : -ENOENT;
                if (byte == -EINVAL || byte == 0)
                        return -EINVAL;
                if (n == size)
                        return -ERANGE;
                text[n++] = byte > 0 ? (char) byte : *value;
                value += byte > 0 ? 4 : 1;
        }
        memcpy(place, text, n);
        place[n] = '\0';
        return 0;
}

static int set_field(Entry *e, const Field *f, const char *value)
{
        uint8_t *place = (uint8_t *) e + f->offset;
        uint64_t number = 0;
        int r = -EINVAL;
        switch (f->kind) {
        case FIELD_BYTE:
                r = parse_number(f->names, value, UINT8_MAX, &number);
                if (r == 0)
                        *place = (uint8_t) number;
                break;
        case FIELD_WORD:
                r = parse_number(f->names, value, UINT16_MAX, &number);
                if (r == 0)
                        memcpy(place, &(uint16_t) { (uint16_t) number }, sizeof(uint16_t));
                break;
        case FIELD_FLAG:
                r = set_flag(e, (uint16_t) f->size, value);
                break;
        case FIELD_BOOL:
                r = text_to_bool(value, (bool *) place);
                break;
        case FIELD_TEXT:
                r = set_text((char *) place, f->size, value);
                break;
        }
        return r;
}

static const Field *find_field(const char *key)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (streq(fields[i].key, key))
                        return &fields[i];
        return NULL;
}

/* Sets the fields given by the words from `first` on, which are modified. Returns false after
 * answering with an error. */
static bool set_fields(Script *s, size_t first, Entry *e)
{
        for (size_t i = first; i < s->n_words; i++) {
                char *value = script_cut_value(s->words[i]);
                const Field *f = value ? find_field(s->words[i]) : NULL;
                if (!f) {
                        script_fail(s, "no such key of an entry: %s", s->words[i]);
                        return false;
                }
                if (set_field(e, f, value) < 0) {
                        script_fail(s, "%s cannot be: %s", f->key, value);
                        return false;
                }
        }
        return true;
}

static bool is_given(const Script *s, const char *key)
{
        for (size_t i = 2; i < s->n_words; i++) /* split already: the key is terminated */
                if (streq(s->words[i], key))
                        return true;
        return false;
}

void script_entry_add(Script *s)
{
        Entry e;
        entry_init(&e);
        if (!set_fields(s, 2, &e))
                return;
        if (!is_given(s, "adrfam") && strchr(e.traddr, ':'))
                e.adrfam = ADRFAM_IPV6;
        if (!is_given(s, "trsvcid"))
                memcpy(e.trsvcid, e.subtype == SUBTYPE_NVME ? "4420" : "8009", 5);
        if (model_add(&s->peer->model, &e) < 0)
                script_fail(s, "out of memory");
        else
                script_ok(s, "%s", "");
}

/* Adds many entries; '#' in the NQN is replaced by the number of each, starting at 1. */
void script_entry_many(Script *s)
{
        Entry e;
        uint64_t n;
        if (script_number(s->words[2], ENTRIES_MAX, &n) < 0) {
                script_fail(s, "no number: %s", s->words[2]);
                return;
        }
        entry_init(&e);
        memcpy(e.trsvcid, "4420", 5);
        if (!set_fields(s, 3, &e))
                return;
        for (uint64_t i = 1; i <= n; i++) {
                Entry numbered = e;
                const char *place = strchr(e.subnqn, '#');
                if (place)
                        (void) snprintf(numbered.subnqn, sizeof(numbered.subnqn),
                                        "%.*s%" PRIu64 "%s", (int) (place - e.subnqn), e.subnqn, i,
                                        place + 1);
                if (model_add(&s->peer->model, &numbered) < 0) {
                        script_fail(s, "out of memory");
                        return;
                }
        }
        script_ok(s, "%s", "");
}

void script_entry_set(Script *s)
{
        Model *m = &s->peer->model;
        Entry *e = model_find(m, s->words[2], 0);
        if (!e) {
                script_fail(s, "no entry of %s", s->words[2]);
                return;
        }
        Entry changed = *e;
        if (!set_fields(s, 3, &changed))
                return;
        *e = changed;
        model_changed(m);
        script_ok(s, "%s", "");
}

void script_entry_remove(Script *s)
{
        if (model_remove(&s->peer->model, s->words[2]) > 0)
                script_ok(s, "%s", "");
        else
                script_fail(s, "no entry of %s", s->words[2]);
}

void script_entry_clear(Script *s)
{
        script_ok(s, "%zu", model_clear(&s->peer->model));
}

static void put_number(const Name *names, unsigned value, TextBuffer *b)
{
        for (; names->name; names++)
                if (names->value == value) {
                        json_put_text(b, names->name);
                        return;
                }
        text_buffer_printf(b, "%u", value);
}

static void put_field(const Entry *e, const Field *f, TextBuffer *b)
{
        const uint8_t *place = (const uint8_t *) e + f->offset;
        uint16_t word;
        switch (f->kind) {
        case FIELD_BYTE:
                put_number(f->names, *place, b);
                break;
        case FIELD_WORD:
                memcpy(&word, place, sizeof(word));
                put_number(f->names, word, b);
                break;
        case FIELD_FLAG:
                text_buffer_append(b, e->eflags & f->size ? "true" : "false");
                break;
        case FIELD_BOOL:
                text_buffer_append(b, *(const bool *) place ? "true" : "false");
                break;
        case FIELD_TEXT:
                json_put_text(b, (const char *) place);
                break;
        }
}

void entry_put_json(const Entry *e, TextBuffer *b)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                text_buffer_printf(b, "%s\"%s\":", i == 0 ? "{" : ",", fields[i].key);
                put_field(e, &fields[i], b);
        }
        text_buffer_append(b, "}");
}
