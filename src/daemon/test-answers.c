/* SPDX-License-Identifier: Apache-2.0 */

/* The changes of stafd's discovery controllers that stacd receives. */

#include <stdio.h>

#include "base/text.h"
#include "bus/publication.h"
#include "daemon/daemon.h"
#include "plan/test-story.h"
#include "source/stafd_log.h"

static void free_sources(LogPages *pages, size_t n)
{
        for (size_t i = 0; i < n; i++)
                log_pages_done(&pages[i]);
        free(pages);
}

static bool lists(const LogPages *pages, size_t n, const char *traddr)
{
        for (size_t i = 0; i < n; i++)
                if (streq(properties_get(&pages[i].id, "traddr"), traddr))
                        return true;
        return false;
}

/* 10.0.0.1 and following, and one that is connected. */
static void announce(Story *s, size_t n, const char *connected)
{
        SourceSet *set = story_set(s, "mdns", SOURCE_DISCOVERED, SOURCE_COMPLETE, connected);
        char name[32];

        for (size_t i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "x@10.0.%zu.%zu", i / 250, i % 250 + 1);
                assert_non_null(source_set_add(set, story_tid(s, name), "mDNS"));
        }
        source_set_seal(set);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static void test_what_stacd_takes_is_configured_and_connected_first(void **state)
{
        static const DaemonType type = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
        STORY(CONTROLLER_DISCOVERY);
        Daemon d = { .type = &type, .engine = s.engine };
        LogPages *pages;
        bool complete;
        size_t n;

        announce(&s, 0, "x@192.0.2.1");
        story_connect_as(&s, 0, 1, "x@192.0.2.1");
        announce(&s, STAFD_CONTROLLERS_MAX - 2, "x@192.0.2.1");
        story_say(&s, "config", SOURCE_COMPLETE, "x@192.0.2.2");
        assert_int_equal(answers_backend_staf.list_sources(&d, &complete, &pages, &n), 0);
        assert_int_equal(n, STAFD_CONTROLLERS_MAX);
        assert_true(complete);
        free_sources(pages, n);

        announce(&s, STAFD_CONTROLLERS_MAX + 10, "x@192.0.2.1");
        assert_int_equal(answers_backend_staf.list_sources(&d, &complete, &pages, &n), 0);
        assert_int_equal(n, STAFD_CONTROLLERS_MAX);
        assert_false(complete);
        assert_true(lists(pages, n, "192.0.2.1"));
        assert_true(lists(pages, n, "192.0.2.2"));
        assert_true(lists(pages, n, "10.0.0.1"));
        free_sources(pages, n);
        repeats_done(&d.repeats);
}

/* Fetches all pages from *at; returns the number of discovery controllers listed so far. */
static size_t follow(Daemon *d, LogCursor *at, bool *ret_complete, size_t *n)
{
        bool more;

        do {
                _cleanup_log_changes_ LogChanges page = { 0 };
                assert_int_equal(answers_backend_staf.list_changes(d, *at, &page), 0);
                assert_true(page.n_logs + page.n_gone <= STAFD_CONTROLLERS_MAX);
                *n += page.n_logs;
                *n -= page.n_gone;
                *at = page.next;
                *ret_complete = page.complete;
                more = page.more;
        } while (more);
        return *n;
}

static void test_changes_are_of_what_is_listed(void **state)
{
        static const DaemonType type = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
        STORY(CONTROLLER_DISCOVERY);
        Daemon d = { .type = &type, .engine = s.engine };
        LogCursor at = { 0 };
        bool complete;
        size_t n = 0;

        assert_true(sd_event_new(&d.loop.event) >= 0);
        announce(&s, 3, "x@192.0.2.1");
        assert_int_equal(follow(&d, &at, &complete, &n), 4);
        assert_true(complete);
        announce(&s, 2, "x@192.0.2.1");
        assert_int_equal(follow(&d, &at, &complete, &n), 3);
        announce(&s, STAFD_CONTROLLERS_MAX + 10, "x@192.0.2.1");
        assert_int_equal(follow(&d, &at, &complete, &n), STAFD_CONTROLLERS_MAX);
        assert_false(complete);
        (void) publication_free(d.publication);
        sd_event_unref(d.loop.event);
        repeats_done(&d.repeats);
}

