/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/attempts.h"

#include <stdlib.h>

#include "plan/backoff.h"
#include "plan/decision.h"

void attempts_done(Attempts *a)
{
        free(a->in_use_by);
}

void attempts_begin(Attempts *a)
{
        a->n_connects++;
}

void attempts_miss(Attempts *a)
{
        a->n_unanswered++;
}

unsigned attempts_count(const Attempts *a)
{
        return a->n_connects + a->n_unanswered;
}

static void attempts_back_off(Attempts *a, usec_t max, uint64_t seed, usec_t now)
{
        a->n_failures++;
        a->connect_at = usec_add(now, backoff_delay(a->n_failures, max, seed));
}

/* EIO: an NVMe status. */
static bool says_no(int error)
{
        return error == -EIO || error == -EACCES || error == -EKEYREJECTED;
}

void attempts_fail(Attempts *a, int error, usec_t took, bool try_brief, uint64_t seed, usec_t now)
{
        bool refused = says_no(error) && !try_brief;

        attempts_back_off(a, refused ? BACKOFF_REFUSED_MAX : BACKOFF_MAX, seed, now);
        if (try_brief)
                a->brief = !a->brief;
        a->polled = false;
        a->last_error = error;
        a->took = took;
}

void attempts_postpone(Attempts *a, int error, usec_t at)
{
        a->n_connects -= a->n_connects > 0; /* the count may have been forgotten meanwhile */
        a->connect_at = at;
        a->last_error = error;
        a->took = 0;
}

void attempts_succeed(Attempts *a, usec_t now)
{
        a->since = now;
        a->made = true;
}

bool attempts_retry(Attempts *a)
{
        if (a->connect_at == 0)
                return false;
        a->connect_at = 0;
        return true;
}

bool attempts_announce(Attempts *a, usec_t now)
{
        if (a->announced_until > now)
                return false;
        a->announced_until = usec_add(now, ATTEMPTS_ANNOUNCED_PACE);
        return true;
}

void attempts_forget_count(Attempts *a)
{
        a->n_connects = a->n_unanswered = 0;
}

void attempts_forget_failures(Attempts *a)
{
        a->n_failures = 0;
}

void attempts_forget_all(Attempts *a)
{
        attempts_forget_count(a);
        a->n_failures = 0;
        a->connect_at = a->disconnect_at = 0;
}

void attempts_restore(Attempts *a, unsigned n_failures, usec_t connect_at)
{
        a->n_failures = n_failures;
        a->connect_at = connect_at;
}

void attempts_attach(Attempts *a, bool made_by_us, usec_t now)
{
        attempts_forget_count(a);
        a->brief = a->brief && made_by_us;
        a->polled = false;
        a->made = made_by_us;
        attempts_forget_disconnects(a);
        a->since = now;
}

void attempts_lose(Attempts *a, bool is_failure, uint64_t seed, usec_t now)
{
        if (is_failure) {
                attempts_back_off(a, BACKOFF_MAX, seed, now);
        } else {
                a->n_failures = 0;
                a->connect_at = now;
        }
        a->last_error = 0;
        a->since = now;
}

void attempts_let_go(Attempts *a, usec_t now)
{
        a->since = now;
}

void attempts_end(Attempts *a, usec_t poll_at, usec_t now)
{
        if (poll_at > 0) {
                a->polled = true;
                a->connect_at = poll_at;
                a->n_failures = 0;
        }
        a->last_error = 0;
        a->since = now;
}

bool attempts_find_in_use(Attempts *a, bool in_doubt, char *used_by, usec_t now)
{
        bool is_new = !a->in_use || (a->in_doubt && !in_doubt);

        free(a->in_use_by);
        a->in_use_by = used_by;
        a->in_doubt = in_doubt && (a->in_doubt || !a->in_use);
        a->in_use = true;
        a->last_error = 0;
        a->disconnect_at = usec_add(now, PLAN_IN_USE_RETRY_USEC);
        return is_new;
}

void attempts_forget_disconnects(Attempts *a)
{
        a->in_use = false;
        a->disconnect_at = 0;
        a->last_error = 0;
}

void attempts_fail_disconnect(Attempts *a, usec_t at)
{
        a->in_use = false;
        a->disconnect_at = at;
}

void attempts_set_error(Attempts *a, int error)
{
        a->last_error = error;
}
