/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/decision.h"

#include "base/testing.h"
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
        const char *decision;
        Reason reason;
        usec_t at; /* if the decision is "wait" */
} Case;

#define ASKED .claimed = true, .wanted = true, .sure = true
#define UNANSWERED ASKED, .may_start = true, .actual_known = true
#define WANTED UNANSWERED, .answered_until = USEC_INFINITY
#define GONE_SINCE(t) .sure = true, .actual_known = true, .unwanted_since = (t)
#define GONE GONE_SINCE(EARLIER)

static const Case missing[] = {
        { "it is connected", { WANTED }, NULL, "connect", REASON_MISSING, 0 },
        { "it is connected while its portal's answer counts",
          { UNANSWERED, .answered_until = NOW + 1 },
          NULL,
          "connect",
          REASON_MISSING,
          0 },
        { "what stalled waits, longer than its backoff if need be",
          { WANTED, .stalled_until = LATER, .connect_at = LATER + 1 },
          NULL,
          "wait",
          REASON_STALLED,
          LATER + 1 },
        { "what others of its portal cost keeps it waiting",
          { WANTED, .closed_until = LATER },
          NULL,
          "wait",
          REASON_CLOSED,
          LATER },
        { "both are over",
          { WANTED, .stalled_until = NOW, .closed_until = NOW },
          NULL,
          "connect",
          REASON_MISSING,
          0 },
        { "its portal is to answer first", { UNANSWERED }, NULL, "probe", REASON_PROBING, 0 },
        { "an old answer is none",
          { UNANSWERED, .answered_until = NOW },
          NULL,
          "probe",
          REASON_PROBING,
          0 },
        { "a portal that does not answer is left alone for a while",
          { UNANSWERED, .probe_at = LATER },
          NULL,
          "wait",
          REASON_NO_ANSWER,
          LATER },
        { "what cannot be asked is no silence",
          { UNANSWERED, .probe_at = LATER, .unasked = true },
          NULL,
          "wait",
          REASON_UNASKED,
          LATER },
        { "and asked again in time",
          { UNANSWERED, .probe_at = NOW },
          NULL,
          "probe",
          REASON_PROBING,
          0 },
        { "nor is it asked for who waits for another reason",
          { UNANSWERED, .connect_at = LATER },
          NULL,
          "wait",
          REASON_BACKOFF,
          LATER },
        { "not before the kernel is known",
          { ASKED, .may_start = true },
          NULL,
          "nothing",
          REASON_STARTING,
          0 },
        { "not while it is only remembered",
          { ASKED, .actual_known = true },
          NULL,
          "nothing",
          REASON_REMEMBERED,
          0 },
        { "not the boot firmware's, which others connect",
          { ASKED, .actual_known = true, .firmware = true },
          NULL,
          "nothing",
          REASON_PASSIVE,
          0 },
        { "not what no usable entry names",
          { ASKED, .actual_known = true, .skipped = true },
          NULL,
          "nothing",
          REASON_SKIPPED,
          0 },
        { "not before its time",
          { WANTED, .connect_at = LATER },
          NULL,
          "wait",
          REASON_BACKOFF,
          LATER },
        { "not before it is asked again",
          { WANTED, .connect_at = LATER, .polled = true },
          NULL,
          "wait",
          REASON_PARKED,
          LATER },
        { "when it has come", { WANTED, .connect_at = NOW }, NULL, "connect", REASON_MISSING, 0 },
        { "one thing at a time",
          { WANTED, .op = OPERATION_CONNECT },
          NULL,
          "nothing",
          REASON_BUSY,
          0 },
        { "NCC without a limit",
          { WANTED, .ncc = true, .n_attempts = 99 },
          NULL,
          "connect",
          REASON_MISSING,
          0 },
        { "NCC, attempts left",
          { WANTED, .ncc = true, .n_attempts = 2 },
          &ncc_thrice,
          "connect",
          REASON_MISSING,
          0 },
        { "NCC, none left",
          { WANTED, .ncc = true, .n_attempts = 3 },
          &ncc_thrice,
          "nothing",
          REASON_NCC,
          0 },
        { "NCC, one counts as two",
          { WANTED, .ncc = true, .n_attempts = 1 },
          &ncc_once,
          "connect",
          REASON_MISSING,
          0 },
        { "NCC, two are over",
          { WANTED, .ncc = true, .n_attempts = 2 },
          &ncc_once,
          "nothing",
          REASON_NCC,
          0 },
        { "NCC is clear", { WANTED, .n_attempts = 99 }, &ncc_once, "connect", REASON_MISSING, 0 },
        { "while giving up all", { WANTED, .releasing = true }, NULL, "nothing", REASON_GONE, 0 },
};

