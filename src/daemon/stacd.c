/* SPDX-License-Identifier: Apache-2.0 */

/* stacd connects to the I/O controllers that its configuration and stafd's logs name. */

#include "daemon/daemon.h"
#include "source/configuration_files.h"

int main(int argc, char **argv)
{
        static const DaemonType type = {
                .name = "stacd",
                .purpose = "STorage Appliance Connector: connects to NVMe I/O controllers.",
                .role = CONTROLLER_IO,
                .conf_file = STACD_CONF,
                .state_file = "/run/stacd/last-known-config.json",
                .paths = &daemon_paths,
        };

        return daemon_main(&type, argc, argv);
}
