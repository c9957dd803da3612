/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define STAS1_INTERFACE "org.nvmexpress.stas1"

#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_bus_error_ _cleanup_(sd_bus_error_free)

const Daemon daemon_staf = {
        .name = "stafd",
        .bus_name = "org.nvmexpress.staf",
        .path = "/org/nvmexpress/staf",
        .interface = "org.nvmexpress.staf",
        .debug_interface = "org.nvmexpress.staf.debug",
};

const Daemon daemon_stac = {
        .name = "stacd",
        .bus_name = "org.nvmexpress.stac",
        .path = "/org/nvmexpress/stac",
        .interface = "org.nvmexpress.stac",
        .debug_interface = "org.nvmexpress.stac.debug",
};

static const Daemon *client_daemon(const DaemonClient *c)
{
        return c->invocation->program->daemon;
}

static void report_absent(const Daemon *d)
{
        fprintf(stderr, "Unable to communicate with %s over D-Bus. Is %s running?\n", d->name,
                d->name);
}

/* Errors that mean that the daemon did not answer, as opposed to an error answer from it. */
static bool error_means_absent(const sd_bus_error *e)
{
        static const char *const names[] = {
                SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
                SD_BUS_ERROR_NO_REPLY,        SD_BUS_ERROR_TIMEOUT,
                SD_BUS_ERROR_DISCONNECTED,    SD_BUS_ERROR_NO_SERVER,
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (sd_bus_error_has_name(e, names[i]))
                        return true;
        /* used by sd-bus for its own timeouts and broken connections */
        return sd_bus_error_has_name(e, "System.Error.ETIMEDOUT") ||
               sd_bus_error_has_name(e, "System.Error.ECONNRESET") ||
               sd_bus_error_has_name(e, "System.Error.ENOTCONN");
}

static int report(DaemonClient *c, const sd_bus_error *e, int r)
{
        _cleanup_free_ char *text = NULL;
        char *line, *rest;

        if (error_means_absent(e)) {
                report_absent(client_daemon(c));
                return r;
        }
        rest = text = strdup(text_or(e->message, strerror(-r)));
        if (!text)
                return cli_oom(c->invocation);
        while ((line = strsep(&rest, "\n"))) {
                text_make_printable(line);
                if (*line)
                        cli_error(c->invocation, "%s: %s", c->invocation->verb->name, line);
        }
        return r;
}

static int report_malformed(DaemonClient *c)
{
        cli_error(c->invocation, "%s: The answer of %s is malformed", c->invocation->verb->name,
                  client_daemon(c)->name);
        return -EBADMSG;
}

int daemon_client_init(DaemonClient *c, const Invocation *i)
{
        int r;

        *c = (DaemonClient) { .invocation = i };
        r = sd_bus_open_system(&c->bus);
        if (r < 0)
                report_absent(client_daemon(c));
        return r;
}

void daemon_client_done(DaemonClient *c)
{
        c->bus = sd_bus_flush_close_unref(c->bus);
}

static int client_vcall(DaemonClient *c, const char *interface, const char *method,
                        sd_bus_error *error, sd_bus_message **ret, const char *types, va_list ap)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        const Daemon *d = client_daemon(c);
        int r;

        r = sd_bus_message_new_method_call(c->bus, &m, d->bus_name, d->path, interface, method);
        if (r < 0)
                return r;
        (void) sd_bus_message_set_auto_start(m, false); /* cannot fail on a message of our own */
        r = sd_bus_message_appendv(m, types, ap);
        if (r < 0)
                return r;
        r = sd_bus_call(c->bus, m, 0, error, ret);
        return r < 0 ? r : 0;
}

static int daemon_client_call(DaemonClient *c, const char *interface, const char *method,
                              sd_bus_message **ret, const char *types, ...)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        va_list ap;
        int r;

        va_start(ap, types);
        r = client_vcall(c, interface, method, &error, ret, types, ap);
        va_end(ap);
        return r < 0 ? report(c, &error, r) : 0;
}

/* Returns -ENOBUFS, which is not reported, if the answer is too large for one message. */
static int client_call_for_all(DaemonClient *c, const char *method, sd_bus_message **ret,
                               const char *types, ...)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        va_list ap;
        int r;

        va_start(ap, types);
        r = client_vcall(c, client_daemon(c)->interface, method, &error, ret, types, ap);
        va_end(ap);
        return r < 0 && r != -ENOBUFS ? report(c, &error, r) : r;
}

static int read_row(sd_bus_message *m, struct json_object *rows)
{
        struct json_object *row;
        const char *key, *value;
        int r;

        row = json_object_new_object();
        if (!row || json_object_array_add(rows, row) < 0) {
                json_object_put(row);
                return -ENOMEM;
        }
        while ((r = sd_bus_message_read(m, "{ss}", &key, &value)) > 0) {
                struct json_object *text = json_object_new_string(value);

                if (!text || json_object_object_add(row, key, text) < 0) {
                        json_object_put(text);
                        return -ENOMEM;
                }
        }
        return r;
}

