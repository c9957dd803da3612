/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Event loop on epoll, one event at a time, so that a handler may close any descriptor. The program
 * must run in a guest without libraries: hence no sd-event. */

#include <sys/epoll.h>

#include "base/macro.h"

typedef struct Watch {
        int fd; /* owned by the caller; -1: not watched */
        uint32_t events;
        void (*handler)(void *userdata, uint32_t events);
        void *userdata;
} Watch;

typedef struct Loop {
        int fd;
        bool is_over;
} Loop;

/* 0 or a negative errno. */
int loop_init(Loop *l);
void loop_done(Loop *l);

/* The watch must not move until loop_remove(). Returns 0 or a negative errno. */
int loop_add(Loop *l, Watch *w);
/* Does nothing if the events are unchanged. */
int loop_set_events(Loop *l, Watch *w, uint32_t events);
/* Removes the watch and closes its descriptor. */
void loop_remove(Loop *l, Watch *w);

/* Waits for one event, at most until deadline, and handles it. Returns 0 or a negative errno. */
int loop_run_once(Loop *l, usec_t deadline);

usec_t loop_now(void);
