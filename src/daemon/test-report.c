/* SPDX-License-Identifier: Apache-2.0 */

/* What the journal is told, whatever comes together in one plan. */

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "plan/test-story.h"

static void exclude(Story *s, const char *nqn)
{
        const TidFields fields = { .subsysnqn = nqn };
        Policy *p = make_policy(s);

        assert_int_equal(nqn ? exclude_list_add(&p->excludes, &fields, "stacd.conf:3") : 0, 0);
        engine_set_policy(s->engine, p, s->now);
}

/* One reload takes away a rule and what it excluded: by the time it is told that the controller is
 * wanted, nobody wants it. */
static void test_wanted_for_a_moment(void **state)
{
        static const DaemonType type = { .name = "stacd", .role = CONTROLLER_IO };
        STORY(CONTROLLER_IO);
        Daemon d = { .type = &type, .engine = s.engine };

        log_set_debug(true);
        exclude(&s, "nqn.2024-01.lab:a");
        say(&s, "config", SOURCE_COMPLETE, "a");
        expect_nothing(&s);

        exclude(&s, NULL);
        say(&s, "config", SOURCE_COMPLETE, "");
        expect_nothing(&s);
        assert_int_equal(count_notes(&s, NOTE_WANTED), 1);
        for (size_t i = 0; i < s.plan->n_notes; i++)
                report_note(&d, &s.plan->notes[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_wanted_for_a_moment),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
