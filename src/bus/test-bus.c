/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/bus.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/service.h"
#include "bus/test-private-bus.h"

#define KNOWN "tcp", "192.0.2.1", "8009", NQN_DISCOVERY, "192.0.2.9", "eth0", "nqn.host"

/* State of the daemon behind the bus: one controller, 192.0.2.1. */
typedef struct Fake {
        bool tron, detailed, complete;
        size_t large; /* size of a string in bytes */
        int reload_error, plan_error;
        unsigned n_reloads;
} Fake;

static bool is_known(const TidFields *id)
{
        return streq(id->transport, "tcp") && streq(id->traddr, "192.0.2.1") &&
               streq(id->trsvcid, "8009") && streq(id->subsysnqn, NQN_DISCOVERY) &&
               streq(id->host_traddr, "192.0.2.9") && streq(id->host_iface, "eth0") &&
               streq(id->host_nqn, "nqn.host");
}

static void describe_controller(Properties *p)
{
        assert_int_equal(properties_add(p, "transport", "tcp"), 0);
        assert_int_equal(properties_add(p, "traddr", "192.0.2.1"), 0);
        assert_int_equal(properties_add(p, "trsvcid", "8009"), 0);
        assert_int_equal(properties_add(p, "subsysnqn", NQN_DISCOVERY), 0);
        assert_int_equal(properties_add(p, "host-traddr", "192.0.2.9"), 0);
        assert_int_equal(properties_add(p, "host-iface", "eth0"), 0);
        assert_int_equal(properties_add(p, "host-nqn", "nqn.host"), 0);
        assert_int_equal(properties_add(p, "device", "nvme7"), 0);
}

static char *make_large(const Fake *f)
{
        char *text = malloc(f->large + 1);

        assert_non_null(text);
        memset(text, 'x', f->large);
        text[f->large] = '\0';
        return text;
}

static int fake_list_controllers(void *userdata, bool detailed, PropertiesList *ret)
{
        Fake *f = userdata;
        Properties *p = properties_list_add(ret);

        f->detailed = detailed;
        describe_controller(p);
        if (f->large > 0) {
                _cleanup_free_ char *text = make_large(f);
                assert_int_equal(properties_add(p, "model", text), 0);
        }
        if (detailed)
                assert_int_equal(properties_add(p, "model", "bad \xff\xfe name \xef\xbf\xbe"), 0);
        return 0;
}

static int fake_controller_info(void *userdata, const TidFields *id, char **ret)
{
        if (!is_known(id))
                return -ENOENT;
        *ret = strdup("{\"device\": \"nvme7\"}");
        return 0;
}

static int fake_process_info(void *userdata, char **ret)
{
        *ret = strdup("{\"tron\": false}");
        return 0;
}

static bool fake_get_tron(void *userdata)
{
        return ((Fake *) userdata)->tron;
}

static void fake_set_tron(void *userdata, bool on)
{
        ((Fake *) userdata)->tron = on;
}

static const char *fake_log_level(void *userdata)
{
        return ((Fake *) userdata)->tron ? "DEBUG" : "INFO";
}

static int fake_get_all_log_pages(void *userdata, bool detailed, char **ret)
{
        Fake *f = userdata;

        f->detailed = detailed;
        *ret = f->large > 0 ? make_large(f) : strdup("[]");
        return 0;
}

static int fake_get_log_pages(void *userdata, const TidFields *id, LogPages *ret)
{
        if (!is_known(id))
                return -ENOENT;
        ret->state = "complete";
        ret->generation = UINT64_C(1) << 40;
        for (int i = 0; i < 2; i++) {
                Properties *p = properties_list_add(&ret->entries);
                assert_int_equal(properties_addf(p, "subnqn", "nqn.%d", i), 0);
                assert_int_equal(properties_add(p, "traddr", "192.0.2.1"), 0);
        }
        return 0;
}

