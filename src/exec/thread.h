/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the threads beside the loop have in common. */

#include <pthread.h>
#include <time.h>

#include "base/macro.h"

/* Starts a detached thread with all signals blocked: they are the loop's. 0 or -ENOMEM:
 * what is -EAGAIN here would be taken for a target's answer. */
int thread_start(void *(*main)(void *), void *userdata);

/* A condition that is waited for until a thread_deadline(), which is so long from now. */
void thread_cond_init(pthread_cond_t *c);
struct timespec thread_deadline(usec_t usec);
