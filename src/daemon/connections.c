/* SPDX-License-Identifier: Apache-2.0 */

/* Two connections to D-Bus: one on which the daemon owns its name and serves any caller, and one
 * for its own calls to other services, whose replies do not queue behind incoming calls. */

#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/systemd.h"

/* After the plan, before callers. */
#define PRIORITY_FOLLOW (BUS_SERVICE_PRIORITY - 10)

_Static_assert(DAEMON_PRIORITY_PLAN < PRIORITY_FOLLOW, "the plan would wait for the bus");

static void tell_status(const Daemon *d)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "Running, version %s", PROJECT_VERSION);
        if (d->inputs.error_at)
                text_buffer_printf(&b, "; removals wait because of an error in %s",
                                   d->inputs.error_at);
        notify_status(text_or(b.data, "Running"));
}

static void become_ready(Daemon *d)
{
        if (d->is_ready) {
                log_info(MESSAGE_BUS_AVAILABLE, "D-Bus is available again");
                return;
        }
        d->is_ready = true;
        systemd_follow_udev_rule(d);
        tell_status(d);
        notify_state("READY=1");
}

static void on_name(int error, void *userdata)
{
        Daemon *d = userdata;

        if (error >= 0) {
                become_ready(d);
                return;
        }
        log_error(MESSAGE_BUS_NAME_UNAVAILABLE,
                  error == -EEXIST ? "Another %s is running already"
                                   : "Cannot acquire the D-Bus name of %s",
                  d->type->name);
        d->exit_code = EXIT_FAILURE;
        daemon_finish(d);
}

static int on_service_bus(sd_bus *bus, void *userdata)
{
        const BusBackend *const backends[] = {
                [CONTROLLER_DISCOVERY] = &answers_backend_staf,
                [CONTROLLER_IO] = &answers_backend_stac,
        };
        Daemon *d = userdata;

        if (bus)
                return bus_service_new(bus, backends[d->type->role], on_name, d, &d->service);
        log_warning(
                MESSAGE_BUS_LOST,
                "The connection to D-Bus is lost; it is re-established when D-Bus is available");
        d->service = bus_service_free(d->service);
        return 0;
}

static int on_follow_bus(sd_bus *bus, void *userdata)
{
        Daemon *d = userdata;
        int r = 0;

        d->bus = bus;
        if (d->stafd)
                r = stafd_client_set_bus(d->stafd, bus);
        if (r >= 0 && d->mdns.avahi)
                r = avahi_client_set_bus(d->mdns.avahi, bus);
        return r;
}

int connections_start(Daemon *d)
{
        int r = d->looks_only ? 0
                              : bus_connection_new(d->loop.event, BUS_SERVICE_PRIORITY,
                                                   on_service_bus, d, &d->service_connection);

        if (r >= 0)
                r = bus_connection_new(d->loop.event, PRIORITY_FOLLOW, on_follow_bus, d,
                                       &d->follow_connection);
        if (r < 0)
                log_error(MESSAGE_BUS_LOST, "Cannot connect to D-Bus: %s", strerror(-r));
        return d->looks_only ? 0 : r; /* then nothing that others may want is treated as unwanted */
}

void connections_end(Daemon *d)
{
        d->service = bus_service_free(d->service);
        d->service_connection = bus_connection_free(d->service_connection);
        d->bus = NULL;
        d->follow_connection = bus_connection_free(d->follow_connection);
}
