/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/text.h"
#include "plan/backoff.h"

#define NOW (100 * USEC_PER_SEC)
#define EARLIER (NOW - PLAN_QUIET_USEC)
#define LATER (NOW + 5 * USEC_PER_SEC)

static Tid tid = { .transport = TRANSPORT_TCP };
static const Device live = { .state = DEVICE_LIVE, .tid = &tid };
static const Device down = { .state = DEVICE_CONNECTING, .tid = &tid };
static const Device owned = { .state = DEVICE_LIVE, .tid = &tid, .owner = (char *) "nvme-cli" };
static const Device our_own = { .state = DEVICE_LIVE, .tid = &tid, .owner = (char *) "stas" };

static const Policy only_stas = { .disconnect_transports = 1U << TRANSPORT_TCP };
static const Policy all = { .disconnect_scope = DISCONNECT_ALL_MATCHING,
                            .disconnect_transports = 1U << TRANSPORT_TCP };
static const Policy all_rdma = { .disconnect_scope = DISCONNECT_ALL_MATCHING,
                                 .disconnect_transports = 1U << TRANSPORT_RDMA };
static const Policy none = { .disconnect_scope = DISCONNECT_NONE };
static const Policy ncc_once = { .connect_attempts_on_ncc = 1 };
static const Policy ncc_thrice = { .connect_attempts_on_ncc = 3 };

typedef struct Case {
        const char *what;
        Facts facts;
        const Policy *policy; /* NULL: only_stas */
        Verb verb;
        Reason reason;
        usec_t at; /* VERB_WAIT */
} Case;

#define ASKED .claimed = true, .wanted = true, .sure = true
#define UNANSWERED ASKED, .may_start = true, .actual_known = true
#define WANTED UNANSWERED, .answered_until = USEC_INFINITY
#define GONE_SINCE(t) .sure = true, .actual_known = true, .unwanted_since = (t)
#define GONE GONE_SINCE(EARLIER)

