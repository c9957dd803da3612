/* SPDX-License-Identifier: Apache-2.0 */

#include "source/bus_peer.h"

#include <stdio.h>

#include "base/text.h"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static void peer_tell(BusPeer *p, BusPeerEvent event)
{
        p->type->on_event(event, p->userdata);
}

/* The name has no known owner any more. */
static void peer_leave(BusPeer *p, BusPeerEvent event)
{
        if (!p->owner)
                return;
        free(p->owner);
        p->owner = NULL;
        peer_tell(p, event);
}

static void peer_set_owner(BusPeer *p, const char *owner)
{
        if (streq_ptr(owner, p->owner))
                return;
        peer_leave(p, BUS_PEER_WENT);
        if (owner)
                peer_tell(p, text_replace(&p->owner, owner) < 0 ? BUS_PEER_UNSURE : BUS_PEER_CAME);
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusPeer *p = userdata;
        const char *owner;

        p->owner_call = sd_bus_slot_unref(p->owner_call);
        if (p->owner) /* it appeared meanwhile */
                return 0;
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                peer_tell(p, BUS_PEER_ABSENT);
        else if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "s", &owner) < 0)
                peer_tell(p, BUS_PEER_UNSURE);
        else
                peer_set_owner(p, owner);
        return 0;
}

int bus_peer_ask(BusPeer *p)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (p->owner || p->owner_call)
                return 0;
        int r = sd_bus_message_new_method_call(p->bus, &m, DBUS_NAME, DBUS_PATH, DBUS_NAME,
                                               "GetNameOwner");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", p->type->name);
        if (r >= 0)
                r = sd_bus_call_async(p->bus, &p->owner_call, m, on_owner, p,
                                      BUS_PEER_TIMEOUT_USEC);
        return r < 0 ? r : 0;
}

static int on_name_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusPeer *p = userdata;
        const char *name, *before, *owner;

        /* Any client may send us such a signal directly; only the bus itself has this sender
         * name. */
        if (!streq_ptr(sd_bus_message_get_sender(m), DBUS_NAME) ||
            sd_bus_message_read(m, "sss", &name, &before, &owner) < 0 ||
            !streq(name, p->type->name))
                return 0;
        peer_set_owner(p, *owner ? owner : NULL);
        return 0;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusPeer *p = userdata;

        if (p->owner && streq_ptr(sd_bus_message_get_sender(m), p->owner))
                p->type->on_signal(m, p->userdata);
        return 0;
}

static int peer_subscribe(BusPeer *p)
{
        char match[sizeof("type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH
                          "',interface='" DBUS_NAME "',member='NameOwnerChanged',arg0=''") +
                   SD_BUS_MAXIMUM_NAME_LENGTH];

        (void) snprintf(match, sizeof(match),
                        "type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH
                        "',interface='" DBUS_NAME "',member='NameOwnerChanged',arg0='%s'",
                        p->type->name);
        int r = sd_bus_add_match_async(p->bus, &p->matches[0], match, on_name_owner_changed, NULL,
                                       p);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(p->type->interfaces); i++)
                r = sd_bus_match_signal_async(p->bus, &p->matches[1 + i], p->type->name,
                                              p->type->path, p->type->interfaces[i], NULL,
                                              on_signal, NULL, p);
        return r;
}

static void peer_leave_bus(BusPeer *p)
{
        for (size_t i = 0; i < ELEMENTSOF(p->matches); i++)
                p->matches[i] = sd_bus_slot_unref(p->matches[i]);
        p->owner_call = sd_bus_slot_unref(p->owner_call);
        p->bus = sd_bus_unref(p->bus);
}

int bus_peer_set_bus(BusPeer *p, sd_bus *bus)
{
        peer_leave(p, BUS_PEER_LOST);
        peer_leave_bus(p);
        if (!bus)
                return 0;
        p->bus = sd_bus_ref(bus);
        int r = peer_subscribe(p);
        return r < 0 ? r : bus_peer_ask(p);
}

void bus_peer_done(BusPeer *p)
{
        peer_leave_bus(p);
        free(p->owner);
}

int bus_peer_new_call(const BusPeer *p, const char *path, const char *interface, const char *member,
                      sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(p->bus, &m, p->owner, path, interface, member);

        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}