static int fake_list_sources(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n)
{
        *ret_complete = ((Fake *) userdata)->complete;
        *ret = calloc(1, sizeof(**ret));
        describe_controller(&(*ret)->id);
        (*ret)->state = "partial";
        (*ret)->generation = 5;
        *ret_n = 1;
        return 0;
}

/* In a log with two entries, one has changed and another was removed; a second log was removed. */
static int fake_list_changes(void *userdata, LogCursor at, LogChanges *ret)
{
        static const TidFields gone = { .transport = "tcp", .traddr = "192.0.2.2" };
        Tid *tid;

        ret->next = (LogCursor) { 7, at.generation + 1, at.start + 2 };
        ret->whole = at.epoch != 7;
        ret->complete = ((Fake *) userdata)->complete;
        ret->more = !ret->complete;
        assert_int_equal(tid_new(&gone, CONTROLLER_DISCOVERY, &tid), 0);
        assert_int_equal(log_changes_add_gone(ret, tid), 0);
        ChangedLog *l = log_changes_add(ret);
        assert_int_equal(tid_new(&(TidFields) { KNOWN }, CONTROLLER_DISCOVERY, &l->dc), 0);
        l->device = strdup("nvme7");
        l->state = SOURCE_PARTIAL;
        l->generation = 5;
        l->n_entries = 2;
        l->finished = true;
        assert_int_equal(changed_log_add_gone(l, 9), 0);
        *changed_log_add(l) =
                (LogEntry) { .position = UINT64_C(1) << 62,
                             .dlpe = { 3, 1, 2, 4, 7, 0xffff, 32, 5, 2, "4420", strdup("nqn.?"),
                                       strdup("192.0.2.50"), true } };
        return 0;
}

static int fake_reload(void *userdata, char **ret_reason)
{
        Fake *f = userdata;

        f->n_reloads++;
        if (f->reload_error == -EINVAL)
                *ret_reason = strdup("stafd.conf:3: kato: \xff\nstafd.conf:4: tron: bad");
        return f->reload_error;
}

static int fake_explain(void *userdata, const char *what, PropertiesList *ret)
{
        if (*what && !streq(what, "nvme7"))
                return -ENOENT;
        Properties *p = properties_list_add(ret);
        assert_int_equal(properties_add(p, "sources", "a:1\nb:2 \xff"), 0);
        return 0;
}

static int fake_plan(void *userdata, PropertiesList *ret)
{
        Fake *f = userdata;

        if (f->plan_error < 0)
                return f->plan_error;
        Properties *p = properties_list_add(ret);
        assert_int_equal(properties_add(p, "verb", "connect"), 0);
        return 0;
}

static const BusBackend fake_staf = {
        .role = CONTROLLER_DISCOVERY,
        .list_controllers = fake_list_controllers,
        .controller_info = fake_controller_info,
        .process_info = fake_process_info,
        .get_tron = fake_get_tron,
        .set_tron = fake_set_tron,
        .log_level = fake_log_level,
        .get_all_log_pages = fake_get_all_log_pages,
        .get_log_pages = fake_get_log_pages,
        .read_log_pages = fake_get_log_pages,
        .list_sources = fake_list_sources,
        .list_changes = fake_list_changes,
        .explain = fake_explain,
        .plan = fake_plan,
        .reload = fake_reload,
};

static const BusBackend fake_stac = {
        .role = CONTROLLER_IO,
        .list_controllers = fake_list_controllers,
        .controller_info = fake_controller_info,
        .process_info = fake_process_info,
        .get_tron = fake_get_tron,
        .set_tron = fake_set_tron,
        .log_level = fake_log_level,
        .explain = fake_explain,
        .plan = fake_plan,
        .reload = fake_reload,
};