static const Case connected[] = {
        { "all is well",
          { WANTED, .device = &live, .kind = CONTROLLER_IO, .log_stale = true },
          NULL,
          "nothing",
          REASON_CONVERGED,
          0 },
        { "its log is current", { WANTED, .device = &live }, NULL, "nothing", REASON_CONVERGED, 0 },
        { "its log is not",
          { WANTED, .device = &live, .log_stale = true },
          NULL,
          "read log",
          REASON_LOG_STALE,
          0 },
        { "its log could not be read",
          { WANTED, .device = &live, .log_stale = true, .log_at = LATER },
          NULL,
          "wait",
          REASON_LOG_BACKOFF,
          LATER },
        { "nothing was heard of its log for long",
          { WANTED, .device = &live, .log_poll_at = 1 },
          NULL,
          "read log",
          REASON_LOG_STALE,
          0 },
        { "its log has just been read",
          { WANTED, .device = &live, .log_stale = true, .log_pace_at = LATER },
          NULL,
          "wait",
          REASON_LOG_STALE,
          LATER },
        { "it is told who we are, before all else",
          { WANTED, .device = &live, .unregistered = true, .offers_unknown = true,
            .log_stale = true },
          NULL,
          "register",
          REASON_UNREGISTERED,
          0 },
        { "what it would not hear does not hold up its log",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER,
            .log_stale = true },
          NULL,
          "read log",
          REASON_LOG_STALE,
          0 },
        { "it is told again later",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER },
          NULL,
          "wait",
          REASON_UNREGISTERED,
          LATER },
        { "when its log is not due before",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER, .log_stale = true,
            .log_at = LATER + 1 },
          NULL,
          "wait",
          REASON_UNREGISTERED,
          LATER },
        { "or else its log is",
          { WANTED, .device = &live, .unregistered = true, .register_at = LATER + 1,
            .log_stale = true, .log_at = LATER },
          NULL,
          "wait",
          REASON_LOG_BACKOFF,
          LATER },
        { "what it offers is asked before its log is read",
          { WANTED, .device = &live, .offers_unknown = true, .log_stale = true },
          NULL,
          "read supported logs",
          REASON_LOG_STALE,
          0 },
        { "and not for its own sake",
          { WANTED, .device = &live, .offers_unknown = true },
          NULL,
          "nothing",
          REASON_CONVERGED,
          0 },
        { "what another program owns is neither registered with nor read",
          { WANTED, .device = &owned, .unregistered = true, .offers_unknown = true,
            .log_stale = true },
          NULL,
          "nothing",
          REASON_LEFT,
          0 },
        { "who holds no hosts is left when the log was read",
          { WANTED, .device = &live, .ours = true, .brief = true },
          NULL,
          "disconnect",
          REASON_PARKED,
          0 },
        { "not before",
          { WANTED, .device = &live, .ours = true, .brief = true, .log_stale = true },
          NULL,
          "read log",
          REASON_LOG_STALE,
          0 },
        { "nor while another one uses the connection",
          { WANTED, .device = &live, .ours = true, .brief = true, .shared = true },
          NULL,
          "nothing",
          REASON_CONVERGED,
          0 },
        { "nor when the connection is another's",
          { WANTED, .device = &live, .brief = true },
          NULL,
          "nothing",
          REASON_CONVERGED,
          0 },
        { "an I/O controller is told nothing",
          { WANTED, .device = &live, .kind = CONTROLLER_IO, .unregistered = true },
          NULL,
          "nothing",
          REASON_CONVERGED,
          0 },
        { "nor one that is not live",
          { WANTED, .device = &down, .look_at = LATER, .unregistered = true },
          NULL,
          "wait",
          REASON_NOT_LIVE,
          LATER },
        { "it is not live",
          { WANTED, .device = &down, .log_stale = true },
          NULL,
          "look",
          REASON_NOT_LIVE,
          0 },
        { "that was seen a moment ago",
          { WANTED, .device = &down, .look_at = LATER },
          NULL,
          "wait",
          REASON_NOT_LIVE,
          LATER },
        { "its log is being read",
          { WANTED, .device = &live, .log_stale = true, .op = OPERATION_READ_LOG },
          NULL,
          "nothing",
          REASON_BUSY,
          0 },
};

