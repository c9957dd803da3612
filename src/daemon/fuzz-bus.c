/* SPDX-License-Identifier: Apache-2.0 */

/* A call from a user: the first byte of the input selects the daemon and the member, its lines are
 * the arguments. It passes through sd-bus and the service to the daemon's answers, and returns
 * either one answer whose strings are safe for a terminal, or an error that the interface
 * defines. */

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "bus/test-private-bus.h"
#include "codec/configuration.h"
#include "daemon/daemon.h"
#include "plan/test-ends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOST_ID "01234567-89ab-cdef-0123-456789abcdef"

typedef enum Whose {
        WHOSE_DAEMON,
        WHOSE_DEBUG,
        WHOSE_STAS1,
        WHOSE_PROPERTIES,
} Whose;

static const struct {
        Whose whose;
        const char *member, *types;
} calls[] = {
        { WHOSE_DAEMON, "list_controllers", "b" },
        { WHOSE_DAEMON, "get_all_log_pages", "b" },
        { WHOSE_DAEMON, "get_log_pages", "sssssss" },
        { WHOSE_DEBUG, "process_info", "" },
        { WHOSE_DEBUG, "controller_info", "sssssss" },
        { WHOSE_STAS1, "explain", "s" },
        { WHOSE_STAS1, "plan", "" },
        { WHOSE_STAS1, "reload", "" },
        { WHOSE_STAS1, "list_sources", "" },
        { WHOSE_STAS1, "read_log_pages", "sssssss" },
        { WHOSE_PROPERTIES, "Get", "ss" },
        { WHOSE_PROPERTIES, "GetAll", "s" },
        { WHOSE_PROPERTIES, "Set", "ssv" },
        { WHOSE_STAS1, "list_changes", "ttt" },
};

typedef struct World {
        Daemon daemon;
        BusBackend backend;
        sd_bus *server, *client;
        sd_bus_message *reply;
        const char *path, *interface;
} World;

/* ---- a daemon with a few rows, as they are at its start ---- */

static const DaemonType fuzz_types[] = {
        { .name = "stafd", .role = CONTROLLER_DISCOVERY, .state_file = "" },
        { .name = "stacd", .role = CONTROLLER_IO, .state_file = "" },
};

static const char fuzz_configuration[] =
        "[Controllers]\n"
        "controller = transport=tcp;traddr=192.0.2.1;nqn=nqn.a\n"
        "controller = transport=tcp;traddr=fe80::1;host-iface=eth0;nqn=nqn.b\n"
        "controller = transport=rdma;traddr=192.0.2.9;trsvcid=1;nqn=nqn.a;host-nqn=nqn.host\n"
        "controller = transport=fc;traddr=nn-0x20000090fa942779:pn-0x10000090fa942779;nqn=nqn.c;"
        "host-traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5\n"
        "controller = transport=tcp;traddr=array.example;nqn=nqn.d\n"
        "exclude = transport=rdma\n";

static int fake_reload(void *userdata, char **ret_reason)
{
        *ret_reason = strdup("stafd.conf:3: kato: \xff\nstafd.conf:4: tron: bad");
        return -EINVAL;
}

static void fake_set_tron(void *userdata, bool on)
{
        ((Daemon *) userdata)->tron = on;
}

static bool fake_get_tron(void *userdata)
{
        return ((Daemon *) userdata)->tron;
}

static void make_inputs(Daemon *d)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = { 0 };
        Inputs *i = &d->inputs;

        assert(configuration_new(d->type->role, &i->configuration) == 0);
        assert(configuration_parse("fuzz", fuzz_configuration, strlen(fuzz_configuration),
                                   d->type->role, i->configuration, &diagnostics) == 0);
        assert(!diagnostics_has_errors(&diagnostics));
        i->host = calloc(1, sizeof(*i->host));
        assert(i->host);
        i->host->nqn = strdup("nqn.2014-08.org.nvmexpress:uuid:" HOST_ID);
        i->host->id = strdup(HOST_ID);
        assert(host_names_set(&d->names, i->configuration->controllers,
                              i->configuration->n_controllers, 0) == 0);
}