/* The size is checked before the whole answer is built; the identities alone fit, and then each on
 * its own. */
static void test_more_than_one_message_can_carry_is_refused(void **state)
{
        static const DaemonType type = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
        HostIdentity host = { .nqn = (char *) "nqn.host", .id = (char *) "host" };
        Configuration configuration = { 0 };
        const size_t n = 80000;
        STORY(CONTROLLER_DISCOVERY);
        Daemon d = { .type = &type,
                     .engine = s.engine,
                     .inputs = { .configuration = &configuration, .host = &host } };
        const BusBackend *b = &answers_backend_staf;
        PropertiesList list = { 0 };
        char *json;

        announce(&s, n - 1, "x@192.0.2.1");
        assert_int_equal(b->list_controllers(&d, true, &list), -ENOBUFS);
        assert_int_equal(list.n_items, 0);
        assert_int_equal(b->get_all_log_pages(&d, true, &json), -ENOBUFS);
        assert_int_equal(b->explain(&d, "", &list), -ENOBUFS);
        assert_int_equal(b->list_controllers(&d, false, &list), 0);
        assert_int_equal(list.n_items, n);
        properties_list_done(&list);
}

static bool process_info_has(Daemon *d, const char *text)
{
        _cleanup_free_ char *json = NULL;

        assert_int_equal(answers_backend_staf.process_info(d, &json), 0);
        return strstr(json, text) != NULL;
}

static void test_status_says_what_removals_wait_for(void **state)
{
        static const DaemonType type = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
        HostIdentity host = { .nqn = (char *) "nqn.host", .id = (char *) "id" };
        char error_at[] = "stafd.conf:7";
        Daemon d = { .type = &type, .inputs.host = &host };

        assert_false(process_info_has(&d, "\"configuration\""));
        d.inputs.error_at = error_at;
        assert_true(process_info_has(&d, "\"removals wait because of an error in stafd.conf:7\""));
}

/* A host name matches its address; until it is resolved it has a row of its own. */
static void test_a_host_name(void **state)
{
        static const DaemonType type = { .name = "stacd", .role = CONTROLLER_IO };
        ControllerLine line = {
                .transport = (char *) "tcp",
                .traddr = (char *) "storage1",
                .subsysnqn = (char *) "nqn.2024-01.lab:x",
                .where = (char *) "/etc/stas/stacd.conf:3",
        };
        Configuration configuration = { .controllers = &line, .n_controllers = 1 };
        HostIdentity host = { .nqn = (char *) "nqn.host" };
        STORY(CONTROLLER_IO);
        Daemon d = { .type = &type,
                     .engine = s.engine,
                     .inputs = { .configuration = &configuration, .host = &host } };
        _cleanup_properties_list_ PropertiesList before = { 0 }, after = { 0 }, plan = { 0 };
        const HostName *h;

        story_say(&s, "config", SOURCE_COMPLETE, "b");
        assert_int_equal(host_names_set(&d.names, &line, 1, s.now), 0);
        uint64_t op_id = host_names_begin(&d.names, s.now)->op_id;
        assert_int_equal(answers_backend_stac.explain(&d, "Storage1", &before), 0);
        assert_int_equal(before.n_items, 1);
        assert_string_equal(properties_get(&before.items[0], "sources"),
                            "/etc/stas/stacd.conf:3 [configured]");
        assert_int_equal(answers_backend_stac.plan(&d, &plan), 0);
        assert_int_equal(plan.n_items, 2);
        assert_string_equal(properties_get(&plan.items[1], "verb"), "resolve");

        (void) host_names_end(&d.names, op_id, 0, "192.0.2.1", s.now, &h);
        assert_int_equal(answers_backend_stac.explain(&d, "Storage1", &after), 0);
        assert_int_equal(after.n_items, 1);
        assert_string_equal(properties_get(&after.items[0], "subsysnqn"), "nqn.2024-01.lab:b");
        host_names_done(&d.names);
}

