/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: what a daemon acts with, and what tells it of the kernel. Linked before the libraries
 * it takes the place of exec/executor.c, exec/probe.c, exec/udev_rule.c, observe/uevent_monitor.c,
 * observe/network_monitor.c and observe/interfaces.c. Jobs that look at sysfs, and files, are done
 * as they are, on the loop; all others wait for the test to say what came of them. There is one
 * daemon at a time. */

#include "codec/uevent.h"
#include "daemon/test-host.h"
#include "exec/executor.h"

void hands_init(const Host *h);

/* The first job of the kind that waits, or NULL. */
const Job *hands_find_job(Operation operation);
/* It has ended; what result has beside the identity of the job. Takes what it owns. */
void hands_finish_job(Operation operation, Completion end);
/* The next one of the kind cannot begin. */
void hands_refuse_job(Operation operation, int error);

bool hands_are_asked_to_probe(void);
/* All probes that are under way. */
void hands_answer_probes(int error);

void hands_tell_uevent(Uevent u);