typedef struct World {
        Fake fake;
        sd_event *event;
        sd_bus *server, *client;
        BusService *service;
        sd_bus_message *reply, *signal;
        const char *path, *interface;
} World;

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        ((World *) userdata)->reply = sd_bus_message_ref(m);
        return 0;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        if (!sd_bus_message_is_signal(m, NULL, NULL))
                return 0;
        sd_bus_message_unref(w->signal);
        w->signal = sd_bus_message_ref(m);
        return 0;
}

static void pump(World *w, sd_bus_message **until)
{
        for (int i = 0; !*until; i++) {
                assert_true(i < 1000);
                assert_true(sd_event_run(w->event, USEC_PER_SEC) >= 0);
        }
}

static World *setup(const BusBackend *backend)
{
        World *w = calloc(1, sizeof(*w));
        bool staf = backend->role == CONTROLLER_DISCOVERY;

        assert_non_null(w);
        w->path = staf ? BUS_STAF_PATH : BUS_STAC_PATH;
        w->interface = staf ? BUS_STAF_NAME : BUS_STAC_NAME;
        assert_true(sd_event_new(&w->event) >= 0);
        assert_int_equal(direct_pair(w->event, &w->server, &w->client), 0);
        assert_int_equal(bus_service_new(w->server, backend, NULL, &w->fake, &w->service), 0);
        assert_true(sd_bus_add_filter(w->client, NULL, on_signal, w) >= 0);
        return w;
}

static int setup_staf(void **state)
{
        *state = setup(&fake_staf);
        return 0;
}

static int setup_stac(void **state)
{
        *state = setup(&fake_stac);
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        sd_bus_message_unref(w->reply);
        sd_bus_message_unref(w->signal);
        w->service = bus_service_free(w->service);
        sd_bus_close_unref(w->server);
        sd_bus_close_unref(w->client);
        sd_event_unref(w->event);
        free(w);
        return 0;
}

/* Makes a blocking call; the reply, or the error as a message, is owned by the world. */
static sd_bus_message *call(World *w, const char *interface, const char *member, const char *types,
                            ...)
{
        sd_bus_message *m;
        va_list args;

        w->reply = sd_bus_message_unref(w->reply);
        assert_int_equal(
                sd_bus_message_new_method_call(w->client, &m, NULL, w->path, interface, member), 0);
        va_start(args, types);
        assert_true(sd_bus_message_appendv(m, types, args) >= 0);
        va_end(args);
        assert_true(sd_bus_call_async(w->client, NULL, m, on_reply, w, 0) >= 0);
        sd_bus_message_unref(m);
        pump(w, &w->reply);
        return w->reply;
}

#define UNKNOWN "tcp", "192.0.2.2", "8009", NQN_DISCOVERY, "", "", ""

static void assert_error(sd_bus_message *m, const char *name)
{
        assert_true(sd_bus_message_is_method_error(m, NULL));
        assert_string_equal(sd_bus_message_get_error(m)->name, name);
}

static void assert_text(sd_bus_message *m, const char *expected)
{
        const char *text;

        assert_false(sd_bus_message_is_method_error(m, NULL));
        assert_true(sd_bus_message_has_signature(m, "s"));
        assert_true(sd_bus_message_read(m, "s", &text) > 0);
        assert_string_equal(text, expected);
}

/* "a=b,c=d;e=f": rows in order. */
static char *read_rows(sd_bus_message *m)
{
        TextBuffer b = { 0 };
        const char *key, *value;

        assert_true(sd_bus_message_enter_container(m, 'a', "a{ss}") > 0);
        while (sd_bus_message_enter_container(m, 'a', "{ss}") > 0) {
                while (sd_bus_message_read(m, "{ss}", &key, &value) > 0)
                        text_buffer_printf(&b, "%s=%s,", key, value);
                assert_true(sd_bus_message_exit_container(m) >= 0);
                text_buffer_append(&b, ";");
        }
        assert_true(sd_bus_message_exit_container(m) >= 0);
        return text_buffer_take(&b);
}