static const Case missing[] = {
        { "it is connected", { WANTED }, NULL, VERB_CONNECT, REASON_MISSING, 0 },
        { "it is connected while its portal's answer counts",
          { UNANSWERED, .answered_until = NOW + 1 },
          NULL,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "what stalled waits, longer than its backoff if need be",
          { WANTED, .stalled_until = LATER, .connect_at = LATER + 1 },
          NULL,
          VERB_WAIT,
          REASON_STALLED,
          LATER + 1 },
        { "what others of its portal cost keeps it waiting",
          { WANTED, .closed_until = LATER },
          NULL,
          VERB_WAIT,
          REASON_CLOSED,
          LATER },
        { "both are over",
          { WANTED, .stalled_until = NOW, .closed_until = NOW },
          NULL,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "its portal is to answer first", { UNANSWERED }, NULL, VERB_PROBE, REASON_PROBING, 0 },
        { "an old answer is none",
          { UNANSWERED, .answered_until = NOW },
          NULL,
          VERB_PROBE,
          REASON_PROBING,
          0 },
        { "a portal that does not answer is left alone for a while",
          { UNANSWERED, .probe_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_NO_ANSWER,
          LATER },
        { "what cannot be asked is no silence",
          { UNANSWERED, .probe_at = LATER, .unasked = true },
          NULL,
          VERB_WAIT,
          REASON_UNASKED,
          LATER },
        { "and asked again in time",
          { UNANSWERED, .probe_at = NOW },
          NULL,
          VERB_PROBE,
          REASON_PROBING,
          0 },
        { "nor is it asked for who waits for another reason",
          { UNANSWERED, .connect_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_BACKOFF,
          LATER },
        { "not before the kernel is known",
          { ASKED, .may_start = true },
          NULL,
          VERB_NOTHING,
          REASON_STARTING,
          0 },
        { "not while it is only remembered",
          { ASKED, .actual_known = true },
          NULL,
          VERB_NOTHING,
          REASON_REMEMBERED,
          0 },
        { "not the boot firmware's, which others connect",
          { ASKED, .actual_known = true, .firmware = true },
          NULL,
          VERB_NOTHING,
          REASON_PASSIVE,
          0 },
        { "not what no usable entry names",
          { ASKED, .actual_known = true, .skipped = true },
          NULL,
          VERB_NOTHING,
          REASON_SKIPPED,
          0 },
        { "not before its time",
          { WANTED, .connect_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_BACKOFF,
          LATER },
        { "not before it is asked again",
          { WANTED, .connect_at = LATER, .polled = true },
          NULL,
          VERB_WAIT,
          REASON_PARKED,
          LATER },
        { "when it has come",
          { WANTED, .connect_at = NOW },
          NULL,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "one thing at a time", { WANTED, .op = OP_CONNECT }, NULL, VERB_NOTHING, REASON_BUSY, 0 },
        { "NCC without a limit",
          { WANTED, .ncc = true, .n_attempts = 99 },
          NULL,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "NCC, attempts left",
          { WANTED, .ncc = true, .n_attempts = 2 },
          &ncc_thrice,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "NCC, none left",
          { WANTED, .ncc = true, .n_attempts = 3 },
          &ncc_thrice,
          VERB_NOTHING,
          REASON_NCC,
          0 },
        { "NCC, one counts as two",
          { WANTED, .ncc = true, .n_attempts = 1 },
          &ncc_once,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "NCC, two are over",
          { WANTED, .ncc = true, .n_attempts = 2 },
          &ncc_once,
          VERB_NOTHING,
          REASON_NCC,
          0 },
        { "NCC is clear",
          { WANTED, .n_attempts = 99 },
          &ncc_once,
          VERB_CONNECT,
          REASON_MISSING,
          0 },
        { "while giving up all",
          { WANTED, .releasing = true },
          NULL,
          VERB_NOTHING,
          REASON_GONE,
          0 },
};

static const Case connected[] = {
        { "all is well",
          { WANTED, .device = &live, .kind = CONTROLLER_IO, .log_stale = true },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "its log is current",
          { WANTED, .device = &live },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "its log is not",
          { WANTED, .device = &live, .log_stale = true },
          NULL,
          VERB_READ_LOG,
          REASON_LOG_STALE,
          0 },
        { "its log could not be read",
          { WANTED, .device = &live, .log_stale = true, .log_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_LOG_BACKOFF,
          LATER },
        { "its log has just been read",
          { WANTED, .device = &live, .log_stale = true, .log_pace_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_LOG_STALE,
          LATER },
        { "it is told who we are, before all else",
          { WANTED, .device = &live, .unregistered = true, .offers_unknown = true,
            .log_stale = true },
          NULL,
          VERB_REGISTER,
          REASON_UNREGISTERED,
          0 },
        { "what it would not hear does not hold up its log",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER,
            .log_stale = true },
          NULL,
          VERB_READ_LOG,
          REASON_LOG_STALE,
          0 },
        { "it is told again later",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_UNREGISTERED,
          LATER },
        { "when its log is not due before",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER, .log_stale = true,
            .log_at = LATER + 1 },
          NULL,
          VERB_WAIT,
          REASON_UNREGISTERED,
          LATER },
        { "or else its log is",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER + 1,
            .log_stale = true, .log_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_LOG_BACKOFF,
          LATER },
        { "what it offers is asked before its log is read",
          { WANTED, .device = &live, .offers_unknown = true, .log_stale = true },
          NULL,
          VERB_READ_SUPPORTED_LOGS,
          REASON_LOG_STALE,
          0 },
        { "and not for its own sake",
          { WANTED, .device = &live, .offers_unknown = true },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "who holds no hosts is left when the log was read",
          { WANTED, .device = &live, .ours = true, .brief = true },
          NULL,
          VERB_DISCONNECT,
          REASON_PARKED,
          0 },
        { "not before",
          { WANTED, .device = &live, .ours = true, .brief = true, .log_stale = true },
          NULL,
          VERB_READ_LOG,
          REASON_LOG_STALE,
          0 },
        { "nor while another one uses the connection",
          { WANTED, .device = &live, .ours = true, .brief = true, .shared = true },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "nor when the connection is another's",
          { WANTED, .device = &live, .brief = true },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "an I/O controller is told nothing",
          { WANTED, .device = &live, .kind = CONTROLLER_IO, .unregistered = true },
          NULL,
          VERB_NOTHING,
          REASON_CONVERGED,
          0 },
        { "nor one that is not live",
          { WANTED, .device = &down, .look_at = LATER, .unregistered = true },
          NULL,
          VERB_WAIT,
          REASON_NOT_LIVE,
          LATER },
        { "it is not live",
          { WANTED, .device = &down, .log_stale = true },
          NULL,
          VERB_LOOK,
          REASON_NOT_LIVE,
          0 },
        { "that was seen a moment ago",
          { WANTED, .device = &down, .look_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_NOT_LIVE,
          LATER },
        { "its log is being read",
          { WANTED, .device = &live, .log_stale = true, .op = OP_READ_LOG },
          NULL,
          VERB_NOTHING,
          REASON_BUSY,
          0 },
};

static const Case unwanted[] = {
        { "who knows us is told that we go",
          { GONE, .device = &live, .ours = true, .registered = true },
          NULL,
          VERB_DEREGISTER,
          REASON_UNWANTED,
          0 },
        { "not before the quiet time",
          { GONE_SINCE(NOW), .device = &live, .ours = true, .registered = true },
          NULL,
          VERB_WAIT,
          REASON_QUIET_TIME,
          NOW + PLAN_QUIET_USEC },
        { "nor before a longer one",
          { GONE_SINCE(NOW), .device = &live, .ours = true, .quiet = 7 * USEC_PER_SEC },
          NULL,
          VERB_WAIT,
          REASON_QUIET_TIME,
          NOW + 7 * USEC_PER_SEC },
        { "not while it cannot hear",
          { GONE, .device = &down, .ours = true, .registered = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "nor when the daemon merely stops",
          { GONE, .device = &live, .ours = true, .registered = true, .releasing = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "nothing is left", { GONE }, NULL, VERB_FORGET, REASON_GONE, 0 },
        { "but a rule forbids it",
          { GONE, .claimed = true },
          NULL,
          VERB_NOTHING,
          REASON_EXCLUDED,
          0 },
        { "ours",
          { GONE, .device = &live, .ours = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "ours by the registry",
          { GONE, .device = &our_own, .ours = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "ours, not even live",
          { GONE, .device = &down, .ours = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "ours and excluded",
          { GONE, .device = &live, .ours = true, .claimed = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "in the quiet time",
          { GONE_SINCE(NOW - 1), .device = &live, .ours = true },
          NULL,
          VERB_WAIT,
          REASON_QUIET_TIME,
          NOW - 1 + PLAN_QUIET_USEC },
        { "after a failure",
          { GONE, .device = &live, .ours = true, .disconnect_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_QUIET_TIME,
          LATER },
        { "the last path to a block device in use",
          { GONE, .device = &live, .ours = true, .disconnect_at = LATER, .in_use = true },
          NULL,
          VERB_WAIT,
          REASON_IN_USE,
          LATER },
        { "once released",
          { GONE, .device = &live, .ours = true, .disconnect_at = NOW, .in_use = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "not before the kernel is known",
          { .sure = true, .unwanted_since = EARLIER, .device = &live, .ours = true },
          NULL,
          VERB_NOTHING,
          REASON_STARTING,
          0 },
        { "a source may want it",
          { .actual_known = true, .unwanted_since = EARLIER, .device = &live, .ours = true },
          NULL,
          VERB_NOTHING,
          REASON_UNSURE,
          0 },
        { "another row decides",
          { GONE, .device = &live, .ours = true, .shared = true },
          NULL,
          VERB_FORGET,
          REASON_SHARED,
          0 },
        { "another row decides, this one is claimed",
          { GONE, .device = &live, .ours = true, .shared = true, .claimed = true },
          NULL,
          VERB_NOTHING,
          REASON_SHARED,
          0 },
        { "another row may need it",
          { GONE, .device = &live, .ours = true, .needed = true },
          NULL,
          VERB_NOTHING,
          REASON_SHARED,
          0 },
        { "something is under way",
          { GONE, .device = &live, .ours = true, .op = OP_READ_LOG },
          NULL,
          VERB_NOTHING,
          REASON_BUSY,
          0 },
};

static const Case scopes[] = {
        { "only ours: others'", { GONE, .device = &live }, NULL, VERB_FORGET, REASON_FOREIGN, 0 },
        { "only ours: others', excluded",
          { GONE, .device = &live, .claimed = true },
          NULL,
          VERB_NOTHING,
          REASON_FOREIGN,
          0 },
        { "all: others'", { GONE, .device = &live }, &all, VERB_DISCONNECT, REASON_UNWANTED, 0 },
        { "all: others', unsure",
          { .actual_known = true, .unwanted_since = EARLIER, .device = &live },
          &all,
          VERB_NOTHING,
          REASON_UNSURE,
          0 },
        { "all: of another transport",
          { GONE, .device = &live },
          &all_rdma,
          VERB_FORGET,
          REASON_FOREIGN,
          0 },
        { "all: ours of another transport",
          { GONE, .device = &live, .ours = true },
          &all_rdma,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "none: ours",
          { GONE, .device = &live, .ours = true },
          &none,
          VERB_NOTHING,
          REASON_SCOPE,
          0 },
        { "none: others'", { GONE, .device = &live }, &none, VERB_FORGET, REASON_FOREIGN, 0 },
        { "all: somebody else's by the registry",
          { GONE, .device = &owned },
          &all,
          VERB_FORGET,
          REASON_PROTECTED,
          0 },
        { "all: the boot firmware's",
          { GONE, .device = &live, .claimed = true, .firmware = true },
          &all,
          VERB_NOTHING,
          REASON_PROTECTED,
          0 },
};

static const Case releasing[] = {
        { "ours is given up at once",
          { WANTED, .releasing = true, .device = &live, .ours = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "whatever else is known",
          { GONE_SINCE(NOW), .releasing = true, .device = &live, .ours = true },
          NULL,
          VERB_DISCONNECT,
          REASON_UNWANTED,
          0 },
        { "after a failure, in a while",
          { WANTED, .releasing = true, .device = &live, .ours = true, .disconnect_at = LATER },
          NULL,
          VERB_WAIT,
          REASON_QUIET_TIME,
          LATER },
        { "others' stays",
          { WANTED, .releasing = true, .device = &live },
          NULL,
          VERB_NOTHING,
          REASON_FOREIGN,
          0 },
        { "the boot firmware's stays",
          { WANTED, .releasing = true, .device = &live, .ours = true, .firmware = true },
          NULL,
          VERB_NOTHING,
          REASON_PROTECTED,
          0 },
        { "once for all rows",
          { WANTED, .releasing = true, .device = &live, .ours = true, .shared = true },
          NULL,
          VERB_NOTHING,
          REASON_SHARED,
          0 },
};

static const struct {
        const Case *cases;
        size_t n;
} tables[] = {
        { missing, ELEMENTSOF(missing) },     { connected, ELEMENTSOF(connected) },
        { unwanted, ELEMENTSOF(unwanted) },   { scopes, ELEMENTSOF(scopes) },
        { releasing, ELEMENTSOF(releasing) },
};

static void check(const Case *c)
{
        Decision d = plan_controller(&c->facts, c->policy ? c->policy : &only_stas, NOW);

        if (d.verb != c->verb || d.reason != c->reason)
                fail_msg("%s: %s (%s), should be %s (%s)", c->what, verb_to_string(d.verb),
                         reason_to_string(d.reason), verb_to_string(c->verb),
                         reason_to_string(c->reason));
        if (d.at != (c->verb == VERB_WAIT ? c->at : USEC_INFINITY))
                fail_msg("%s: waits until %llu", c->what, (unsigned long long) d.at);
}

static void test_decisions(void **state)
{
        for (size_t t = 0; t < ELEMENTSOF(tables); t++)
                for (size_t i = 0; i < tables[t].n; i++)
                        check(&tables[t].cases[i]);
}

static void test_nothing_is_left_out(void **state)
{
        bool verbs[_VERB_MAX] = { false }, reasons[_REASON_MAX] = { false };

        for (size_t t = 0; t < ELEMENTSOF(tables); t++)
                for (size_t i = 0; i < tables[t].n; i++) {
                        verbs[tables[t].cases[i].verb] = true;
                        reasons[tables[t].cases[i].reason] = true;
                }
        for (Verb v = 0; v < _VERB_MAX; v++)
                assert_true(verbs[v]);
        for (Reason r = 0; r < _REASON_MAX; r++)
                assert_true(reasons[r]);
}

static void test_each_has_a_text_of_its_own(void **state)
{
        for (Verb v = 0; v < _VERB_MAX; v++)
                for (Verb w = 0; w < v; w++)
                        assert_string_not_equal(verb_to_string(v), verb_to_string(w));
        for (Reason r = 0; r < _REASON_MAX; r++)
                for (Reason q = 0; q < r; q++)
                        assert_string_not_equal(reason_to_string(r), reason_to_string(q));
}

static void test_backoff_doubles_up_to_a_minute(void **state)
{
        static const unsigned seconds[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };

        for (unsigned n = 0; n < ELEMENTSOF(seconds); n++)
                for (uint64_t seed = 0; seed < 1000; seed++)
                        assert_in_range(backoff_delay(n, seed), seconds[n] * USEC_PER_SEC * 3 / 4,
                                        seconds[n] * USEC_PER_SEC * 5 / 4);
        assert_in_range(backoff_delay(UINT32_MAX, 1), 45 * USEC_PER_SEC, 75 * USEC_PER_SEC);
        assert_true(backoff_delay(3, 1) == backoff_delay(3, 1));
        assert_true(backoff_delay(3, 1) != backoff_delay(3, 2));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decisions),
                cmocka_unit_test(test_nothing_is_left_out),
                cmocka_unit_test(test_each_has_a_text_of_its_own),
                cmocka_unit_test(test_backoff_doubles_up_to_a_minute),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