static int read_rows(sd_bus_message *m, struct json_object **ret)
{
        _cleanup_json_ struct json_object *rows = NULL;
        int r;

        rows = json_object_new_array();
        if (!rows)
                return -ENOMEM;
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "a{ss}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{ss}")) > 0) {
                r = read_row(m, rows);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(rows);
        return 0;
}

/* Reads the rows of an aa{ss} answer. */
static int take_rows(DaemonClient *c, sd_bus_message *reply, struct json_object **ret)
{
        int r;

        r = read_rows(reply, ret);
        if (r == -ENOMEM)
                return cli_oom(c->invocation);
        return r < 0 ? report_malformed(c) : 0;
}

/* Parses an answer that is one string of JSON. */
static int take_json(DaemonClient *c, sd_bus_message *reply, enum json_type type,
                     struct json_object **ret)
{
        _cleanup_json_ struct json_object *o = NULL;
        const char *text;
        int r;

        r = sd_bus_message_read(reply, "s", &text);
        if (r < 0)
                return report_malformed(c);
        r = json_parse_bytes(text, strlen(text), &o);
        if (r == -ENOMEM)
                return cli_oom(c->invocation);
        if (r < 0 || !json_object_is_type(o, type))
                return report_malformed(c);
        *ret = TAKE_PTR(o);
        return 0;
}

static int list_controllers_in_short(DaemonClient *c, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        r = daemon_client_call(c, client_daemon(c)->interface, "list_controllers", &reply, "b",
                               false);
        return r < 0 ? r : take_rows(c, reply, ret);
}

static void get_id(struct json_object *row, const char *id[static DAEMON_ID_PARTS])
{
        static const char *const keys[DAEMON_ID_PARTS] = {
                "transport",   "traddr",     "trsvcid",  "subsysnqn",
                "host-traddr", "host-iface", "host-nqn",
        };

        for (size_t i = 0; i < DAEMON_ID_PARTS; i++) {
                id[i] = "";
                (void) json_get_string(row, keys[i], &id[i]); /* absent: none */
        }
}

static int daemon_client_controller_info(DaemonClient *c, struct json_object *row,
                                         struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *id[DAEMON_ID_PARTS];
        int r;

        get_id(row, id);
        r = daemon_client_call(c, client_daemon(c)->debug_interface, "controller_info", &reply,
                               "sssssss", id[0], id[1], id[2], id[3], id[4], id[5], id[6]);
        return r < 0 ? r : take_json(c, reply, json_type_object, ret);
}

/* Used when the controllers do not fit into one message. */
static int list_controllers_one_by_one(DaemonClient *c, struct json_object **ret)
{
        _cleanup_json_ struct json_object *ids = NULL, *rows = NULL;
        int r;

        r = list_controllers_in_short(c, &ids);
        if (r < 0)
                return r;
        rows = json_object_new_array();
        if (!rows)
                return cli_oom(c->invocation);
        for (size_t i = 0; i < json_object_array_length(ids); i++) {
                _cleanup_json_ struct json_object *row = NULL;

                r = daemon_client_controller_info(c, json_object_array_get_idx(ids, i), &row);
                if (r < 0)
                        return r;
                if (json_object_object_length(row) == 0) /* removed in the meantime */
                        continue;
                if (json_object_array_add(rows, json_object_get(row)) < 0)
                        return cli_oom(c->invocation);
        }
        *ret = TAKE_PTR(rows);
        return 0;
}

int daemon_list_controllers(DaemonClient *c, bool detailed, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        if (!detailed)
                return list_controllers_in_short(c, ret);
        r = client_call_for_all(c, "list_controllers", &reply, "b", true);
        if (r == -ENOBUFS)
                return list_controllers_one_by_one(c, ret);
        return r < 0 ? r : take_rows(c, reply, ret);
}

int daemon_process_info(DaemonClient *c, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        r = daemon_client_call(c, client_daemon(c)->debug_interface, "process_info", &reply, "");
        return r < 0 ? r : take_json(c, reply, json_type_object, ret);
}

typedef int (*LogReader)(DaemonClient *c, const char *const id[static DAEMON_ID_PARTS],
                         struct json_object *item);

/* Adds a new item with the discovery controller and its log. */
static int add_item(DaemonClient *c, struct json_object *dc, LogReader reader,
                    struct json_object *list)
{
        struct json_object *item = json_object_new_object();
        const char *id[DAEMON_ID_PARTS];

        if (!item || json_object_array_add(list, item) < 0) {
                json_object_put(item);
                return cli_oom(c->invocation);
        }
        if (json_object_object_add(item, "discovery-controller", json_object_get(dc)) < 0)
                return cli_oom(c->invocation);
        get_id(dc, id);
        return reader(c, id, item);
}