static void assert_rows(sd_bus_message *m, const char *expected)
{
        assert_false(sd_bus_message_is_method_error(m, NULL));
        char *rows = read_rows(m);
        assert_string_equal(rows, expected);
        free(rows);
}

static int compare_words(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* One line for each tag, with its attributes sorted. */
static void append_tag(TextBuffer *b, const char *start, size_t length)
{
        char tag[256], *words[8], *rest;
        size_t n = 0;

        assert_true(length < sizeof(tag));
        memcpy(tag, start, length);
        tag[length] = '\0';
        for (char *w = strtok_r(tag, " \n</>", &rest); w; w = strtok_r(NULL, " \n</>", &rest)) {
                assert_true(n < ELEMENTSOF(words));
                words[n++] = w;
        }
        qsort(words + 1, n - 1, sizeof(*words), compare_words);
        for (size_t i = 0; i < n; i++)
                text_buffer_printf(b, "%s%s", words[i], i + 1 < n ? " " : "\n");
}

/* The opening tags of one interface in order, ignoring comments and white space. NULL if the
 * interface does not exist. */
static char *excerpt_interface(const char *xml, const char *name)
{
        char head[128];
        TextBuffer b = { 0 };

        (void) snprintf(head, sizeof(head), "<interface name=\"%s\">", name);
        const char *p = strstr(xml, head);
        if (!p)
                return NULL;
        const char *end = strstr(p, "</interface>");
        assert_non_null(end);
        while ((p = strchr(p, '<')) < end) {
                const char *close =
                        strncmp(p, "<!--", 4) == 0 ? strstr(p, "-->") + 2 : strchr(p, '>');
                if (p[1] != '!' && p[1] != '/')
                        append_tag(&b, p, (size_t) (close - p));
                p = close;
        }
        return text_buffer_take(&b);
}

static size_t count_interfaces(const char *xml)
{
        size_t n = 0;

        for (const char *p = xml; (p = strstr(p, "<interface name=\"org.nvmexpress.")); p++)
                n++;
        return n;
}

static char *read_contract(const char *name)
{
        char path[512], *text = calloc(1, 65536);

        (void) snprintf(path, sizeof(path), CONTRACT_DIRECTORY "/%s.xml", name);
        FILE *f = fopen(path, "re");
        assert_non_null(f);
        assert_true(fread(text, 1, 65535, f) > 0);
        (void) fclose(f);
        return text;
}

static void test_introspection_is_the_contract(void **state)
{
        World *w = *state;
        char debug[64], *contract = read_contract(w->interface);
        const char *interfaces[] = { w->interface, debug, BUS_STAS1_INTERFACE };
        const char *xml;

        (void) snprintf(debug, sizeof(debug), "%s.debug", w->interface);
        sd_bus_message *m = call(w, "org.freedesktop.DBus.Introspectable", "Introspect", "");
        assert_true(sd_bus_message_read(m, "s", &xml) > 0);
        for (size_t i = 0; i < ELEMENTSOF(interfaces); i++) {
                char *is = excerpt_interface(xml, interfaces[i]);
                char *should_be = excerpt_interface(contract, interfaces[i]);
                assert_non_null(is);
                assert_non_null(should_be);
                assert_string_equal(is, should_be);
                free(is);
                free(should_be);
        }
        assert_int_equal(count_interfaces(xml), ELEMENTSOF(interfaces));
        assert_int_equal(count_interfaces(contract), ELEMENTSOF(interfaces));
        free(contract);
}

#define ROW                                                                                        \
        "transport=tcp,traddr=192.0.2.1,trsvcid=8009,subsysnqn=" NQN_DISCOVERY                     \
        ",host-traddr=192.0.2.9,host-iface=eth0,host-nqn=nqn.host,device=nvme7,"

static void test_list_controllers(void **state)
{
        World *w = *state;

        assert_rows(call(w, w->interface, "list_controllers", "b", false), ROW ";");
        assert_false(w->fake.detailed);
        /* Only the invalid bytes are replaced, the answer is sent. */
        assert_rows(call(w, w->interface, "list_controllers", "b", true),
                    ROW "model=bad ?? name ???,;");
        assert_true(w->fake.detailed);
}

static void test_too_large_an_answer_is_refused(void **state)
{
        World *w = *state;

        for (size_t i = 0; i < 2; i++) {
                w->fake.large = (i == 0 ? 1 : 32) << 20;
                sd_bus_message *m = call(w, w->interface, "list_controllers", "b", true);
                assert_int_equal(sd_bus_message_is_method_error(m, SD_BUS_ERROR_LIMITS_EXCEEDED),
                                 i);
                if (!streq(w->interface, BUS_STAF_NAME))
                        continue;
                m = call(w, w->interface, "get_all_log_pages", "b", true);
                assert_int_equal(sd_bus_message_is_method_error(m, SD_BUS_ERROR_LIMITS_EXCEEDED),
                                 i);
        }
}

static void test_get_log_pages(void **state)
{
        World *w = *state;

        assert_rows(call(w, BUS_STAF_NAME, "get_log_pages", "sssssss", KNOWN),
                    "subnqn=nqn.0,traddr=192.0.2.1,;subnqn=nqn.1,traddr=192.0.2.1,;");
        assert_rows(call(w, BUS_STAF_NAME, "get_log_pages", "sssssss", UNKNOWN), "");
        assert_text(call(w, BUS_STAF_NAME, "get_all_log_pages", "b", true), "[]");
        assert_true(w->fake.detailed);
}

static void test_id_is_bounded(void **state)
{
        World *w = *state;
        char text[4096];

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_error(
                call(w, BUS_STAF_NAME, "get_log_pages", "sssssss", "tcp", text, "", "", "", "", ""),
                SD_BUS_ERROR_INVALID_ARGS);
        assert_error(call(w, BUS_STAF_NAME, "get_log_pages", "s", "tcp"),
                     SD_BUS_ERROR_INVALID_ARGS);
}

static void test_debug(void **state)
{
        World *w = *state;
        char debug[64];

        (void) snprintf(debug, sizeof(debug), "%s.debug", w->interface);
        assert_text(call(w, debug, "process_info", ""), "{\"tron\": false}");
        assert_text(call(w, debug, "controller_info", "sssssss", KNOWN), "{\"device\": \"nvme7\"}");
        assert_text(call(w, debug, "controller_info", "sssssss", UNKNOWN), "{}");
}

static bool get_tron(World *w, const char *debug)
{
        int on = -1;

        sd_bus_message *m = call(w, "org.freedesktop.DBus.Properties", "Get", "ss", debug, "tron");
        assert_true(sd_bus_message_read(m, "v", "b", &on) > 0);
        return on;
}

static void test_tron(void **state)
{
        World *w = *state;
        char debug[64];
        const char *interface, *keys[2], *text;
        int on;

        (void) snprintf(debug, sizeof(debug), "%s.debug", w->interface);
        assert_false(get_tron(w, debug));
        sd_bus_message *m =
                call(w, "org.freedesktop.DBus.Properties", "Set", "ssv", debug, "tron", "b", true);
        assert_false(sd_bus_message_is_method_error(m, NULL));
        assert_true(w->fake.tron);
        assert_true(get_tron(w, debug));

        pump(w, &w->signal);
        assert_true(sd_bus_message_is_signal(w->signal, "org.freedesktop.DBus.Properties",
                                             "PropertiesChanged"));
        assert_true(sd_bus_message_read(w->signal, "sa{sv}as", &interface, 2, &keys[0], "b", &on,
                                        &keys[1], "s", &text, 0) > 0);
        assert_string_equal(interface, debug);
        assert_string_equal(keys[0], "tron");
        assert_string_equal(keys[1], "log_level");
        assert_true(on);
        assert_string_equal(text, "DEBUG");

        m = call(w, "org.freedesktop.DBus.Properties", "Set", "ssv", debug, "log_level", "s", "X");
        assert_error(m, SD_BUS_ERROR_PROPERTY_READ_ONLY);
}

static void test_reload(void **state)
{
        World *w = *state;

        sd_bus_message *m = call(w, BUS_STAS1_INTERFACE, "reload", "");
        assert_false(sd_bus_message_is_method_error(m, NULL));
        assert_int_equal(w->fake.n_reloads, 1);

        w->fake.reload_error = -EINVAL;
        m = call(w, BUS_STAS1_INTERFACE, "reload", "");
        assert_error(m, "org.nvmexpress.stas1.Error.InvalidConfiguration");
        assert_string_equal(sd_bus_message_get_error(m)->message,
                            "stafd.conf:3: kato: ?\nstafd.conf:4: tron: bad");

        w->fake.reload_error = -ENOMEM;
        assert_error(call(w, BUS_STAS1_INTERFACE, "reload", ""), SD_BUS_ERROR_NO_MEMORY);
}

static void test_explain(void **state)
{
        World *w = *state;
        char text[1026];

        /* Line breaks are kept. */
        assert_rows(call(w, BUS_STAS1_INTERFACE, "explain", "s", ""), "sources=a:1\nb:2 ?,;");
        assert_rows(call(w, BUS_STAS1_INTERFACE, "explain", "s", "nvme7"), "sources=a:1\nb:2 ?,;");

        sd_bus_message *m = call(w, BUS_STAS1_INTERFACE, "explain", "s", "nvme%s");
        assert_error(m, "org.nvmexpress.stas1.Error.NoSuchController");
        bool staf = streq(w->interface, BUS_STAF_NAME);
        assert_string_equal(sd_bus_message_get_error(m)->message,
                            staf ? "No discovery controller has the device, NQN or address "
                                   "\"nvme%s\"."
                                 : "No I/O controller has the device, NQN or address \"nvme%s\".");

        m = call(w, BUS_STAS1_INTERFACE, "explain", "s", "nvme\033[31m");
        assert_non_null(strstr(sd_bus_message_get_error(m)->message, "\"nvme?[31m\""));

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_error(call(w, BUS_STAS1_INTERFACE, "explain", "s", text), SD_BUS_ERROR_INVALID_ARGS);
        text[sizeof(text) - 2] = '\0';
        assert_error(call(w, BUS_STAS1_INTERFACE, "explain", "s", text),
                     "org.nvmexpress.stas1.Error.NoSuchController");
}

static void test_plan(void **state)
{
        World *w = *state;

        assert_rows(call(w, BUS_STAS1_INTERFACE, "plan", ""), "verb=connect,;");
        w->fake.plan_error = -ENOMEM;
        assert_error(call(w, BUS_STAS1_INTERFACE, "plan", ""), SD_BUS_ERROR_NO_MEMORY);
}

static void test_list_sources(void **state)
{
        World *w = *state;
        const char *id[7], *device, *source_state;
        static const char *const expected[] = { KNOWN };
        uint64_t generation;

        for (int complete = 0; complete <= 1; complete++) {
                int is_complete = -1;
                w->fake.complete = complete;
                sd_bus_message *m = call(w, BUS_STAS1_INTERFACE, "list_sources", "");
                assert_true(sd_bus_message_has_signature(m, "ba(ssssssssst)"));
                assert_true(sd_bus_message_read(m, "ba(ssssssssst)", &is_complete, 1, &id[0],
                                                &id[1], &id[2], &id[3], &id[4], &id[5], &id[6],
                                                &device, &source_state, &generation) > 0);
                assert_int_equal(is_complete, complete);
        }
        for (size_t i = 0; i < ELEMENTSOF(id); i++)
                assert_string_equal(id[i], expected[i]);
        assert_string_equal(device, "nvme7");
        assert_string_equal(source_state, "partial");
        assert_int_equal(generation, 5);
}

static void test_list_changes(void **state)
{
        static const char types[] = "tttbbba((sssssss)sstuba(tyyyyqqqqyssss)at)a(sssssss)";
        static const char *const expected[] = { KNOWN,       "nvme7", "partial",      "192.0.2.50",
                                                "4420",      "nqn.?", NQN_NOT_USABLE, "tcp",
                                                "192.0.2.2", "8009",  NQN_DISCOVERY };
        World *w = *state;
        const char *s[20];
        int whole, more, complete, finished;
        uint64_t epoch, generation, start, log_generation, position, gone;
        uint32_t n;
        uint16_t h[4];
        uint8_t y[5];

        w->fake.complete = true;
        sd_bus_message *m = call(w, BUS_STAS1_INTERFACE, "list_changes", "ttt", UINT64_C(7),
                                 UINT64_C(20), UINT64_C(10));
        assert_true(sd_bus_message_has_signature(m, types));
        assert_true(sd_bus_message_read(m, types, &epoch, &generation, &start, &whole, &more,
                                        &complete, 1, &s[0], &s[1], &s[2], &s[3], &s[4], &s[5],
                                        &s[6], &s[7], &s[8], &log_generation, &n, &finished, 1,
                                        &position, &y[0], &y[1], &y[2], &y[3], &h[0], &h[1], &h[2],
                                        &h[3], &y[4], &s[9], &s[10], &s[11], &s[12], 1, &gone, 1,
                                        &s[13], &s[14], &s[15], &s[16], &s[17], &s[18],
                                        &s[19]) > 0);
        assert_true(epoch == 7 && generation == 21 && start == 12);
        assert_true(!whole && !more && complete && finished);
        assert_true(log_generation == 5 && n == 2 && position == UINT64_C(1) << 62 && gone == 9);
        assert_memory_equal(y, ((uint8_t[]) { 3, 1, 2, 4, 2 }), sizeof(y));
        assert_memory_equal(h, ((uint16_t[]) { 7, 0xffff, 32, 5 }), sizeof(h));
        for (size_t i = 0; i < ELEMENTSOF(s); i++)
                assert_string_equal(s[i], i < ELEMENTSOF(expected) ? expected[i] : "");
        w->fake.complete = false;
        m = call(w, BUS_STAS1_INTERFACE, "list_changes", "ttt", UINT64_C(0), UINT64_C(0),
                 UINT64_C(0));
        assert_true(sd_bus_message_read(m, "tttbbb", &epoch, &generation, &start, &whole, &more,
                                        &complete) > 0);
        assert_true(whole && more && !complete);
}

static void test_read_log_pages(void **state)
{
        World *w = *state;
        const char *source_state;
        uint64_t generation;

        sd_bus_message *m = call(w, BUS_STAS1_INTERFACE, "read_log_pages", "sssssss", KNOWN);
        assert_true(sd_bus_message_read(m, "st", &source_state, &generation) > 0);
        assert_string_equal(source_state, "complete");
        assert_int_equal(generation, UINT64_C(1) << 40);
        assert_rows(m, "subnqn=nqn.0,traddr=192.0.2.1,;subnqn=nqn.1,traddr=192.0.2.1,;");
        assert_error(call(w, BUS_STAS1_INTERFACE, "read_log_pages", "sssssss", UNKNOWN),
                     "org.nvmexpress.stas1.Error.NoSuchController");
}

static void test_signals(void **state)
{
        static const TidFields fields = { KNOWN };
        static const char *const expected[] = { KNOWN, "nvme7" };
        const char *text[ELEMENTSOF(expected)];
        World *w = *state;
        Tid *dc;

        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &dc), 0);
        assert_true(bus_emit_log_pages_changed(w->service, dc, "nvme7") >= 0);
        dc = tid_free(dc);
        pump(w, &w->signal);
        assert_true(sd_bus_message_is_signal(w->signal, BUS_STAF_NAME, "log_pages_changed"));
        assert_string_equal(sd_bus_message_get_path(w->signal), BUS_STAF_PATH);
        assert_true(sd_bus_message_read(w->signal, "ssssssss", &text[0], &text[1], &text[2],
                                        &text[3], &text[4], &text[5], &text[6], &text[7]) > 0);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                assert_string_equal(text[i], expected[i]);

        w->signal = sd_bus_message_unref(w->signal);
        assert_true(bus_emit_dc_removed(w->service) >= 0);
        pump(w, &w->signal);
        assert_true(sd_bus_message_is_signal(w->signal, BUS_STAF_NAME, "dc_removed"));

        w->signal = sd_bus_message_unref(w->signal);
        assert_true(bus_emit_sources_changed(w->service) >= 0);
        pump(w, &w->signal);
        assert_true(sd_bus_message_is_signal(w->signal, BUS_STAS1_INTERFACE, "sources_changed"));
}