static Device *make_device(const Tid *tid, ControllerKind kind, int instance)
{
        Device *device = calloc(1, sizeof(*device));

        assert(device);
        *device = (Device) {
                .instance = instance,
                .state = DEVICE_LIVE,
                .kind = kind,
                .host_id = strdup(""),
                .model = strdup("a model\xff"),
                .serial = strdup(""),
                .cntrltype = strdup(""),
                .dctype = strdup(""),
                .owner = strdup("somebody\033[31m"),
        };
        assert(tid_dup(tid, &device->tid) == 0);
        return device;
}

/* The first is connected, and so is one without a row. */
static void make_devices(Daemon *d)
{
        const Plan *p;
        const Row *row = engine_next_row(d->engine, NULL);
        _cleanup_tid_ Tid *other = NULL;
        const TidFields fields = { .transport = "tcp", .traddr = "203.0.113.1", .subsysnqn = "x" };

        assert(tid_new(&fields, d->type->role, &other) == 0);
        Device *devices[] = { make_device(row->tid, d->type->role, 3),
                              make_device(other, d->type->role, 4) };
        assert(engine_plan(d->engine, 0, &p) == 0);
        for (size_t i = 0; i < p->n_actions; i++)
                if (p->actions[i].operation == OPERATION_SCAN)
                        assert(end_scan(d->engine, p->actions[i].op_id, 0, devices,
                                        ELEMENTSOF(devices), 0) == 0);
        assert(engine_plan(d->engine, 0, &p) == 0);
}

/* The first has a log if it is a discovery controller. */
static void make_log(Daemon *d)
{
        const Plan *p;

        assert(engine_plan(d->engine, 0, &p) == 0);
        const Row *row = engine_next_row(d->engine, NULL);
        if (row->op.operation != OPERATION_READ_LOG)
                return;
        DiscoveryLog *log = calloc(1, sizeof(*log));
        assert(log && (log->entries = calloc(1, sizeof(*log->entries))));
        log->n_entries = 1;
        log->entries[0] = (DlpEntry) { .subtype = DLPE_NVME,
                                       .trsvcid = "4420",
                                       .subnqn = strdup("nqn.e\x7f"),
                                       .traddr = strdup("192.0.2.1") };
        end_read_log(d->engine, row->op.id, 0, 0, log, 0);
        assert(engine_plan(d->engine, 0, &p) == 0);
}

static void make_daemon(Daemon *d, const DaemonType *type)
{
        Policy *policy;

        d->type = type;
        assert(sd_event_new(&d->loop.event) >= 0);
        make_inputs(d);
        assert(inputs_make_policy(&d->inputs, &policy) == 0);
        assert(engine_new(policy, &d->engine) == 0);
        assert(inputs_apply(d) == 0);
        make_devices(d);
        make_log(d);
}

static World *make_world(ControllerKind role)
{
        bool staf = role == CONTROLLER_DISCOVERY;
        World *w = calloc(1, sizeof(*w));
        BusService *service;

        assert(w);
        make_daemon(&w->daemon, &fuzz_types[staf ? 0 : 1]);
        w->backend = staf ? answers_backend_staf : answers_backend_stac;
        w->backend.reload = fake_reload;
        w->backend.get_tron = fake_get_tron;
        w->backend.set_tron = fake_set_tron;
        w->path = staf ? BUS_STAF_PATH : BUS_STAC_PATH;
        w->interface = staf ? BUS_STAF_NAME : BUS_STAC_NAME;
        assert(direct_pair(w->daemon.loop.event, &w->server, &w->client) == 0);
        assert(bus_service_new(w->server, &w->backend, NULL, &w->daemon, &service) == 0);
        w->daemon.service = service;
        return w;
}

/* ---- a call ---- */

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        ((World *) userdata)->reply = sd_bus_message_ref(m);
        return 0;
}

