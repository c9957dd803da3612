/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemons' D-Bus service (docs/SPECIFICATION.md §9). One vtable file for each interface; the
 * XML in data/dbus is the contract. Methods answer from the daemon's own memory and never block;
 * calls are answered in turn (bus/calls.h). */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/properties.h"
#include "model/log_changes.h"
#include "model/tid.h"

#define BUS_STAF_NAME "org.nvmexpress.staf"
#define BUS_STAF_PATH "/org/nvmexpress/staf"
#define BUS_STAC_NAME "org.nvmexpress.stac"
#define BUS_STAC_PATH "/org/nvmexpress/stac"
/* Everything that Python's nvme-stas does not provide, on the same paths. */
#define BUS_STAS1_INTERFACE "org.nvmexpress.stas1"
#define BUS_ERROR_INVALID_CONFIGURATION "org.nvmexpress.stas1.Error.InvalidConfiguration"
#define BUS_ERROR_NO_SUCH_CONTROLLER "org.nvmexpress.stas1.Error.NoSuchController"

/* Event priority of the service's connection; answers run at one above and one below. Sources that
 * must not be delayed by callers have a lower number. */
#define BUS_SERVICE_PRIORITY (SD_EVENT_PRIORITY_NORMAL + 70)

/* No call is taken while this many messages are queued for sending. */
#define BUS_UNSENT_MAX 16384

/* Larger answers are refused: the bus closes a connection that sends a message of 32 MiB. */
#define BUS_ANSWER_MAX ((size_t) 31 << 20)
/* Adds the maximum encoded size of a row in bytes to *size. 0, or -ENOBUFS if the sum exceeds
 * BUS_ANSWER_MAX. */
int bus_count_row(const Properties *p, size_t *size);

/* A discovery controller's log as stacd needs it. */
typedef struct LogPages {
        Properties id;       /* keys as in list_controllers(false) */
        const char *state;   /* source_state_to_string() */
        uint64_t generation; /* incremented by each change */
        PropertiesList entries;
} LogPages;

void log_pages_done(LogPages *l);

/* The daemon's side of the interfaces. Each callback returns 0 or a negative errno, which becomes
 * the D-Bus error. -ENOENT: no such controller; the old interfaces then return an empty answer, as
 * they always did. -ENOBUFS: the answer would exceed BUS_ANSWER_MAX. Returned strings are owned by
 * the caller. */
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
        /* stas1, staf: the same, with everything that is known of each entry. */
        int (*read_log_pages)(void *userdata, const TidFields *id, LogPages *ret);
        /* stas1, staf: all discovery controllers; complete: no others are expected to appear;
         * entries stay empty. */
        int (*list_sources)(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n);
        /* stas1, staf: one page of changes to the discovery controllers and their logs. */
        int (*list_changes)(void *userdata, LogCursor at, LogChanges *ret);
        /* stas1: one row for each controller with this device, NQN or address, all if "". -ENOENT
         * if no controller matches. */
        int (*explain)(void *userdata, const char *what, PropertiesList *ret);
        /* stas1: one row for each operation in progress or pending. */
        int (*plan)(void *userdata, PropertiesList *ret);
        /* stas1: reloads the configuration. -EINVAL with the text of the diagnostics if it is
         * refused. */
        int (*reload)(void *userdata, char **ret_reason);
} BusBackend;

typedef struct BusService BusService;

/* Adds the objects to bus, which must be attached to an event loop, and requests the name
 * asynchronously. name_acquired is called with 0 when the name has been acquired, or with a
 * negative errno if it cannot be (-EEXIST: owned by another process); the request is repeated while
 * the bus does not answer. A direct connection without a bus has no names, and name_acquired is
 * never called. */
typedef void (*BusNameHandler)(int error, void *userdata);
int bus_service_new(sd_bus *bus, const BusBackend *backend, BusNameHandler name_acquired,
                    void *userdata, BusService **ret);
BusService *bus_service_free(BusService *s);
DEFINE_CLEANUP(BusService, bus_service_free)

/* Signals of org.nvmexpress.staf and their counterpart in stas1. 0 or a negative errno. With s NULL
 * (no bus at present) nothing is sent; clients query again when the bus is back. */
int bus_emit_log_pages_changed(BusService *s, const Tid *dc, const char *device);
int bus_emit_dc_removed(BusService *s);
/* stas1 sources_changed(): the answers of list_sources() and list_changes() have changed. */
int bus_emit_sources_changed(BusService *s);