static void test_stac_has_no_logs(void **state)
{
        World *w = *state;

        assert_error(call(w, BUS_STAC_NAME, "get_log_pages", "sssssss", KNOWN),
                     SD_BUS_ERROR_UNKNOWN_METHOD);
        assert_error(call(w, BUS_STAS1_INTERFACE, "list_sources", ""), SD_BUS_ERROR_UNKNOWN_METHOD);
        assert_int_equal(bus_emit_dc_removed(w->service), -EOPNOTSUPP);
}

static void append_utf8(TextBuffer *b, uint32_t c)
{
        const unsigned char bytes[] = {
                (unsigned char) (c >> 18 | (c > 0xffff ? 0xf0 : 0)),
                (unsigned char) ((c >> 12 & 0x3f) | (c > 0xffff ? 0x80 : 0xe0)),
                (unsigned char) ((c >> 6 & 0x3f) | (c > 0x7ff ? 0x80 : 0xc0)),
                (unsigned char) ((c & 0x3f) | 0x80)
        };
        size_t n = c > 0xffff ? 4 : c > 0x7ff ? 3 : c > 0x7f ? 2 : 0;

        if (n == 0)
                text_buffer_append_bytes(b, (const char[]) { (char) c }, 1);
        text_buffer_append_bytes(b, (const char *) bytes + 4 - n, n);
}

