/* SPDX-License-Identifier: Apache-2.0 */

/* org.nvmexpress.staf. */

#include "bus/service.h"

static int method_get_log_pages(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(log_pages_done) LogPages log = { 0 };
        BusService *s = userdata;
        TidFields id;
        int r;

        if ((r = bus_read_id(m, &id)) < 0)
                return r;
        r = s->backend.get_log_pages(s->userdata, &id, &log);
        /* This interface has always returned an empty list in this case. */
        if (r < 0 && r != -ENOENT)
                return r;
        if ((r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = bus_append_properties_list(reply, &log.entries)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_get_all_log_pages(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ char *json = NULL;
        BusService *s = userdata;
        int detailed, r;

        if ((r = sd_bus_message_read(m, "b", &detailed)) < 0 ||
            (r = s->backend.get_all_log_pages(s->userdata, detailed, &json)) < 0 ||
            (r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = bus_append_text(reply, json)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

METHOD_IN_TURN(method_get_log_pages)
METHOD_IN_TURN(method_get_all_log_pages)

const sd_bus_vtable bus_staf_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("list_controllers", SD_BUS_ARGS("b", detailed),
                                SD_BUS_RESULT("aa{ss}", controller_list),
                                bus_method_list_controllers, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("get_log_pages",
                                SD_BUS_ARGS("s", transport, "s", traddr, "s", trsvcid, "s",
                                            subsysnqn, "s", host_traddr, "s", host_iface, "s",
                                            host_nqn),
                                SD_BUS_RESULT("aa{ss}", log_pages), method_get_log_pages_in_turn,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("get_all_log_pages", SD_BUS_ARGS("b", detailed),
                                SD_BUS_RESULT("s", log_pages_json),
                                method_get_all_log_pages_in_turn, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("log_pages_changed",
                                SD_BUS_ARGS("s", transport, "s", traddr, "s", trsvcid, "s",
                                            subsysnqn, "s", host_traddr, "s", host_iface, "s",
                                            host_nqn, "s", device),
                                0),
        SD_BUS_SIGNAL("dc_removed", "", 0),
        SD_BUS_VTABLE_END,
};
