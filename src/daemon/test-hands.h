/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: fakes for what the daemon acts through and learns about the kernel from. Linked before
 * the libraries, replaces exec/executor.c, exec/probe.c, exec/udev_rule.c,
 * observe/uevent_monitor.c, observe/network_monitor.c and observe/interfaces.c. Jobs that read
 * sysfs or access files are run on the loop; all others wait until the test supplies their result.
 * Supports one daemon at a time. */

#include "codec/uevent.h"
#include "daemon/test-host.h"
#include "exec/executor.h"

void hands_init(const Host *h);

/* The first waiting job of this kind, or NULL. */
const Job *hands_find_job(Operation operation);
/* Completes it with the given result; the identity is filled in. Takes ownership of what the result
 * owns. */
void hands_finish_job(Operation operation, Completion end);
/* The next job of this kind cannot be started. */
void hands_refuse_job(Operation operation, int error);

bool hands_are_asked_to_probe(void);
/* Completes all probes in progress. */
void hands_answer_probes(int error);

void hands_tell_uevent(Uevent u);
