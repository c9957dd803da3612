/* SPDX-License-Identifier: Apache-2.0 */

/* How many discovery controllers of stafd's there is a place for. */

#include "source/dc_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"

static void take(SourceSet *set, const char *key, void *userdata)
{
        SourceState *list = userdata;

        if (set && streq(key, STAFD_SOURCE_KEY))
                *list = set->state;
        (void) source_set_free(set);
}

/* 10.x.0.1 and on. */
static StafdList make_list(unsigned x)
{
        StafdList l = { .complete = true };
        char traddr[32];

        l.items = calloc(STAFD_CONTROLLERS_MAX, sizeof(*l.items));
        assert_non_null(l.items);
        for (size_t i = 0; i < STAFD_CONTROLLERS_MAX; i++) {
                StafdListed *item = &l.items[l.n_items++];
                (void) snprintf(traddr, sizeof(traddr), "10.%u.%zu.%zu", x, i / 250, i % 250 + 1);
                const TidFields f = { .transport = "tcp", .traddr = traddr };
                assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &item->tid), 0);
                item->device = strdup("");
                item->state = SOURCE_COMPLETE;
        }
        return l;
}

/* Those of before stay until the new ones were read: they take nobody's place meanwhile. */
static void test_all_are_others_now(void **state)
{
        sd_event *event = NULL;
        DcTable t = { 0 };
        SourceState told = _SOURCE_STATE_INVALID;

        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(dc_table_init(&t, NULL, event, take, &told), 0);
        assert_int_equal(dc_table_set_host(&t, "nqn.host", false), 0);
        for (unsigned x = 0; x < 2; x++) {
                StafdList l = make_list(x);
                assert_int_equal(dc_table_apply(&t, &l, false), 0);
                stafd_list_done(&l);
                assert_int_equal(told, SOURCE_COMPLETE);
        }
        size_t n_listed = 0;
        for (size_t i = 0; i < t.n_dcs; i++)
                n_listed += t.dcs[i]->is_listed;
        assert_int_equal(n_listed, STAFD_CONTROLLERS_MAX);
        dc_table_done(&t);
        sd_event_unref(event);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_are_others_now),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