/* A single string that sd-bus refuses would fail the whole answer: whatever a peer sends must
 * pass. */
static void test_every_text_can_be_sent(void **state)
{
        World *w = *state;
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        for (uint32_t c = 1; c <= 0x110000; c++)
                append_utf8(&b, c); /* includes surrogates and code points beyond Unicode */
        for (unsigned c = 0; c <= 0xffff; c++) {
                const char pair[] = { (char) ((c & 0xff) ?: 1), (char) ((c >> 8) ?: 1) };
                text_buffer_append_bytes(&b, pair, sizeof(pair));
        }
        assert_false(b.failed);
        assert_int_equal(sd_bus_message_new_signal(w->server, &m, "/a", "a.b", "c"), 0);
        assert_true(bus_append_text(m, b.data) >= 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_introspection_is_the_contract, setup_staf,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_introspection_is_the_contract, setup_stac,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_list_controllers, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_list_controllers, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_every_text_can_be_sent, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_too_large_an_answer_is_refused, setup_staf,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_too_large_an_answer_is_refused, setup_stac,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_get_log_pages, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_id_is_bounded, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_debug, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_debug, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_tron, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_tron, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_reload, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_reload, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_explain, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_explain, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_plan, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_plan, setup_stac, teardown),
                cmocka_unit_test_setup_teardown(test_list_sources, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_list_changes, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_read_log_pages, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_signals, setup_staf, teardown),
                cmocka_unit_test_setup_teardown(test_stac_has_no_logs, setup_stac, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
