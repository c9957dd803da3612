/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/engine-input.h"

#include "base/text.h"
#include "plan/test-story.h"

/* Passes all inputs through engine_take(). */
static void give(Story *s, EngineInput in)
{
        in.now = s->now;
        assert_int_equal(engine_take(s->engine, &in), 0);
        assert_true(!in.set && !in.completion.device && !in.policy);
}

static void test_a_story_of_inputs(void **state)
{
        STORY(CONTROLLER_IO);

        give(&s, (EngineInput) {
                         .kind = INPUT_SET_SOURCE,
                         .set = story_set(&s, "config", SOURCE_CONFIGURED, SOURCE_COMPLETE, "a"),
                 });
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        give(&s, (EngineInput) { .kind = INPUT_KERNEL_EVENT, .event = KERNEL_CONNECTED });
        give(&s, (EngineInput) { .kind = INPUT_COMPLETE,
                                 .completion = { .operation = OPERATION_CONNECT,
                                                 .op_id = op_id,
                                                 .inode = 7 } });
        op_id = story_take(&s, OPERATION_READ_DEVICE);
        give(&s, (EngineInput) {
                         .kind = INPUT_COMPLETE,
                         .completion = { .operation = OPERATION_READ_DEVICE,
                                         .op_id = op_id,
                                         .device = story_device(&s, 0, 7, "a") },
                 });
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED);

        give(&s, (EngineInput) { .kind = INPUT_DROP_SOURCE, .key = "config" });
        story_wait_for(&s, PLAN_QUIET_USEC);
        op_id = story_take(&s, OPERATION_DISCONNECT);
        give(&s, (EngineInput) {
                         .kind = INPUT_COMPLETE,
                         .completion = { .operation = OPERATION_DISCONNECT, .op_id = op_id },
                 });
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

static void test_what_the_engine_does_not_take_stays(void **state)
{
        STORY(CONTROLLER_IO);

        EngineInput in = { .kind = INPUT_REMEMBER, .tid = story_tid(&s, "a"), .key = strdup("x") };
        assert_int_equal(engine_take(s.engine, &in), 0);
        assert_non_null(in.tid);
        engine_input_done(&in);
        assert_null(in.tid);
}

/* Completions with an ID that is not in use, or that belongs to another operation. */
static void test_a_completion_of_nothing_does_nothing(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t connect = story_take(&s, OPERATION_CONNECT);
        for (Operation o = 0; o < _OPERATION_MAX; o++) {
                if (o != OPERATION_CONNECT)
                        give(&s, (EngineInput) {
                                         .kind = INPUT_COMPLETE,
                                         .completion = { .operation = o, .op_id = connect },
                                 });
                give(&s, (EngineInput) { .kind = INPUT_COMPLETE,
                                         .completion = { .operation = o, .op_id = UINT64_MAX } });
        }
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_BUSY);
}

static char *describe(const Action *a)
{
        _cleanup_properties_ Properties p = { 0 };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        assert_int_equal(action_describe(a, &p), 0);
        for (size_t i = 0; i < p.n_items; i++)
                text_buffer_printf(&b, "%s=%s ", p.items[i].key, p.items[i].value);
        return text_buffer_take(&b);
}

static void expect_description(const Action *a, const char *expected)
{
        _cleanup_free_ char *text = describe(a);

        assert_string_equal(text, expected);
}

static void test_actions_are_described_in_full(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        Row c = { .tid = (Tid *) story_find(&s, "a")->tid };
        Action a = { .operation = OPERATION_CONNECT, .op_id = 3, .instance = -1, .row = &c };
        settings_init(&a.settings);
        a.settings.value[SETTING_KATO] = 0;
        a.settings.value[SETTING_CTRL_LOSS_TMO] = -1;
        expect_description(&a, "action=connect op=3 controller=(tcp, 192.0.2.1, 4420, "
                               "nqn.2024-01.lab:a) settings=kato=0 ctrl-loss-tmo=-1 ");
        expect_description(&(Action) { .operation = OPERATION_PROBE,
                                       .op_id = 4,
                                       .instance = -1,
                                       .timeout = 1500,
                                       .row = &c },
                           "action=probe op=4 controller=(tcp, 192.0.2.1, 4420, "
                           "nqn.2024-01.lab:a) timeout=1500 ");
        expect_description(&(Action) { .operation = OPERATION_CANCEL_PROBE,
                                       .op_id = 5,
                                       .instance = -1,
                                       .cancels = 4 },
                           "action=cancel-probe op=5 cancels=4 ");
        expect_description(
                &(Action) {
                        .operation = OPERATION_DISCONNECT, .op_id = 6, .inode = 9, .force = true },
                "action=disconnect op=6 device=nvme0 inode=9 force=True ");
        expect_description(
                &(Action) { .operation = OPERATION_READ_LOG, .op_id = 7, .log_options = 2 },
                "action=read-log op=7 device=nvme0 options=2 ");
        expect_description(
                &(Action) { .operation = OPERATION_READ_DEVICE, .op_id = 8, .any_kind = true },
                "action=read-device op=8 device=nvme0 any kind=True ");
}

static void test_each_kind_has_a_name(void **state)
{
        for (Operation o = 0; o < _OPERATION_MAX; o++) {
                _cleanup_properties_ Properties p = { 0 };
                assert_int_equal(action_describe(&(Action) { .operation = o }, &p), 0);
                assert_string_not_equal(p.items[0].value, "");
        }
        for (NoteKind kind = 0; kind < _NOTE_KIND_MAX; kind++) {
                _cleanup_properties_ Properties p = { 0 };
                assert_int_equal(note_describe(&(Note) { .kind = kind }, &p), 0);
                assert_string_not_equal(p.items[0].value, "");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_story_of_inputs),
                cmocka_unit_test(test_what_the_engine_does_not_take_stays),
                cmocka_unit_test(test_a_completion_of_nothing_does_nothing),
                cmocka_unit_test(test_actions_are_described_in_full),
                cmocka_unit_test(test_each_kind_has_a_name),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
