/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One run of the simulation: the engine, the kernel below it, and the truth both are measured by.
 */

#include <stdio.h>
#include <stdlib.h>

#include "sim-kernel.h"

enum {
        TARGETS_PER_SOURCE = 50,
        TARGETS_LISTED = 60, /* sources overlap */
};

typedef struct SimSource {
        SourceKind kind;
        bool listed[TARGETS_LISTED];    /* what it wants, also while it cannot be asked */
        bool confirmed[TARGETS_LISTED]; /* and has said so itself since the start */
        size_t newest;                  /* what it listed last is never left out of a part */
        bool complete, dropped;
} SimSource;

typedef struct SimTruth { /* of one target */
        bool wanted;
        bool told; /* a source has named it since the start */
        unsigned n_ncc_connects;
        usec_t failed_at; /* a connect, and nothing has happened since to try again at once */
} SimTruth;

typedef struct SimConnection {
        bool mine;          /* made by us, or adopted while it was wanted */
        usec_t wanted_till; /* when it last served a row that is wanted */
} SimConnection;

typedef struct Sim {
        uint64_t seed, step;
        SimKernel kernel;
        Engine *engine;
        usec_t now;
        SimSource *sources;
        size_t n_sources;
        SimTruth *truth;
        SimConnection *connections; /* by incarnation */
        size_t n_connections_allocated;
        bool scanned;      /* since the start */
        bool network_down; /* a part of it */
        bool releasing;
        size_t n_connects, n_disconnects, n_log_reads, n_restarts;
} Sim;

#define CHECK(sim, condition, ...)                                                                 \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        (void) fprintf(stderr, "seed %llu step %llu %s: %s: ",                     \
                                       (unsigned long long) (sim)->seed,                           \
                                       (unsigned long long) (sim)->step,                           \
                                       (sim)->kernel.kind == CONTROLLER_IO ? "io" : "discovery",   \
                                       #condition);                                                \
                        (void) fprintf(stderr, __VA_ARGS__);                                       \
                        (void) fputc('\n', stderr);                                                \
                        exit(EXIT_FAILURE);                                                        \
                }                                                                                  \
        } while (0)

/* The target that is the i-th a source may list. */
size_t sim_source_target(const Sim *s, size_t source, size_t i);
/* To be called after each change of sources or policy. */
void sim_refresh_truth(Sim *s);
/* Valid until the next call. */
SimConnection *sim_connection(Sim *s, uint64_t incarnation);
void sim_observe_rows(Sim *s);

void sim_check_action(Sim *s, const Action *a);
void sim_check_note(Sim *s, const Note *n);
/* All rows, or a part of them. */
void sim_check_rows(Sim *s, bool all);
void sim_check_converged(Sim *s);
void sim_check_released(Sim *s);
