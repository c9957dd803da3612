/* SPDX-License-Identifier: Apache-2.0 */

/* The installed example files: they document the defaults, and must be correct. */

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/configuration.h"
#include "codec/testing.h"
#include "io/file_text.h"

static const char *arg_folder;

static void read_example(const char *name, FileText *ret)
{
        char path[512];

        (void) snprintf(path, sizeof(path), "%s/%s", arg_folder, name);
        assert_int_equal(file_text_read(path, 1 << 20, ret), 0);
}

/* The file with every "#key=value" uncommented. Sections remain; an empty value documents a key
 * without a default of its own. */
static char *uncomment(const FileText *text, unsigned *ret_n_keys)
{
        _cleanup_free_ char *copy = strndup(text->data, text->n);
        TextBuffer b = { 0 };
        char *rest = copy;

        assert_non_null(copy);
        *ret_n_keys = 0;
        for (const char *line; (line = strsep(&rest, "\n"));) {
                const char *equals = strchr(line, '=');
                bool is_key = line[0] == '#' && line[1] >= 'a' && line[1] <= 'z' && equals;

                if (is_key && equals[1])
                        text_buffer_printf(&b, "%s\n", line + 1);
                else if (*line == '[')
                        text_buffer_printf(&b, "%s\n", line);
                *ret_n_keys += is_key;
        }
        return text_buffer_take(&b);
}

static void assert_nothing_found(const Diagnostics *d)
{
        _cleanup_free_ char *problems = diagnostics_to_text(d);

        assert_string_equal(problems, "");
}

static void check_daemon_file(const char *name, ControllerKind role, unsigned n_keys)
{
        _cleanup_(configuration_freep) Configuration *defaults = NULL, *c = NULL;
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        unsigned n;

        read_example(name, &text);
        assert_int_equal(configuration_new(role, &defaults), 0);
        assert_int_equal(configuration_new(role, &c), 0);
        assert_int_equal(configuration_parse(name, text.data, text.n, role, c, &d), 0);
        _cleanup_free_ char *effective = uncomment(&text, &n);
        assert_int_equal(configuration_parse(name, effective, strlen(effective), role, c, &d), 0);
        assert_nothing_found(&d);
        assert_int_equal(n, n_keys);

        assert_int_equal(c->tron, defaults->tron);
        assert_int_equal(c->lock_memory, defaults->lock_memory);
        assert_int_equal(c->policy.poll_minutes, defaults->policy.poll_minutes);
        assert_int_equal(c->policy.pleo, defaults->policy.pleo);
        assert_int_equal(c->zeroconf, defaults->zeroconf);
        assert_int_equal(c->persistent_connections, defaults->persistent_connections);
        assert_int_equal(c->zeroconf_persistence, defaults->zeroconf_persistence);
        assert_int_equal(c->n_controllers, 0);
        assert_int_equal(c->policy.ip_families, defaults->policy.ip_families);
        assert_int_equal(c->policy.excludes.n_rules, 0);
        assert_int_equal(c->policy.disconnect_scope, defaults->policy.disconnect_scope);
        assert_int_equal(c->policy.disconnect_transports, defaults->policy.disconnect_transports);
        assert_int_equal(c->policy.connect_attempts_on_ncc,
                         defaults->policy.connect_attempts_on_ncc);
        assert_int_equal(c->policy.disconnect_in_use_force,
                         defaults->policy.disconnect_in_use_force);
        assert_int_equal(c->policy.ignore_iface, defaults->policy.ignore_iface);
        for (int s = 0; s < _SETTING_MAX; s++) {
                int32_t value = c->policy.settings.value[s],
                        fallback = defaults->policy.settings.value[s];

                /* A value shown as zero is equivalent to an unset one. */
                if ((setting_info((Setting) s)->is_switch || s == SETTING_PERSISTENT) &&
                    fallback == SETTING_DEFAULT)
                        assert_true(value == SETTING_DEFAULT || value == 0);
                else
                        assert_int_equal(value, fallback);
        }
}

static void test_stafd(void **state)
{
        check_daemon_file("stafd.conf", CONTROLLER_DISCOVERY, 22);
}

static void test_stacd(void **state)
{
        check_daemon_file("stacd.conf", CONTROLLER_IO, 23);
}

/* The lines that document controller= and exclude=. */
static void check_examples(const char *name, ControllerKind role, size_t n_controllers,
                           size_t n_rules)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        read_example(name, &text);
        _cleanup_free_ char *copy = strndup(text.data, text.n);
        assert_non_null(copy);
        text_buffer_append(&b, "[Controllers]\n");
        char *rest = copy;
        for (const char *line; (line = strsep(&rest, "\n"));) {
                const char *example = text_after(line, "#   ");

                if (example &&
                    (text_after(example, "controller = ") || text_after(example, "exclude = ")))
                        text_buffer_printf(&b, "%s\n", example);
        }
        assert_int_equal(configuration_new(role, &c), 0);
        assert_int_equal(configuration_parse(name, b.data, b.length, role, c, &d), 0);
        assert_nothing_found(&d);
        assert_int_equal(c->n_controllers, n_controllers);
        assert_int_equal(c->policy.excludes.n_rules, n_rules);
}

static void test_examples(void **state)
{
        check_examples("stafd.conf", CONTROLLER_DISCOVERY, 4, 3);
        check_examples("stacd.conf", CONTROLLER_IO, 3, 3);
}

static void test_sys(void **state)
{
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_file_done) HostFile h = { 0 };
        unsigned n;

        read_example("sys.conf.doc", &text);
        _cleanup_free_ char *effective = uncomment(&text, &n);
        assert_int_equal(host_file_parse("sys.conf", effective, strlen(effective), &h, &d), 0);
        assert_nothing_found(&d);
        assert_int_equal(n, 4);
        assert_string_equal(h.nqn, "file:///etc/nvme/hostnqn");
        assert_string_equal(h.id, "file:///etc/nvme/hostid");
        assert_string_equal(h.key, "file:///etc/nvme/hostkey");
        assert_null(h.symname);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_stafd),
                cmocka_unit_test(test_stacd),
                cmocka_unit_test(test_examples),
                cmocka_unit_test(test_sys),
        };

        if (argc != 2)
                return 1;
        arg_folder = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
