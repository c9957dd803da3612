/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The D-Bus service of a daemon over fixed answers, in a process of its own. */

#include <sys/types.h>

#include "bus/test-private-bus.h"
#include "model/transport.h"

/* Names in the scripts that a person or a peer may use, and what no text may hold. */
#define FAKE_NAME "Speicher B\xc3\xbcro \xe2\x82\xac\xf0\x9d\x84\x9e"
#define FAKE_NAME_SENT FAKE_NAME "\xef\xbf\xbe\xe2\x80\xae"
#define FAKE_NAME_SHOWN FAKE_NAME "??????"

/* While this file is there, what is asked of all controllers is too large for an answer. */
#define FAKE_LARGE "large"

/* While this file is there, the daemon has no interface but that of the Python version. */
#define FAKE_PYTHON "python"

#define FAKE_HOST_NQN "nqn.2014-08.org.nvmexpress:uuid:1bf4f0ae-f18d-424c-bb01-01b32b56fad3"

/* Starts stafd's (CONTROLLER_DISCOVERY) or stacd's service; returns when it has its name: the
 * process, or a negative errno. stafd accepts a reload and has nothing to do,
 * stacd refuses it and has a plan. */
pid_t fake_daemon_start(const PrivateBus *b, ControllerKind role);
void fake_daemon_stop(pid_t pid);
