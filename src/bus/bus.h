/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemons' D-Bus service (docs/SPECIFICATION.md §9): vtables over what a daemon answers. One
 * vtable file for each interface; the XML in data/dbus is the contract. No method waits for
 * anything but the daemon's own memory and its turn (bus/calls.h). */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/properties.h"
#include "model/log_changes.h"
#include "model/tid.h"

#define BUS_STAF_NAME "org.nvmexpress.staf"
#define BUS_STAF_PATH "/org/nvmexpress/staf"
#define BUS_STAC_NAME "org.nvmexpress.stac"
#define BUS_STAC_PATH "/org/nvmexpress/stac"
/* Everything that Python's nvme-stas has not, on the same paths. */
#define BUS_STAS1_INTERFACE "org.nvmexpress.stas1"
#define BUS_ERROR_INVALID_CONFIGURATION "org.nvmexpress.stas1.Error.InvalidConfiguration"
#define BUS_ERROR_NO_SUCH_CONTROLLER "org.nvmexpress.stas1.Error.NoSuchController"

/* At what priority the service's connection is attached to the loop; answers take one more and one
 * less. What must not wait for callers has a lower number. */
#define BUS_SERVICE_PRIORITY (SD_EVENT_PRIORITY_NORMAL + 70)

/* While so many messages wait for the bus to take them no call is taken. */
#define BUS_UNSENT_MAX 16384

/* Above, an answer is refused: a bus ends the connection by which a message of 32 MiB comes. */
#define BUS_ANSWER_MAX ((size_t) 31 << 20)
/* Adds to *size, the bytes of an answer, what a row takes at most. 0, or -ENOBUFS: it is above. */
int bus_count_row(const Properties *p, size_t *size);

/* A discovery controller's log as stacd needs it. */
typedef struct LogPages {
        Properties id;       /* the keys of list_controllers(false) */
        const char *state;   /* source_state_to_string() */
        uint64_t generation; /* grows with each change */
        PropertiesList entries;
} LogPages;

void log_pages_done(LogPages *l);

/* What a daemon answers. Each returns 0 or a negative errno that becomes the D-Bus error (-ENOENT:
 * no such controller; the old interfaces then answer "nothing", as they always did. -ENOBUFS: the
 * answer would be above BUS_ANSWER_MAX). Texts are moved to the caller. */
typedef struct BusBackend {
        ControllerKind
                role; /* discovery: org.nvmexpress.staf with the log page methods, else stac */
        int (*list_controllers)(void *userdata, bool detailed, PropertiesList *ret);
        int (*controller_info)(void *userdata, const TidFields *id, char **ret_json);
        int (*process_info)(void *userdata, char **ret_json);
        bool (*get_tron)(void *userdata);
        void (*set_tron)(void *userdata, bool on);
        const char *(*log_level)(void *userdata);
        int (*get_all_log_pages)(void *userdata, bool detailed, char **ret_json); /* staf */
        int (*get_log_pages)(void *userdata, const TidFields *id, LogPages *ret); /* staf */
        /* stas1, staf: likewise, with all that is known of each entry */
        int (*read_log_pages)(void *userdata, const TidFields *id, LogPages *ret);
        /* stas1, staf: all discovery controllers, complete = no other may still turn up; entries
         * stay empty. */
        int (*list_sources)(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n);
        /* stas1, staf: what has changed of them and their logs, a page. */
        int (*list_changes)(void *userdata, LogCursor at, LogChanges *ret);
        /* stas1: a row for each controller that has what for a device, an NQN or an address, "" for
         * all; -ENOENT: none has. */
        int (*explain)(void *userdata, const char *what, PropertiesList *ret);
        /* stas1: a row for each thing that is under way or to come. */
        int (*plan)(void *userdata, PropertiesList *ret);
        /* stas1: reads the configuration again. -EINVAL with the diagnostics' text: refused. */
        int (*reload)(void *userdata, char **ret_reason);
} BusBackend;

typedef struct BusService BusService;

/* Adds the objects to bus, which is attached to an event loop, and requests the name without
 * waiting. name_acquired runs once the name is ours (error 0) or can't be (negative errno; -EEXIST:
 * another process has it); a bus that does not answer is asked again. On a direct connection
 * without a bus there is no name and name_acquired never runs. */
typedef void (*BusNameHandler)(int error, void *userdata);
int bus_service_new(sd_bus *bus, const BusBackend *backend, BusNameHandler name_acquired,
                    void *userdata, BusService **ret);
BusService *bus_service_free(BusService *s);
DEFINE_CLEANUP(BusService, bus_service_free)

/* Signals of org.nvmexpress.staf and their counterpart in stas1; 0 or a negative errno. s NULL:
 * there is no bus for now, and who listens asks anew when there is. */
int bus_emit_log_pages_changed(BusService *s, const Tid *dc, const char *device);
int bus_emit_dc_removed(BusService *s);
/* stas1 sources_changed(): list_sources() and list_changes() answer something new. */
int bus_emit_sources_changed(BusService *s);
