/* SPDX-License-Identifier: Apache-2.0 */

#include "model/settings.h"

#include "base/testing.h"

static void test_keys_and_options(void **state)
{
        static const struct {
                Setting setting;
                const char *key, *option;
        } cases[] = {
                { SETTING_KATO, "kato", "keep_alive_tmo" },
                { SETTING_QUEUE_SIZE, "queue-size", "queue_size" },
                { SETTING_RECONNECT_DELAY, "reconnect-delay", "reconnect_delay" },
                { SETTING_CTRL_LOSS_TMO, "ctrl-loss-tmo", "ctrl_loss_tmo" },
                { SETTING_FAST_IO_FAIL_TMO, "fast-io-fail-tmo", "fast_io_fail_tmo" },
                { SETTING_TOS, "tos", "tos" },
                { SETTING_NR_IO_QUEUES, "nr-io-queues", "nr_io_queues" },
                { SETTING_NR_WRITE_QUEUES, "nr-write-queues", "nr_write_queues" },
                { SETTING_NR_POLL_QUEUES, "nr-poll-queues", "nr_poll_queues" },
                { SETTING_HDR_DIGEST, "hdr-digest", "hdr_digest" },
                { SETTING_DATA_DIGEST, "data-digest", "data_digest" },
                { SETTING_DISABLE_SQFLOW, "disable-sqflow", "disable_sqflow" },
                { SETTING_DUPLICATE_CONNECT, "duplicate-connect", "duplicate_connect" },
                { SETTING_PERSISTENT, "persistent", "" },
        };
        assert_int_equal(ELEMENTSOF(cases), _SETTING_MAX);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(setting_from_key(cases[i].key), cases[i].setting);
                assert_string_equal(setting_info(cases[i].setting)->key, cases[i].key);
                assert_string_equal(setting_info(cases[i].setting)->option, cases[i].option);
        }
        assert_int_equal(setting_from_key("hdr_digest"), _SETTING_INVALID);
        assert_int_equal(setting_from_key(NULL), _SETTING_INVALID);
}

