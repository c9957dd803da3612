/* SPDX-License-Identifier: Apache-2.0 */

/* The keys and values of a controller in lists. */

#include "explain/describe.h"

#include "base/text.h"
#include "plan/test-story.h"

/* In a list there is room for one: whose it is, is said. */
static void test_a_list_says_whose_error_it_is(void **state)
{
        static const struct {
                int probe, connect;
                const char *text;
        } cases[] = {
                { -ECONNREFUSED, 0,
                  "no answer from its portal: connection refused: nothing listens at this address "
                  "and service" },
                { -ENFILE, 0,
                  "its portal could not be probed: this host has no file descriptor left "
                  "(fs.file-max)" },
                { 0, -EKEYREJECTED, "authentication failed: the key is wrong" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_properties_ Properties p = { 0 };
                STORY(CONTROLLER_IO);
                const HostIdentity host = { .nqn = (char *) "nqn.host", .id = (char *) "" };
                const Explainer x = { .engine = s.engine, .now = s.now, .host = &host };

                s.by_hand = true;
                story_say(&s, "config", SOURCE_COMPLETE, "a");
                end_probe(s.engine, story_take(&s, OPERATION_PROBE), cases[i].probe, s.now);
                (void) story_plan(&s);
                if (cases[i].probe == 0)
                        end_connect(s.engine, story_take(&s, OPERATION_CONNECT), cases[i].connect,
                                    -1, 0, s.now);
                assert_int_equal(describe_controller(&x, story_find(&s, "a"), true, &p), 0);
                assert_string_equal(text_or(properties_get(&p, "last error"), "(none)"),
                                    cases[i].text);
        }
}

static bool has_namespaces(const Device *device, void *userdata)
{
        return device->instance != 3;
}

static DeviceState read_state(const Device *device, void *userdata)
{
        const DeviceState *state = userdata;

        return *state;
}

static void expect_namespaces(const Explainer *x, const Story *s, const char *value,
                              const char *why)
{
        _cleanup_properties_ Properties p = { 0 };
        _cleanup_properties_list_ PropertiesList l = { 0 };

        assert_int_equal(describe_controller(x, story_find(s, "a"), true, &p), 0);
        assert_string_equal(text_or(properties_get(&p, "namespaces"), "(some)"), value);
        assert_int_equal(explain_controllers(x, "nqn.2024-01.lab:a", &l), 0);
        assert_string_equal(text_or(properties_get(&l.items[0], "namespaces"), "(some)"), value);
        assert_string_equal(properties_get(&l.items[0], "why"), why);
}

/* Connected as wanted, and of no use; while it is not live, that comes first. */
static void test_no_namespaces(void **state)
{
        DeviceState current = DEVICE_LIVE;
        const HostIdentity host = { .nqn = (char *) "nqn.host", .id = (char *) "" };
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        (void) story_plan(&s);
        Explainer x = {
                .engine = s.engine,
                .now = s.now,
                .host = &host,
                .read_state = read_state,
                .userdata = &current,
        };

        expect_namespaces(&x, &s, "(some)", "wanted and connected");
        x.has_namespaces = has_namespaces;
        expect_namespaces(&x, &s, "none",
                          "wanted and connected; live, the kernel shows no namespaces");
        current = DEVICE_CONNECTING;
        expect_namespaces(&x, &s, "(some)",
                          "wanted and connected; the kernel has lost the connection and is "
                          "reconnecting it");
}

/* Whatever its log or its registration waits for. */
static void test_a_lost_connection_comes_first(void **state)
{
        DeviceState current = DEVICE_CONNECTING;
        uint64_t op_id = 0;
        STORY(CONTROLLER_DISCOVERY);
        const Explainer x = {
                .engine = s.engine,
                .now = s.now,
                .read_state = read_state,
                .userdata = &current,
        };

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        for (int i = 0; i < 3; i++) { /* about to be read, being read, to be read again */
                _cleanup_properties_list_ PropertiesList l = { 0 };

                assert_int_equal(explain_controllers(&x, "nvme3", &l), 0);
                assert_string_equal(properties_get(&l.items[0], "why"),
                                    "wanted and connected; the kernel has lost the connection and "
                                    "is reconnecting it");
                if (i == 0)
                        op_id = story_take(&s, OPERATION_READ_LOG);
                else
                        end_read_log(s.engine, op_id, -EINTR, 0, NULL, s.now);
                (void) story_plan(&s);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_list_says_whose_error_it_is),
                cmocka_unit_test(test_no_namespaces),
                cmocka_unit_test(test_a_lost_connection_comes_first),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
