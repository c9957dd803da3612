/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Blocking D-Bus calls to stafd or stacd (docs/SPECIFICATION.md §9). Errors are reported here,
 * once; callers only propagate them. Answers too large for one message are fetched item by item. */

#include <systemd/sd-bus.h>

#include "base/json.h"
#include "cli/cli.h"

struct Daemon {
        const char *name; /* used in messages */
        const char *bus_name, *path, *interface, *debug_interface;
};

extern const Daemon daemon_staf, daemon_stac;

typedef struct DaemonClient {
        const Invocation *invocation;
        sd_bus *bus;
} DaemonClient;

/* 0 or a negative errno, reported; c must be released with daemon_client_done() in both cases. */
int daemon_client_init(DaemonClient *c, const Invocation *i);
void daemon_client_done(DaemonClient *c);
#define _cleanup_daemon_client_ _cleanup_(daemon_client_done)

/* list_controllers(): an array of objects of strings. */
int daemon_list_controllers(DaemonClient *c, bool detailed, struct json_object **ret);
/* debug.process_info(): an object. */
int daemon_process_info(DaemonClient *c, struct json_object **ret);
/* get_all_log_pages(): an array of {"discovery-controller": {…}, "log-pages": […]}. */
int daemon_all_log_pages(DaemonClient *c, bool detailed, struct json_object **ret);
/* get_log_pages(): adds "log-pages", an array of objects, to item. id: transport, traddr, trsvcid,
 * subsysnqn, host-traddr, host-iface, host-nqn. */
enum {
        DAEMON_ID_PARTS = 7
};
int daemon_get_log(DaemonClient *c, const char *const id[static DAEMON_ID_PARTS],
                   struct json_object *item);
/* stas1.read_log_pages(): the same with more keys, and "log-state", which is absent if there is no
 * such controller, or if the daemon is the Python version, which has only get_log_pages(). */
int daemon_read_log(DaemonClient *c, const char *const id[static DAEMON_ID_PARTS],
                    struct json_object *item);
/* The same for all: an array like that of daemon_all_log_pages(true), with "log-state". */
int daemon_read_logs(DaemonClient *c, struct json_object **ret);
/* Sets the property tron and returns the value read back. */
int daemon_set_tron(DaemonClient *c, bool on, bool *ret);
/* stas1.explain(): what is a device, an NQN or an address; "" for all controllers. */
int daemon_explain(DaemonClient *c, const char *what, struct json_object **ret);
/* stas1.plan(). */
int daemon_plan(DaemonClient *c, struct json_object **ret);
/* stas1.reload(). */
int daemon_reload(DaemonClient *c);
