/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: a host in a directory, with the files that a daemon reads and a sysfs that the test
 * changes. */

#include "daemon/daemon.h"
#include "observe/testing.h"

#define HOST_NQN "nqn.2014-08.org.nvmexpress:uuid:3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d10"
#define HOST_ID "3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d10"

#define HOST_ADDRESS "192.0.2.100"

typedef struct Host {
        Root root;
        char conf_file[PATH_MAX], state_file[PATH_MAX];
        char sys_conf[PATH_MAX], exclusions[PATH_MAX], sysfs[PATH_MAX], dev[PATH_MAX],
                registry[PATH_MAX];
        DaemonPaths paths;
        DaemonType type;
} Host;

/* h must not be moved. The configuration is empty, and nothing is connected. */
void host_make(Host *h, const char *name, ControllerKind role);
void host_remove(Host *h);

void host_configure(const Host *h, const char *text);
/* Adds a live connection to sysfs, without an owner, with a namespace if it is an I/O controller.
 * nqn: NQN_DISCOVERY for a discovery controller. Returns its inode. */
uint64_t host_connect(const Host *h, int instance, const char *traddr, const char *trsvcid,
                      const char *nqn);
void host_set_state(const Host *h, int instance, const char *state);
void host_disconnect(const Host *h, int instance);
