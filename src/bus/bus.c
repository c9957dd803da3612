/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/bus.h"

#include "base/text.h"
#include "bus/service.h"

void log_pages_done(LogPages *l)
{
        properties_done(&l->id);
        properties_list_done(&l->entries);
        *l = (LogPages) { 0 };
}

static int name_error(sd_bus_message *reply)
{
        uint32_t answer;

        if (sd_bus_message_is_method_error(reply, NULL))
                return -sd_bus_message_get_errno(reply);
        int r = sd_bus_message_read(reply, "u", &answer);
        if (r < 0)
                return r;
        /* Primary owner or already owner (D-Bus Specification, RequestName). */
        return answer == 1 || answer == 4 ? 0 : -EEXIST;
}

static int on_name_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        BusService *s = userdata;

        if (s->name_acquired)
                s->name_acquired(name_error(reply), s->userdata);
        return 0;
}

static int add_objects(BusService *s)
{
        bool staf = s->backend.role == CONTROLLER_DISCOVERY;
        int r;

        s->path = staf ? BUS_STAF_PATH : BUS_STAC_PATH;
        s->interface = staf ? BUS_STAF_NAME : BUS_STAC_NAME;
        s->debug_interface = staf ? BUS_STAF_NAME ".debug" : BUS_STAC_NAME ".debug";
        if ((r = sd_bus_add_object_vtable(s->bus, &s->slots[0], s->path, s->interface,
                                          staf ? bus_staf_vtable : bus_stac_vtable, s)) < 0 ||
            (r = sd_bus_add_object_vtable(s->bus, &s->slots[1], s->path, s->debug_interface,
                                          bus_debug_vtable, s)) < 0)
                return r;
        return sd_bus_add_object_vtable(s->bus, &s->slots[2], s->path, BUS_STAS1_INTERFACE,
                                        staf ? bus_stas1_staf_vtable : bus_stas1_stac_vtable, s);
}

int bus_service_new(sd_bus *bus, const BusBackend *backend, BusNameHandler name_acquired,
                    void *userdata, BusService **ret)
{
        _cleanup_(bus_service_freep) BusService *s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->bus = sd_bus_ref(bus);
        s->backend = *backend;
        s->userdata = userdata;
        s->name_acquired = name_acquired;

        int r = add_objects(s);
        if (r < 0)
                return r;
        /* A direct connection between two processes has no names. */
        if ((r = sd_bus_is_bus_client(bus)) < 0)
                return r;
        if (r > 0 && (r = sd_bus_request_name_async(bus, &s->slots[3], s->interface, 0,
                                                    on_name_reply, s)) < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

BusService *bus_service_free(BusService *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(s->slots); i++)
                sd_bus_slot_unref(s->slots[i]);
        sd_bus_unref(s->bus);
        free(s);
        return NULL;
}

static int emit(BusService *s, const char *interface, const char *member)
{
        if (s->backend.role != CONTROLLER_DISCOVERY)
                return -EOPNOTSUPP;
        return sd_bus_emit_signal(s->bus, s->path, interface, member, NULL);
}

int bus_emit_log_pages_changed(BusService *s, const Tid *dc, const char *device)
{
        TidFields f;

        if (s->backend.role != CONTROLLER_DISCOVERY)
                return -EOPNOTSUPP;
        tid_fields(dc, &f);
        return sd_bus_emit_signal(s->bus, s->path, s->interface, "log_pages_changed", "ssssssss",
                                  f.transport, f.traddr, f.trsvcid, f.subsysnqn, f.host_traddr,
                                  f.host_iface, f.host_nqn, text_or(device, ""));
}

int bus_emit_dc_removed(BusService *s)
{
        return emit(s, s->interface, "dc_removed");
}

int bus_emit_sources_changed(BusService *s)
{
        return emit(s, BUS_STAS1_INTERFACE, "sources_changed");
}
