/* SPDX-License-Identifier: Apache-2.0 */

/* org.nvmexpress.staf.debug and org.nvmexpress.stac.debug. */

#include "bus/service.h"

static int reply_text(sd_bus_message *m, char *text)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if ((r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = bus_append_text(reply, text)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_process_info(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_free_ char *json = NULL;
        BusService *s = userdata;

        int r = s->backend.process_info(s->userdata, &json);
        return r < 0 ? r : reply_text(m, json);
}

static int method_controller_info(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_free_ char *json = NULL;
        BusService *s = userdata;
        TidFields id;

        int r = bus_read_id(m, &id);
        if (r < 0)
                return r;
        r = s->backend.controller_info(s->userdata, &id, &json);
        /* This interface has always returned an empty object in this case. */
        if (r == -ENOENT)
                return sd_bus_reply_method_return(m, "s", "{}");
        return r < 0 ? r : reply_text(m, json);
}

static int property_get_tron(sd_bus *bus, const char *path, const char *interface,
                             const char *property, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error)
{
        BusService *s = userdata;

        return sd_bus_message_append(reply, "b", s->backend.get_tron(s->userdata));
}

static int property_set_tron(sd_bus *bus, const char *path, const char *interface,
                             const char *property, sd_bus_message *value, void *userdata,
                             sd_bus_error *error)
{
        BusService *s = userdata;
        int on;

        int r = sd_bus_message_read(value, "b", &on);
        if (r < 0)
                return r;
        if (s->backend.get_tron(s->userdata) == (bool) on)
                return 0;
        s->backend.set_tron(s->userdata, on);
        /* Tracing is a log level, so both properties change. */
        return sd_bus_emit_properties_changed(bus, path, interface, "tron", "log_level", NULL);
}

static int property_get_log_level(sd_bus *bus, const char *path, const char *interface,
                                  const char *property, sd_bus_message *reply, void *userdata,
                                  sd_bus_error *error)
{
        BusService *s = userdata;

        return sd_bus_message_append(reply, "s", s->backend.log_level(s->userdata));
}

METHOD_IN_TURN(method_process_info)
METHOD_IN_TURN(method_controller_info)

const sd_bus_vtable bus_debug_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_WRITABLE_PROPERTY("tron", "b", property_get_tron, property_set_tron, 0,
                                 SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("log_level", "s", property_get_log_level, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_METHOD_WITH_ARGS("process_info", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", info_json),
                                method_process_info_in_turn, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("controller_info",
                                SD_BUS_ARGS("s", transport, "s", traddr, "s", trsvcid, "s",
                                            subsysnqn, "s", host_traddr, "s", host_iface, "s",
                                            host_nqn),
                                SD_BUS_RESULT("s", info_json), method_controller_info_in_turn,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
