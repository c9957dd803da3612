/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/flaps.h"

static int flap_compare(const Flap *a, const Flap *b)
{
        return tid_compare(a->tid, b->tid);
}

RB_PROTOTYPE(FlapTree, Flap, by_tid, flap_compare);
RB_GENERATE(FlapTree, Flap, by_tid, flap_compare)

void flaps_init(Flaps *f)
{
        *f = (Flaps) { 0 };
        RB_INIT(&f->by_tid);
        TAILQ_INIT(&f->by_age);
}

static void flap_free(Flaps *f, Flap *flap)
{
        RB_REMOVE(FlapTree, &f->by_tid, flap);
        TAILQ_REMOVE(&f->by_age, flap, by_age);
        f->n--;
        (void) tid_free(flap->tid);
        free(flap);
}

void flaps_clear(Flaps *f)
{
        Flap *flap;

        while ((flap = TAILQ_FIRST(&f->by_age)))
                flap_free(f, flap);
}

static usec_t memory_of(const Flap *flap)
{
        return flap->quiet * FLAP_FACTOR;
}

/* Halves the quiet time for each period without a reversal. */
static void shrink(Flap *flap, usec_t now)
{
        while (flap->quiet > FLAP_QUIET_MIN_USEC && now - flap->since > memory_of(flap)) {
                flap->since += memory_of(flap);
                flap->quiet = MAX(flap->quiet / 2, FLAP_QUIET_MIN_USEC);
        }
}

static bool is_over(Flap *flap, usec_t now)
{
        shrink(flap, now);
        return now - flap->since > memory_of(flap);
}

/* Drops expired records, or the oldest one if there are too many. */
static void make_room(Flaps *f, usec_t now)
{
        Flap *flap;

        while ((flap = TAILQ_FIRST(&f->by_age)) && (f->n == FLAPS_MAX || is_over(flap, now)))
                flap_free(f, flap);
}

static Flap *find(const Flaps *f, const Tid *tid)
{
        Flap probe = { .tid = (Tid *) tid };

        return RB_FIND(FlapTree, (struct FlapTree *) &f->by_tid, &probe);
}

static Flap *flap_new(Flaps *f, const Tid *tid, usec_t now)
{
        make_room(f, now);
        Flap *flap = calloc(1, sizeof(*flap));
        if (!flap || tid_dup(tid, &flap->tid) < 0) {
                free(flap);
                return NULL;
        }
        flap->quiet = FLAP_QUIET_MIN_USEC;
        flap->since = now;
        RB_INSERT(FlapTree, &f->by_tid, flap);
        TAILQ_INSERT_TAIL(&f->by_age, flap, by_age);
        f->n++;
        return flap;
}

static void renew(Flaps *f, Flap *flap, usec_t now)
{
        shrink(flap, now);
        TAILQ_REMOVE(&f->by_age, flap, by_age);
        TAILQ_INSERT_TAIL(&f->by_age, flap, by_age);
}

Flap *flaps_withdraw(Flaps *f, const Tid *tid, usec_t now)
{
        Flap *flap = find(f, tid);

        if (!flap)
                return flap_new(f, tid, now);
        renew(f, flap, now);
        return flap;
}

Flap *flaps_reverse(Flaps *f, const Tid *tid, usec_t now)
{
        Flap *flap = f->n > 0 ? find(f, tid) : NULL;

        if (!flap)
                return NULL;
        renew(f, flap, now);
        if (flap->reversed && now - flap->since <= memory_of(flap))
                flap->quiet = MIN(flap->quiet * 2, FLAP_QUIET_MAX_USEC);
        flap->reversed = true;
        flap->since = now;
        return flap->quiet > FLAP_QUIET_MIN_USEC ? flap : NULL;
}
