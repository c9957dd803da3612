/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the bus room: shared by the vtable files. */

#include "bus/bus.h"
#include "bus/calls.h"

typedef enum Slot {
        SLOT_FILTER,
        SLOT_DAEMON,
        SLOT_DEBUG,
        SLOT_STAS1,
        SLOT_NAME,
        _SLOT_MAX,
} Slot;

struct BusService {
        sd_bus *bus;
        BusBackend backend;
        void *userdata;
        BusNameHandler name_acquired;
        const char *path, *interface, *debug_interface;
        sd_bus_slot *slots[_SLOT_MAX];
        Calls *calls;
};

/* Defines a vtable handler that queues the call to be answered by method. */
#define METHOD_IN_TURN(method)                                                                     \
        static int method##_in_turn(sd_bus_message *m, void *userdata, sd_bus_error *error)        \
        {                                                                                          \
                return calls_add(((BusService *) userdata)->calls, m, method, error);              \
        }

/* One for each interface; the userdata is the BusService. All members are unprivileged: access is
 * controlled by the bus policy (data/dbus), and sd-bus's own check would query the bus for the
 * caller's identity and block until it answers. */
extern const sd_bus_vtable bus_staf_vtable[], bus_stac_vtable[], bus_debug_vtable[];
extern const sd_bus_vtable bus_stas1_staf_vtable[], bus_stas1_stac_vtable[];

/* Longer than an NQN, a transport address of the discovery log or an interface's name. Strings of
 * queued calls are limited to this. */
#define BUS_STRING_MAX 1024

/* Reads the seven strings of an identity, which are valid as long as the message. */
int bus_read_id(sd_bus_message *m, TidFields *ret);

/* Appends the rows as aa{ss}. Values are made printable in place, since a single string that is not
 * UTF-8 would fail the whole answer. -ENOBUFS if they exceed BUS_ANSWER_MAX. */
int bus_append_properties_list(sd_bus_message *m, PropertiesList *l);
/* Answers the call m with the list alone. */
int bus_reply_properties_list(sd_bus_message *m, PropertiesList *l);
/* Appends text, made printable except for line breaks. -ENOBUFS if it exceeds BUS_ANSWER_MAX. */
int bus_append_text(sd_bus_message *m, char *text);

/* list_controllers() of both daemons. */
int bus_method_list_controllers(sd_bus_message *m, void *userdata, sd_bus_error *error);