static const Case unwanted[] = {
        { "who knows us is told that we go",
          { GONE, .device = &live, .ours = true, .registered = true },
          NULL,
          "deregister",
          REASON_UNWANTED,
          0 },
        { "not before the quiet time",
          { GONE_SINCE(NOW), .device = &live, .ours = true, .registered = true },
          NULL,
          "wait",
          REASON_QUIET_TIME,
          NOW + PLAN_QUIET_USEC },
        { "nor before a longer one",
          { GONE_SINCE(NOW), .device = &live, .ours = true, .quiet = 7 * USEC_PER_SEC },
          NULL,
          "wait",
          REASON_QUIET_TIME,
          NOW + 7 * USEC_PER_SEC },
        { "not while it cannot hear",
          { GONE, .device = &down, .ours = true, .registered = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "nor when the daemon merely stops",
          { GONE, .device = &live, .ours = true, .registered = true, .releasing = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "nothing is left", { GONE }, NULL, "forget", REASON_GONE, 0 },
        { "but a rule forbids it", { GONE, .claimed = true }, NULL, "nothing", REASON_EXCLUDED, 0 },
        { "ours", { GONE, .device = &live, .ours = true }, NULL, "disconnect", REASON_UNWANTED, 0 },
        { "ours by the registry",
          { GONE, .device = &our_own, .ours = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "ours, not even live",
          { GONE, .device = &down, .ours = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "ours and excluded",
          { GONE, .device = &live, .ours = true, .claimed = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "in the quiet time",
          { GONE_SINCE(NOW - 1), .device = &live, .ours = true },
          NULL,
          "wait",
          REASON_QUIET_TIME,
          NOW - 1 + PLAN_QUIET_USEC },
        { "after a failure",
          { GONE, .device = &live, .ours = true, .disconnect_at = LATER },
          NULL,
          "wait",
          REASON_QUIET_TIME,
          LATER },
        { "the last path to a block device in use",
          { GONE, .device = &live, .ours = true, .disconnect_at = LATER, .in_use = true },
          NULL,
          "wait",
          REASON_IN_USE,
          LATER },
        { "once released",
          { GONE, .device = &live, .ours = true, .disconnect_at = NOW, .in_use = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "not before the kernel is known",
          { .sure = true, .unwanted_since = EARLIER, .device = &live, .ours = true },
          NULL,
          "nothing",
          REASON_STARTING,
          0 },
        { "a source may want it",
          { .actual_known = true, .unwanted_since = EARLIER, .device = &live, .ours = true },
          NULL,
          "nothing",
          REASON_UNSURE,
          0 },
        { "another row decides",
          { GONE, .device = &live, .ours = true, .shared = true },
          NULL,
          "forget",
          REASON_SHARED,
          0 },
        { "another row decides, this one is claimed",
          { GONE, .device = &live, .ours = true, .shared = true, .claimed = true },
          NULL,
          "nothing",
          REASON_SHARED,
          0 },
        { "another row may need it",
          { GONE, .device = &live, .ours = true, .needed = true },
          NULL,
          "nothing",
          REASON_SHARED,
          0 },
        { "something is under way",
          { GONE, .device = &live, .ours = true, .op = OPERATION_READ_LOG },
          NULL,
          "nothing",
          REASON_BUSY,
          0 },
};

static const Case scopes[] = {
        { "only ours: others'", { GONE, .device = &live }, NULL, "forget", REASON_FOREIGN, 0 },
        { "only ours: others', excluded",
          { GONE, .device = &live, .claimed = true },
          NULL,
          "nothing",
          REASON_FOREIGN,
          0 },
        { "all: others'", { GONE, .device = &live }, &all, "disconnect", REASON_UNWANTED, 0 },
        { "all: others', unsure",
          { .actual_known = true, .unwanted_since = EARLIER, .device = &live },
          &all,
          "nothing",
          REASON_UNSURE,
          0 },
        { "all: of another transport",
          { GONE, .device = &live },
          &all_rdma,
          "forget",
          REASON_FOREIGN,
          0 },
        { "all: ours of another transport",
          { GONE, .device = &live, .ours = true },
          &all_rdma,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "none: ours",
          { GONE, .device = &live, .ours = true },
          &none,
          "nothing",
          REASON_SCOPE,
          0 },
        { "none: others'", { GONE, .device = &live }, &none, "forget", REASON_FOREIGN, 0 },
        { "all: somebody else's by the registry",
          { GONE, .device = &owned },
          &all,
          "forget",
          REASON_PROTECTED,
          0 },
        { "all: the boot firmware's",
          { GONE, .device = &live, .claimed = true, .firmware = true },
          &all,
          "nothing",
          REASON_PROTECTED,
          0 },
};

static const Case releasing[] = {
        { "ours is given up at once",
          { WANTED, .releasing = true, .device = &live, .ours = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "whatever else is known",
          { GONE_SINCE(NOW), .releasing = true, .device = &live, .ours = true },
          NULL,
          "disconnect",
          REASON_UNWANTED,
          0 },
        { "after a failure, in a while",
          { WANTED, .releasing = true, .device = &live, .ours = true, .disconnect_at = LATER },
          NULL,
          "wait",
          REASON_QUIET_TIME,
          LATER },
        { "others' stays",
          { WANTED, .releasing = true, .device = &live },
          NULL,
          "nothing",
          REASON_FOREIGN,
          0 },
        { "the boot firmware's stays",
          { WANTED, .releasing = true, .device = &live, .ours = true, .firmware = true },
          NULL,
          "nothing",
          REASON_PROTECTED,
          0 },
        { "once for all rows",
          { WANTED, .releasing = true, .device = &live, .ours = true, .shared = true },
          NULL,
          "nothing",
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

        if (!streq(decision_to_string(&d), c->decision) || d.reason != c->reason)
                fail_msg("%s: %s (%s), should be %s (%s)", c->what, decision_to_string(&d),
                         reason_to_string(d.reason), c->decision, reason_to_string(c->reason));
        if (d.at != (d.step == STEP_WAIT ? c->at : USEC_INFINITY))
                fail_msg("%s: waits until %llu", c->what, (unsigned long long) d.at);
}

static void test_decisions(void **state)
{
        for (size_t t = 0; t < ELEMENTSOF(tables); t++)
                for (size_t i = 0; i < tables[t].n; i++)
                        check(&tables[t].cases[i]);
}

static bool is_in_tables(const char *decision)
{
        for (size_t t = 0; t < ELEMENTSOF(tables); t++)
                for (size_t i = 0; i < tables[t].n; i++)
                        if (streq(tables[t].cases[i].decision, decision))
                                return true;
        return false;
}

static void test_nothing_is_left_out(void **state)
{
        static const Operation decided[] = {
                OPERATION_PROBE,    OPERATION_CONNECT,     OPERATION_DISCONNECT,
                OPERATION_REGISTER, OPERATION_DEREGISTER,  OPERATION_READ_SUPPORTED_LOGS,
                OPERATION_READ_LOG, OPERATION_READ_DEVICE,
        };
        bool reasons[_REASON_MAX] = { false };

        for (Step s = 0; s < _STEP_MAX; s++)
                assert_true(s == STEP_START ||
                            is_in_tables(decision_to_string(&(Decision) { .step = s })));
        for (size_t i = 0; i < ELEMENTSOF(decided); i++)
                assert_true(is_in_tables(operation_to_words(decided[i])));
        for (size_t t = 0; t < ELEMENTSOF(tables); t++)
                for (size_t i = 0; i < tables[t].n; i++)
                        reasons[tables[t].cases[i].reason] = true;
        for (Reason r = 0; r < _REASON_MAX; r++)
                assert_true(reasons[r]);
}

static void test_each_reason_has_a_text_of_its_own(void **state)
{
        for (Reason r = 0; r < _REASON_MAX; r++)
                for (Reason q = 0; q < r; q++)
                        assert_string_not_equal(reason_to_string(r), reason_to_string(q));
}

static void test_backoff_doubles_up_to_a_minute(void **state)
{
        static const unsigned seconds[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };

        for (unsigned n = 0; n < ELEMENTSOF(seconds); n++)
                for (uint64_t seed = 0; seed < 1000; seed++)
                        assert_in_range(backoff_delay(n, BACKOFF_MAX, seed),
                                        seconds[n] * USEC_PER_SEC * 3 / 4,
                                        seconds[n] * USEC_PER_SEC * 5 / 4);
        assert_in_range(backoff_delay(UINT32_MAX, BACKOFF_MAX, 1), 45 * USEC_PER_SEC,
                        75 * USEC_PER_SEC);
        assert_in_range(backoff_delay(8, BACKOFF_REFUSED_MAX, 1), 96 * USEC_PER_SEC,
                        160 * USEC_PER_SEC);
        assert_in_range(backoff_delay(UINT32_MAX, BACKOFF_REFUSED_MAX, 1), 900 * USEC_PER_SEC,
                        1500 * USEC_PER_SEC);
        assert_true(backoff_delay(3, BACKOFF_MAX, 1) == backoff_delay(3, BACKOFF_MAX, 1));
        assert_true(backoff_delay(3, BACKOFF_MAX, 1) != backoff_delay(3, BACKOFF_MAX, 2));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decisions),
                cmocka_unit_test(test_nothing_is_left_out),
                cmocka_unit_test(test_each_reason_has_a_text_of_its_own),
                cmocka_unit_test(test_backoff_doubles_up_to_a_minute),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
