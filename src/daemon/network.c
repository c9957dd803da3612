/* SPDX-License-Identifier: Apache-2.0 */

/* Reacts to changes of the host's network: destinations that may have become reachable are tried at
 * once. */

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/firmware.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"
#include "observe/interfaces.h"

static void read_interfaces(Daemon *d)
{
        Network network = { 0 };

        int r = interfaces_read(&network);
        if (r < 0) {
                log_warning(MESSAGE_NETWORK_UNREADABLE, "Cannot read the network interfaces: %s",
                            strerror(-r));
                return;
        }
        (void) to_engine_set_network(d, &network);
        firmware_look_up(d);
}

static void on_network(const Reachability *reachability, void *userdata)
{
        Daemon *d = userdata;

        if (reachability) {
                (void) to_engine(d, (EngineInput) { .kind = INPUT_REACHABILITY,
                                                    .reachability = *reachability });
                host_names_retry(&d->names, daemon_now(d)); /* a name server may be reachable now */
                names_resolve(d);
        } else
                read_interfaces(d);
        daemon_schedule_plan(d);
}

void network_watch(Daemon *d)
{
        /* Before the interfaces are read, so that no change in between is missed. */
        int r = network_monitor_new(d->loop.event, on_network, d, &d->network_monitor);
        if (r < 0)
                log_warning(MESSAGE_NETWORK_UNREADABLE,
                            "Cannot watch the network interfaces, changes take effect on the next "
                            "reload: %s",
                            strerror(-r));
        read_interfaces(d);
}
