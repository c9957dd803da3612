/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stacd's client of stafd, and a stafd of a test's making, on a bus of their own. */

#include <stddef.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/publication.h"
#include "bus/service.h"
#include "bus/test-private-bus.h"
#include "source/stafd_client.h"

#define STAFD_WORLD_DEADLINE (60 * USEC_PER_SEC)

/* A discovery controller 192.0.2.N; a NULL traddr ends the list. */
typedef struct FakeDc {
        const char *traddr, *state;
        uint64_t generation;
        const char *nqns[8];
        int read_error; /* of the next read only */
        unsigned n_reads;
} FakeDc;

typedef struct World {
        PrivateBus daemon;
        sd_event *event;

        sd_bus *stafd_bus;
        BusService *stafd, python;
        FakeDc dcs[64];
        bool complete;
        unsigned n_lists;
        bool change_while_listing, is_stuck;
        bool is_new;    /* stafd knows list_changes() */
        bool bad_epoch; /* it answers with that of another run */
        Publication *publication;
        unsigned n_pages, n_told; /* entries that list_changes() has told */

        sd_bus *stacd_bus;
        StafdClient *client;
        TextBuffer log;  /* what the handler was told */
        SourceSet *last; /* with entries */
} World;

int setup_world(void **state);
int teardown_world(void **state);
/* The world of a test; without a bus daemon the test is skipped. */
World *world(void **state);

void start_stafd(World *w);
/* One that has nothing of ours. */
void start_python_stafd(World *w);
void stop_stafd(World *w);
void start_stacd(World *w);

void run_for(World *w, usec_t usec);
/* Runs until the handler was told this since the last time, or the time is over: "dc1 complete
 * nqn.a nqn.b", the state and the subsystems of each word, one a line. */
void expect(World *w, const char *log);
/* Nothing more is said. */
void expect_silence(World *w);
