/* SPDX-License-Identifier: Apache-2.0 */

/* stafd finds discovery controllers and keeps connections to them. */

#include "daemon/daemon.h"
#include "source/configuration_files.h"

int main(int argc, char **argv)
{
        static const DaemonType type = {
                .name = "stafd",
                .purpose = "STorage Appliance Finder: finds NVMe discovery controllers, reads "
                           "their logs.",
                .role = CONTROLLER_DISCOVERY,
                .conf_file = STAFD_CONF,
                .state_file = "/run/stafd/last-known-config.json",
                .paths = &daemon_paths,
        };

        return daemon_main(&type, argc, argv);
}
