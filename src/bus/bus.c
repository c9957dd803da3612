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

static int request_name(BusService *s);

static int on_name_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        BusService *s = userdata;
        int r = name_error(reply);

        /* The bus is slow, or the connection has ended; its owner is notified of that, and the
         * request fails. */
        if (r == -ETIMEDOUT)
                (void) request_name(s);
        else if (s->name_acquired)
                s->name_acquired(r, s->userdata);
        return 0;
}

static int request_name(BusService *s)
{
        s->slots[SLOT_NAME] = sd_bus_slot_unref(s->slots[SLOT_NAME]);
        return sd_bus_request_name_async(s->bus, &s->slots[SLOT_NAME], s->interface, 0,
                                         on_name_reply, s);
}

static bool changes_something(sd_bus_message *m)
{
        return sd_bus_message_is_method_call(m, NULL, "reload") > 0 ||
               sd_bus_message_is_method_call(m, NULL, "Set") > 0;
}

/* Drops calls that expect no reply or whose reply the bus does not accept. */
static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusService *s = userdata;
        uint64_t n_unsent = 0;

        if (sd_bus_message_is_method_call(m, NULL, NULL) <= 0)
                return 0;
        (void) sd_bus_get_n_queued_write(s->bus, &n_unsent); /* fails if the connection has ended */
        return n_unsent > BUS_UNSENT_MAX ||
               (sd_bus_message_get_expect_reply(m) == 0 && !changes_something(m));
}

static int add_objects(BusService *s)
{
        bool staf = s->backend.role == CONTROLLER_DISCOVERY;
        int r;

        s->path = staf ? BUS_STAF_PATH : BUS_STAC_PATH;
        s->interface = staf ? BUS_STAF_NAME : BUS_STAC_NAME;
        s->debug_interface = staf ? BUS_STAF_NAME ".debug" : BUS_STAC_NAME ".debug";
        if ((r = sd_bus_add_filter(s->bus, &s->slots[SLOT_FILTER], on_message, s)) < 0 ||
            (r = sd_bus_add_object_vtable(s->bus, &s->slots[SLOT_DAEMON], s->path, s->interface,
                                          staf ? bus_staf_vtable : bus_stac_vtable, s)) < 0 ||
            (r = sd_bus_add_object_vtable(s->bus, &s->slots[SLOT_DEBUG], s->path,
                                          s->debug_interface, bus_debug_vtable, s)) < 0)
                return r;
        return sd_bus_add_object_vtable(s->bus, &s->slots[SLOT_STAS1], s->path, BUS_STAS1_INTERFACE,
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

        int r = calls_new(bus, s, &s->calls);
        if (r < 0 || (r = add_objects(s)) < 0)
                return r;
        /* A direct connection has no names. */
        if ((r = sd_bus_is_bus_client(bus)) < 0)
                return r;
        if (r > 0 && (r = request_name(s)) < 0)
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
        (void) calls_free(s->calls);
        sd_bus_unref(s->bus);
        free(s);
        return NULL;
}

static int can_emit(const BusService *s)
{
        if (!s)
                return -ENOTCONN;
        return s->backend.role == CONTROLLER_DISCOVERY ? 0 : -EOPNOTSUPP;
}

int bus_emit_log_pages_changed(BusService *s, const Tid *dc, const char *device)
{
        TidFields f;

        int r = can_emit(s);
        if (r < 0)
                return r;
        tid_fields(dc, &f);
        return sd_bus_emit_signal(s->bus, s->path, s->interface, "log_pages_changed", "ssssssss",
                                  f.transport, f.traddr, f.trsvcid, f.subsysnqn, f.host_traddr,
                                  f.host_iface, f.host_nqn, text_or(device, ""));
}

int bus_emit_dc_removed(BusService *s)
{
        int r = can_emit(s);

        return r < 0 ? r : sd_bus_emit_signal(s->bus, s->path, s->interface, "dc_removed", NULL);
}

int bus_emit_sources_changed(BusService *s)
{
        int r = can_emit(s);

        return r < 0 ? r
                     : sd_bus_emit_signal(s->bus, s->path, BUS_STAS1_INTERFACE, "sources_changed",
                                          NULL);
}