/* Used for each log, where they do not fit into one message. */
static int logs_one_by_one(DaemonClient *c, bool detailed, LogReader reader,
                           struct json_object **ret)
{
        _cleanup_json_ struct json_object *dcs = NULL, *list = NULL;
        int r;

        r = daemon_list_controllers(c, detailed, &dcs);
        if (r < 0)
                return r;
        list = json_object_new_array();
        if (!list)
                return cli_oom(c->invocation);
        for (size_t i = 0; i < json_object_array_length(dcs); i++) {
                r = add_item(c, json_object_array_get_idx(dcs, i), reader, list);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

int daemon_all_log_pages(DaemonClient *c, bool detailed, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        r = client_call_for_all(c, "get_all_log_pages", &reply, "b", detailed);
        if (r == -ENOBUFS)
                return logs_one_by_one(c, detailed, daemon_get_log, ret);
        return r < 0 ? r : take_json(c, reply, json_type_array, ret);
}

/* Takes pages. */
static int put_log(DaemonClient *c, struct json_object *item, struct json_object *pages,
                   const char *state)
{
        struct json_object *text = state ? json_object_new_string(state) : NULL;

        if (json_object_object_add(item, "log-pages", pages) < 0) {
                json_object_put(pages);
                json_object_put(text);
                return cli_oom(c->invocation);
        }
        if (!state)
                return 0;
        if (text && json_object_object_add(item, "log-state", text) >= 0)
                return 0;
        json_object_put(text);
        return cli_oom(c->invocation);
}

int daemon_get_log(DaemonClient *c, const char *const id[static DAEMON_ID_PARTS],
                   struct json_object *item)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        struct json_object *pages;
        int r;

        r = daemon_client_call(c, client_daemon(c)->interface, "get_log_pages", &reply, "sssssss",
                               id[0], id[1], id[2], id[3], id[4], id[5], id[6]);
        if (r >= 0)
                r = take_rows(c, reply, &pages);
        return r < 0 ? r : put_log(c, item, pages, NULL);
}

static int take_log(DaemonClient *c, sd_bus_message *reply, struct json_object *item)
{
        struct json_object *pages;
        const char *state;

        if (sd_bus_message_read(reply, "st", &state, NULL) < 0)
                return report_malformed(c);
        int r = take_rows(c, reply, &pages);
        return r < 0 ? r : put_log(c, item, pages, state);
}

static int client_try(DaemonClient *c, const char *interface, const char *method,
                      sd_bus_error *error, sd_bus_message **ret, const char *types, ...)
{
        va_list ap;

        va_start(ap, types);
        int r = client_vcall(c, interface, method, error, ret, types, ap);
        va_end(ap);
        return r;
}

int daemon_read_log(DaemonClient *c, const char *const id[static DAEMON_ID_PARTS],
                    struct json_object *item)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;

        int r = client_try(c, STAS1_INTERFACE, "read_log_pages", &error, &reply, "sssssss", id[0],
                           id[1], id[2], id[3], id[4], id[5], id[6]);
        if (r >= 0)
                return take_log(c, reply, item);
        if (sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_METHOD) ||
            sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_INTERFACE))
                return daemon_get_log(c, id, item);
        if (!sd_bus_error_has_name(&error, STAS1_INTERFACE ".Error.NoSuchController"))
                return report(c, &error, r);
        struct json_object *pages = json_object_new_array();
        return pages ? put_log(c, item, pages, NULL) : cli_oom(c->invocation);
}

int daemon_read_logs(DaemonClient *c, struct json_object **ret)
{
        return logs_one_by_one(c, true, daemon_read_log, ret);
}

int daemon_set_tron(DaemonClient *c, bool on, bool *ret)
{
        const char *interface = client_daemon(c)->debug_interface;
        const char *properties = "org.freedesktop.DBus.Properties";
        _cleanup_message_ sd_bus_message *done = NULL, *reply = NULL;
        int value, r;

        r = daemon_client_call(c, properties, "Set", &done, "ssv", interface, "tron", "b", on);
        if (r < 0)
                return r;
        r = daemon_client_call(c, properties, "Get", &reply, "ss", interface, "tron");
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "v", "b", &value);
        if (r < 0)
                return report_malformed(c);
        *ret = value;
        return 0;
}

int daemon_explain(DaemonClient *c, const char *what, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        r = daemon_client_call(c, STAS1_INTERFACE, "explain", &reply, "s", what);
        return r < 0 ? r : take_rows(c, reply, ret);
}

int daemon_plan(DaemonClient *c, struct json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r;

        r = daemon_client_call(c, STAS1_INTERFACE, "plan", &reply, "");
        return r < 0 ? r : take_rows(c, reply, ret);
}

int daemon_reload(DaemonClient *c)
{
        _cleanup_message_ sd_bus_message *reply = NULL;

        return daemon_client_call(c, STAS1_INTERFACE, "reload", &reply, "");
}