static void add_entry(DiscoveryLog *log, DlpeSubtype subtype, uint8_t treq, uint8_t sectype,
                      const char *traddr)
{
        log->entries = realloc(log->entries, (log->n_entries + 1) * sizeof(*log->entries));
        assert_non_null(log->entries);
        log->entries[log->n_entries++] = (DlpEntry) {
                .trtype = DLPE_TRTYPE_TCP,
                .adrfam = 1,
                .subtype = subtype,
                .treq = treq,
                .sectype = sectype,
                .trsvcid = "4420",
                .subnqn = strdup("nqn.x"),
                .traddr = strdup(traddr),
        };
}

/* "treq requirements sectype not-used;" of each entry. */
static char *list_entries(const LogPages *pages)
{
        static const char *const keys[] = { "treq", "requirements", "sectype", "not used" };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < pages->entries.n_items; i++)
                for (size_t k = 0; k < ELEMENTSOF(keys); k++)
                        text_buffer_printf(
                                &b, "%s%s",
                                text_or(properties_get(&pages->entries.items[i], keys[k]), "-"),
                                k + 1 < ELEMENTSOF(keys) ? "|" : ";");
        return text_buffer_take(&b);
}

/* The interface of 2.4 has what Python gives, and nothing else. */
static void test_entries_of_a_log(void **state)
{
        static const DaemonType type = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
        HostIdentity host = { .nqn = (char *) "" };
        _cleanup_(log_pages_done) LogPages all = { 0 }, python = { 0 };
        DiscoveryLog *log = calloc(1, sizeof(*log));
        STORY(CONTROLLER_DISCOVERY);
        Daemon d = { .type = &type, .engine = s.engine, .inputs.host = &host };
        TidFields id;

        assert_non_null(log);
        story_say(&s, "config", SOURCE_COMPLETE, "dc");
        story_connect_as(&s, 0, 1, "dc");
        tid_fields(story_find(&s, "dc")->tid, &id);
        add_entry(log, DLPE_NVME, 5, 2, "192.0.2.5");
        add_entry(log, DLPE_NVME, 4, 0, "0.0.0.0");
        add_entry(log, DLPE_REFERRAL, 0, 0, "::");
        add_entry(log, DLPE_DISCOVERY, 0, 0, "0.0.0.0");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, log, s.now);

        assert_int_equal(answers_backend_staf.read_log_pages(&d, &id, &all), 0);
        _cleanup_free_ char *text = list_entries(&all);
        assert_string_equal(text, "5|required, disable sqflow|tls1.3|-;"
                                  "disable sqflow|disable sqflow|none|its address is unspecified;"
                                  "not specified|not specified|none|its address is unspecified;"
                                  "not specified|not specified|none|-;");
        assert_int_equal(answers_backend_staf.get_log_pages(&d, &id, &python), 0);
        _cleanup_free_ char *python_text = list_entries(&python);
        assert_string_equal(python_text, "5|-|-|-;disable sqflow|-|-|-;not specified|-|-|-;"
                                         "not specified|-|-|-;");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_stacd_takes_is_configured_and_connected_first),
                cmocka_unit_test(test_changes_are_of_what_is_listed),
                cmocka_unit_test(test_more_than_one_message_can_carry_is_refused),
                cmocka_unit_test(test_status_says_what_removals_wait_for),
                cmocka_unit_test(test_a_host_name),
                cmocka_unit_test(test_entries_of_a_log),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