static void test_values(void **state)
{
        static const struct {
                Setting setting;
                const char *s;
                int r, value;
        } cases[] = {
                { SETTING_KATO, "0", 0, 0 },
                { SETTING_KATO, "30", 0, 30 },
                { SETTING_KATO, "-1", -ERANGE, 0 },
                { SETTING_KATO, "30s", -EINVAL, 0 },
                { SETTING_KATO, "", -EINVAL, 0 },
                { SETTING_QUEUE_SIZE, "15", -ERANGE, 0 },
                { SETTING_QUEUE_SIZE, "16", 0, 16 },
                { SETTING_QUEUE_SIZE, "1024", 0, 1024 },
                { SETTING_QUEUE_SIZE, "1025", -ERANGE, 0 },
                { SETTING_RECONNECT_DELAY, "0", -ERANGE, 0 },
                { SETTING_RECONNECT_DELAY, "1", 0, 1 },
                { SETTING_CTRL_LOSS_TMO, "-1", 0, -1 },
                { SETTING_CTRL_LOSS_TMO, "-2", -ERANGE, 0 },
                { SETTING_CTRL_LOSS_TMO, "0", 0, 0 },
                { SETTING_CTRL_LOSS_TMO, "2147483647", 0, INT32_MAX },
                { SETTING_CTRL_LOSS_TMO, "2147483648", -ERANGE, 0 },
                { SETTING_NR_IO_QUEUES, "0", -ERANGE, 0 },
                { SETTING_NR_IO_QUEUES, "1", 0, 1 },
                { SETTING_NR_WRITE_QUEUES, "0", -ERANGE, 0 },
                { SETTING_NR_POLL_QUEUES, "0", -ERANGE, 0 },
                { SETTING_HDR_DIGEST, "true", 0, 1 },
                { SETTING_HDR_DIGEST, "false", 0, 0 },
                { SETTING_HDR_DIGEST, "2", -EINVAL, 0 },
                { SETTING_DATA_DIGEST, "yes", 0, 1 },
                { SETTING_DISABLE_SQFLOW, "1", 0, 1 },
                { SETTING_PERSISTENT, "no", 0, PERSISTENT_NO },
                { SETTING_PERSISTENT, "auto", 0, PERSISTENT_AUTO },
                { SETTING_PERSISTENT, "force", 0, PERSISTENT_FORCE },
                { SETTING_PERSISTENT, "1", -EINVAL, 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Settings s;
                settings_init(&s);
                assert_int_equal(settings_parse(&s, cases[i].setting, cases[i].s), cases[i].r);
                assert_int_equal(s.value[cases[i].setting],
                                 cases[i].r < 0 ? SETTING_DEFAULT : cases[i].value);
        }
}

static void test_notation_of_later_versions(void **state)
{
        static const struct {
                Setting setting;
                const char *s;
                int r, value;
        } cases[] = {
                { SETTING_KATO, "0x1e", 0, 30 },
                { SETTING_KATO, "0X1E", 0, 30 },
                { SETTING_KATO, "30", 0, 30 },
                { SETTING_KATO, "0x", -EINVAL, SETTING_DEFAULT },
                { SETTING_KATO, "0x1g", -EINVAL, SETTING_DEFAULT },
                { SETTING_KATO, "0x-1", -EINVAL, SETTING_DEFAULT },
                { SETTING_KATO, "0x80000000", -ERANGE, SETTING_DEFAULT },
                { SETTING_KATO, "0x10000000000000000", -ERANGE, SETTING_DEFAULT },
                { SETTING_QUEUE_SIZE, "0xf", -ERANGE, SETTING_DEFAULT },
                { SETTING_TOS, "0xff", 0, 255 },
                { SETTING_TOS, "256", -ERANGE, SETTING_DEFAULT },
                { SETTING_FAST_IO_FAIL_TMO, "-1", 0, -1 },
                { SETTING_KATO, "", 0, SETTING_RESET },
                { SETTING_HDR_DIGEST, "", 0, SETTING_RESET },
                { SETTING_HDR_DIGEST, "Y", 0, 1 },
                { SETTING_HDR_DIGEST, "t", 0, 1 },
                { SETTING_HDR_DIGEST, "f", 0, 0 },
                { SETTING_HDR_DIGEST, "n", 0, 0 },
                { SETTING_HDR_DIGEST, "x", -EINVAL, SETTING_DEFAULT },
                { SETTING_HDR_DIGEST, "0x1", -EINVAL, SETTING_DEFAULT },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Settings s;
                settings_init(&s);
                assert_int_equal(settings_parse_more(&s, cases[i].setting, cases[i].s), cases[i].r);
                assert_int_equal(s.value[cases[i].setting], cases[i].value);
        }
}

static void test_reset_hides_the_inherited_value(void **state)
{
        Settings base, over;

        settings_init(&base);
        settings_init(&over);
        base.value[SETTING_KATO] = 30;
        over.value[SETTING_KATO] = SETTING_RESET;
        assert_int_equal(settings_over(&base, &over).value[SETTING_KATO], SETTING_RESET);
        assert_int_equal(settings_merge(&base, &over).value[SETTING_KATO], SETTING_DEFAULT);
}

static void test_given_wins_over_inherited(void **state)
{
        Settings base, over;
        settings_init(&base);
        settings_init(&over);
        base.value[SETTING_KATO] = 30;
        base.value[SETTING_HDR_DIGEST] = 1;
        over.value[SETTING_KATO] = 5;
        over.value[SETTING_DATA_DIGEST] = 0;

        Settings merged = settings_merge(&base, &over);
        assert_int_equal(merged.value[SETTING_KATO], 5);
        assert_int_equal(merged.value[SETTING_HDR_DIGEST], 1);
        assert_int_equal(merged.value[SETTING_DATA_DIGEST], 0);
        assert_int_equal(merged.value[SETTING_QUEUE_SIZE], SETTING_DEFAULT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_keys_and_options),
                cmocka_unit_test(test_values),
                cmocka_unit_test(test_notation_of_later_versions),
                cmocka_unit_test(test_reset_hides_the_inherited_value),
                cmocka_unit_test(test_given_wins_over_inherited),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