/* NULL if a string is not UTF-8, which no bus transports. */
static sd_bus_message *make_call(const World *w, size_t which, char *lines)
{
        const char *interface = w->interface;
        _cleanup_free_ char *debug = NULL;
        sd_bus_message *m;

        switch (calls[which].whose) {
        case WHOSE_DAEMON:
                break;
        case WHOSE_DEBUG:
                assert(asprintf(&debug, "%s.debug", w->interface) > 0);
                interface = debug;
                break;
        case WHOSE_STAS1:
                interface = BUS_STAS1_INTERFACE;
                break;
        case WHOSE_PROPERTIES:
                interface = "org.freedesktop.DBus.Properties";
        }
        assert(sd_bus_message_new_method_call(w->client, &m, NULL, w->path, interface,
                                              calls[which].member) >= 0);
        for (const char *t = calls[which].types; *t; t++) {
                const char *line = lines ? strsep(&lines, "\n") : "";
                int r = *t == 's'   ? sd_bus_message_append(m, "s", line)
                        : *t == 'b' ? sd_bus_message_append(m, "b", *line & 1)
                        : *t == 't' ? sd_bus_message_append(m, "t", strtoull(line, NULL, 10))
                                    : sd_bus_message_append(m, "v", "b", *line & 1);
                if (r < 0)
                        return sd_bus_message_unref(m);
        }
        return m;
}

static void check_texts(sd_bus_message *m)
{
        const char *contents, *text;
        char type;

        while (sd_bus_message_peek_type(m, &type, &contents) > 0)
                if (contents) {
                        assert(sd_bus_message_enter_container(m, type, contents) > 0);
                        check_texts(m);
                        assert(sd_bus_message_exit_container(m) > 0);
                } else if (type == 's') {
                        assert(sd_bus_message_read(m, "s", &text) > 0);
                        for (; *text; text++)
                                assert((unsigned char) *text >= ' ' || *text == '\n');
                } else {
                        assert(sd_bus_message_skip(m, (char[]) { type, '\0' }) > 0);
                }
}

static void check_error(sd_bus_message *m)
{
        static const char *const ours[] = { BUS_ERROR_INVALID_CONFIGURATION,
                                            BUS_ERROR_NO_SUCH_CONTROLLER,
                                            SD_BUS_ERROR_INVALID_ARGS };
        static const char *const theirs[] = {
                /* from sd-bus: no such member in this interface */
                SD_BUS_ERROR_UNKNOWN_METHOD, SD_BUS_ERROR_UNKNOWN_INTERFACE,
                SD_BUS_ERROR_UNKNOWN_PROPERTY, SD_BUS_ERROR_PROPERTY_READ_ONLY
        };
        const char *name = sd_bus_message_get_error(m)->name;
        bool is_known = false;

        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                if (streq(name, ours[i])) {
                        check_texts(m);
                        return;
                }
        for (size_t i = 0; i < ELEMENTSOF(theirs); i++)
                is_known = is_known || streq(name, theirs[i]);
        assert(is_known);
}

static void call(World *w, sd_bus_message *m)
{
        assert(sd_bus_call_async(w->client, NULL, m, on_reply, w, 0) >= 0);
        for (int i = 0; !w->reply; i++) {
                assert(i < 1000);
                assert(sd_event_run(w->daemon.loop.event, 0) >= 0);
        }
        if (sd_bus_message_is_method_error(w->reply, NULL))
                check_error(w->reply);
        else
                check_texts(w->reply);
        w->reply = sd_bus_message_unref(w->reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static World *fuzz_worlds[2];

        if (size == 0)
                return 0;
        if (!fuzz_worlds[0]) {
                fuzz_worlds[0] = make_world(CONTROLLER_DISCOVERY);
                fuzz_worlds[1] = make_world(CONTROLLER_IO);
        }
        _cleanup_free_ char *lines = strndup((const char *) data + 1, size - 1);
        assert(lines);
        World *w = fuzz_worlds[data[0] & 1];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                make_call(w, (data[0] >> 1) % ELEMENTSOF(calls), lines);
        if (m)
                call(w, m);
        return 0;
}
