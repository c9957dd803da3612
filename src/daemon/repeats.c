/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/repeats.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void repeats_done(Repeats *r)
{
        for (size_t i = 0; r->slots && i < REPEATS_MAX; i++)
                free(r->slots[i].text);
        free(r->slots);
        *r = (Repeats) { 0 };
}

uint64_t repeats_key(const char *a, const char *b, const char *c, int x, int y)
{
        uint64_t h = text_hash_bytes(TEXT_HASH_BEGIN, a, strlen(a) + 1);

        h = text_hash_bytes(h, b, strlen(b) + 1);
        h = text_hash_bytes(h, c, strlen(c) + 1);
        h = text_hash_bytes(h, &x, sizeof(x));
        return text_hash_bytes(h, &y, sizeof(y));
}

/* A new message replaces one whose limit is no longer in use. */
static Repeat *find_slot(Repeats *r, uint64_t key, usec_t now)
{
        if (!r->slots)
                r->slots = calloc(REPEATS_MAX, sizeof(*r->slots));
        if (!r->slots)
                return NULL;
        Repeat *slot = &r->slots[(key ^ key >> 32) % REPEATS_MAX];
        if (slot->key != key && slot->full_at <= now && slot->n == 0)
                *slot = (Repeat) { .key = key };
        return slot;
}

/* Time from which one message is allowed. */
static usec_t allowed_at(const Repeat *slot)
{
        const usec_t burst = (REPEATS_BURST - 1) * REPEATS_PERIOD_USEC;

        return slot->full_at > burst ? slot->full_at - burst : 0;
}

static void spend(Repeat *slot, usec_t now)
{
        slot->full_at = usec_add(MAX(slot->full_at, now), REPEATS_PERIOD_USEC);
}

static unsigned release(Repeats *r, Repeat *slot)
{
        unsigned n = slot->n;

        r->n_held -= n > 0;
        slot->n = 0;
        free(TAKE_PTR(slot->text));
        return n;
}

static void hold(Repeats *r, Repeat *slot, const char *id, int priority, const char *text)
{
        r->n_held += slot->n == 0;
        slot->n++;
        slot->id = id;
        slot->priority = priority;
        (void) text_replace(&slot->text, text); /* out of memory: keep the older text */
}

bool repeats_may_say(Repeats *r, uint64_t key, const char *id, int priority, const char *text,
                     usec_t now, unsigned *ret_n)
{
        Repeat *slot = find_slot(r, key, now);

        *ret_n = 0;
        if (!slot)
                return true;
        if (allowed_at(slot) > now) {
                hold(r, slot, id, priority, text);
                return false;
        }
        spend(slot, now);
        *ret_n = release(r, slot);
        return true;
}

bool repeats_take_held(Repeats *r, usec_t now, Held *ret)
{
        for (size_t i = 0; r->n_held > 0 && i < REPEATS_MAX; i++) {
                Repeat *slot = &r->slots[i];
                if (slot->n == 0 || allowed_at(slot) > now)
                        continue;
                spend(slot, now);
                ret->id = slot->id;
                ret->priority = slot->priority;
                ret->text = TAKE_PTR(slot->text);
                ret->n = release(r, slot);
                return true;
        }
        return false;
}

const char *repeats_suffix(unsigned n, size_t size, char *buffer)
{
        *buffer = '\0';
        if (n == 1)
                (void) snprintf(buffer, size, " (repeated once)");
        else if (n > 1)
                (void) snprintf(buffer, size, " (repeated %u times)", n);
        return buffer;
}
