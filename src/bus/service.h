/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the bus room: what the vtable files share. */

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

/* A vtable's handler: the call is answered by method in its turn. */
#define METHOD_IN_TURN(method)                                                                     \
        static int method##_in_turn(sd_bus_message *m, void *userdata, sd_bus_error *error)        \
        {                                                                                          \
                return calls_add(((BusService *) userdata)->calls, m, method, error);              \
        }

/* One for each interface; the userdata is the BusService. Every member is open to all: the policy
 * of the bus (data/dbus) says who may call what, and sd-bus's own check would ask the bus for the
 * caller's identity and wait for the answer. */
extern const sd_bus_vtable bus_staf_vtable[], bus_stac_vtable[], bus_debug_vtable[];
extern const sd_bus_vtable bus_stas1_staf_vtable[], bus_stas1_stac_vtable[];

/* Longer than an NQN, a transport address of the discovery log or an interface's name. No text of a
 * call that waits is longer. */
#define BUS_STRING_MAX 1024

/* Reads the seven strings; they live as long as the message. */
int bus_read_id(sd_bus_message *m, TidFields *ret);

/* Appends an a{ss} for each row as aa{ss}. Values become printable on the way: one text that is not
 * UTF-8 would fail the whole answer. -ENOBUFS: they are above BUS_ANSWER_MAX. */
int bus_append_properties_list(sd_bus_message *m, PropertiesList *l);
/* Answers the call m with nothing but that. */
int bus_reply_properties_list(sd_bus_message *m, PropertiesList *l);
/* Appends text, made printable but for its line ends. -ENOBUFS: it is above BUS_ANSWER_MAX. */
int bus_append_text(sd_bus_message *m, char *text);

/* list_controllers() of both daemons. */
int bus_method_list_controllers(sd_bus_message *m, void *userdata, sd_bus_error *error);
