/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Common code of the threads other than the event loop's. */

#include <pthread.h>
#include <time.h>

#include "base/macro.h"

/* Starts a detached thread with all signals blocked: they are handled by the loop. Returns 0 or
 * -ENOMEM: -EAGAIN would be mistaken for a target's answer. */
int thread_start(void *(*main)(void *), void *userdata);

/* For conditions waited for until thread_deadline(), which returns the time usec from now. */
void thread_cond_init(pthread_cond_t *c);
struct timespec thread_deadline(usec_t usec);
