/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* File descriptors on epoll, one event at a time, so that a handler may end any of them. The
 * program has to run without a library in a guest: hence no sd-event. */

#include <sys/epoll.h>

#include "base/macro.h"

typedef struct Watch {
        int fd; /* the owner's; -1: not watched */
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

/* The watch must stay where it is until loop_remove(). 0 or a negative errno. */
int loop_add(Loop *l, Watch *w);
/* Does nothing when these are its events already. */
int loop_set_events(Loop *l, Watch *w, uint32_t events);
/* Ends the watch and closes its descriptor. */
void loop_remove(Loop *l, Watch *w);

/* Waits for one event, until deadline at the latest, and has it handled. 0 or a negative errno. */
int loop_run_once(Loop *l, usec_t deadline);

usec_t loop_now(void);
