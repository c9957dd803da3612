/* SPDX-License-Identifier: Apache-2.0 */

/* Properties of the peer, and its faults. */

#include "peer/script-internal.h"

static int set_text(char *place, size_t size, const char *value)
{
        if (strlen(value) > size)
                return -ERANGE;
        memcpy(place, value, strlen(value) + 1);
        return 0;
}

static int set_dctype(Model *m, const char *value)
{
        static const char *const names[] = {
                [DC_TYPE_NOT_REPORTED] = "none",
                [DC_TYPE_DDC] = "ddc",
                [DC_TYPE_CDC] = "cdc",
        };
        uint64_t number;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(names[i], value)) {
                        m->dctype = (uint8_t) i;
                        return 0;
                }
        int r = script_number(value, UINT8_MAX, &number);
        if (r == 0)
                m->dctype = (uint8_t) number;
        return r;
}

static int set_log_option(Model *m, unsigned option, const char *value)
{
        bool is_set;
        int r = text_to_bool(value, &is_set);
        if (r == 0)
                m->log_options = is_set ? m->log_options | option : m->log_options & ~option;
        return r;
}

static int set_numrec(bool *lies, uint64_t *numrec, const char *value)
{
        int r = streq(value, "true") ? 0 : script_number(value, UINT64_MAX, numrec);
        if (r == 0)
                *lies = !streq(value, "true");
        return r;
}

static int set_log_bytes_max(Model *m, const char *value)
{
        uint64_t n = UINT64_MAX;
        int r = streq(value, "no") ? 0 : script_number(value, UINT32_MAX, &n);
        if (r == 0)
                m->log_bytes_max = n;
        return r;
}

static int set_byte(uint8_t *place, uint8_t max, const char *value)
{
        uint64_t n;
        int r = script_number(value, max, &n);
        if (r == 0)
                *place = (uint8_t) n;
        return r;
}

/* One of two words. */
static int set_word(bool *place, const char *usual, const char *unusual, const char *value)
{
        if (!streq(value, usual) && !streq(value, unusual))
                return -EINVAL;
        *place = streq(value, unusual);
        return 0;
}

/* Returns -ENOENT if there is no such key. */
static int set_one(Model *m, const char *key, const char *value)
{
        if (streq(key, "nqn"))
                return set_text(m->nqn, NQN_SIZE, value);
        if (streq(key, "serial"))
                return set_text(m->serial, SERIAL_SIZE, value);
        if (streq(key, "dctype"))
                return set_dctype(m, value);
        if (streq(key, "static"))
                return text_to_bool(value, &m->is_static);
        if (streq(key, "events"))
                return text_to_bool(value, &m->tells_changes);
        if (streq(key, "held"))
                return text_to_bool(value, &m->can_be_held);
        if (streq(key, "pleo"))
                return set_log_option(m, LOG_PORT_LOCAL, value);
        if (streq(key, "extended"))
                return set_log_option(m, LOG_EXTENDED, value);
        if (streq(key, "numrec"))
                return set_numrec(&m->lies_numrec, &m->numrec, value);
        if (streq(key, "header-numrec"))
                return set_numrec(&m->lies_header, &m->header_numrec, value);
        if (streq(key, "log"))
                return set_word(&m->freezes_log, "live", "frozen", value);
        if (streq(key, "offset"))
                return set_word(&m->ignores_offsets, "heeded", "ignored", value);
        if (streq(key, "cntrltype"))
                return set_byte(&m->cntrltype, UINT8_MAX, value);
        if (streq(key, "mdts"))
                return set_byte(&m->mdts, MDTS_MAX, value);
        if (streq(key, "short"))
                return set_log_bytes_max(m, value);
        if (streq(key, "moves"))
                return script_number(value, UINT64_MAX, &m->n_moves);
        if (streq(key, "genctr"))
                return script_number(value, UINT64_MAX, &m->genctr);
        return -ENOENT;
}

void script_set(Script *s)
{
        for (size_t i = 1; i < s->n_words; i++) {
                char *value = script_cut_value(s->words[i]);
                int r = value ? set_one(&s->peer->model, s->words[i], value) : -ENOENT;
                if (r == -ENOENT) {
                        script_fail(s, "no such key: %s", s->words[i]);
                        return;
                }
                if (r < 0) {
                        script_fail(s, "%s cannot be: %s", s->words[i], value);
                        return;
                }
        }
        script_ok(s, "%s", "");
}

void script_aen(Script *s)
{
        bool is_forced = s->n_words > 1;
        if (is_forced && !streq(s->words[1], "force"))
                script_fail(s, "usage: aen [force]");
        else
                script_ok(s, "%zu", peer_notify(s->peer, is_forced));
}

static FaultKind fault_kind_from_string(const char *text)
{
        for (FaultKind k = FAULT_NONE + 1; k < _FAULT_KIND_MAX; k++)
                if (streq(text, fault_kind_to_string(k)))
                        return k;
        return FAULT_NONE;
}

void script_fault(Script *s)
{
        Step step;
        uint64_t status = 0, n = FAULT_ALWAYS;
        FaultKind kind = fault_kind_from_string(s->words[0]);
        size_t count_at = kind == FAULT_FAIL ? 3 : 2;

        if (step_from_string(s->words[1], &step) < 0) {
                script_fail(s, "no such step: %s", s->words[1]);
                return;
        }
        if (kind == FAULT_FAIL && script_number(s->words[2], INT16_MAX, &status) < 0) {
                script_fail(s, "no status: %s", s->words[2]);
                return;
        }
        if (s->n_words > count_at &&
            (script_number(s->words[count_at], UINT32_MAX, &n) < 0 || n == 0)) {
                script_fail(s, "no count: %s", s->words[count_at]);
                return;
        }
        Fault fault = { .kind = kind, .status = (uint16_t) status, .n_left = n };
        peer_set_fault(s->peer, step, fault, s->now);
        script_ok(s, "%s", "");
}

void script_pass(Script *s)
{
        Step step = 0;
        bool is_all = streq(s->words[1], "all");
        if (!is_all && step_from_string(s->words[1], &step) < 0) {
                script_fail(s, "no such step: %s", s->words[1]);
                return;
        }
        for (Step i = 0; i < _STEP_MAX; i++)
                if (is_all || i == step)
                        peer_set_fault(s->peer, i, (Fault) { .kind = FAULT_NONE }, s->now);
        script_ok(s, "%s", "");
}

void script_disconnect(Script *s)
{
        uint64_t id = 0;
        if (s->n_words > 1 && (script_number(s->words[1], UINT64_MAX, &id) < 0 || id == 0))
                script_fail(s, "no host: %s", s->words[1]);
        else
                script_ok(s, "%zu", peer_disconnect(s->peer, id));
}
