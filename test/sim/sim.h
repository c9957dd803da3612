/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One run of the simulation: two daemons (the engines are real), the kernel below them, and the
 * truth they are measured by. */

#include <stdio.h>

#include "sim-kernel.h"

enum {
        SIM_FLAPS_MAX = 10, /* of one target in a minute */
};

enum {
        SIM_PLACES = 60, /* what one source may list; sources overlap */
        SIM_PLACES_APART = 50,
};

/* What a source has said about a target. */
enum {
        SIM_TOLD = 1 << 0,
        SIM_CONFIRMED = 1 << 1, /* since the daemon's start */
};

typedef struct SimSource {
        SourceKind kind;
        char key[192];
        bool listed[SIM_PLACES]; /* what it wants, also while it cannot be asked */
        size_t newest;           /* what it listed last is never left out of a part */
        bool dropped;
        /* What the daemon has heard: */
        bool present, complete;
        uint8_t *word; /* by target */
} SimSource;

typedef struct SimTruth { /* of one target */
        unsigned n_told, n_confirmed, n_firmware;
        bool told_once; /* since the start */
        unsigned n_ncc_connects;
        usec_t failed_at; /* a connect, and nothing has happened since to try again at once */
        usec_t stall_begun, stall_took; /* its connect held the kernel; 0: it has not */
        unsigned stall_lives;           /* of its far end when it did */
        bool left_to_peer;              /* nobody tells it, and a peer was the last who did */
        usec_t left_at[SIM_FLAPS_MAX];  /* when it was disconnected because of that */
        size_t n_left;
        usec_t read_at; /* its log, and nothing has happened since to read it at once */
} SimTruth;

enum {
        SIM_WAYS = 3, /* to a portal: interfaces */
};

typedef struct SimPath {    /* to a portal, by one of the interfaces, as its daemon has seen it */
        usec_t answered_at; /* a probe, or a connect succeeded; 0: never */
        usec_t silent_at; /* a probe failed, and nothing has happened since to try again at once */
} SimPath;

typedef struct SimConnection {
        bool made, adopted; /* by one of our daemons */
        bool restored;      /* the state file said that it is ours */
        bool orphan;        /* who made it was killed before it could tell the registry */
        bool given_away;    /* others have written to the registry that it is theirs, or nobody's */
        usec_t wanted_till; /* when it last served a row that is wanted */
        usec_t busy_at;     /* its deletion was refused, and nothing has happened since */
        size_t busy_for;    /* for this target */
} SimConnection;

typedef struct SimJob {
        Action action;
        size_t target; /* of the row that asked; SIZE_MAX: of none of them */
        usec_t begun;
        unsigned stage;
        bool done;
        int error, instance;
        unsigned incarnation; /* CONNECT: of what is being made */
        DiscoveryLog *log;
        Device *device, **devices;
        size_t n_devices;
} SimJob;

typedef struct SimAsked { /* an operation that the engine has begun */
        Action action;
        size_t target; /* of its row; SIZE_MAX: it has none */
        usec_t at;
        bool excused; /* the network was not up all the time */
} SimAsked;

typedef struct SimHands SimHands;

typedef struct SimState { /* what the state file holds */
        struct {
                int instance;
                uint64_t inode;
        } * devices;
        size_t n_devices;
        SourceSet **sets;
        size_t n_sets;
        struct {
                size_t target;
                usec_t begun, took, until;
        } * stalls;
        size_t n_stalls;
        Tid **remembered; /* was configured, or being connected */
        size_t n_remembered, n_remembered_allocated;
} SimState;

typedef struct SimDaemon {
        ControllerKind role;
        const char *name;
        Engine *engine; /* NULL: it does not run */
        unsigned n_starts;
        SimHands *hands;
        SimAsked *asked;
        size_t n_asked, n_asked_allocated;
        SimJob *jobs;
        size_t n_jobs, n_jobs_allocated;
        SimSource *sources; /* behind its own ones, stacd: stafd; both: each target of discovery */
        size_t n_sources, n_own_sources;
        FILE *recording; /* NULL: none */
        SimState state;
        usec_t save_at, save_by;   /* USEC_INFINITY: nothing is new */
        uint64_t n_words, n_saved; /* of sources; of them are in the file */
        bool has_heard;            /* of sources or policy, since it planned */
        bool scanned;              /* since the start */
        bool *remembered;          /* by target: the run before wanted it */
        unsigned last_early;       /* the last connection that may be of that run */
        bool has_missed;           /* uevents: whatever it finds may be of that run */
        bool connects_over; /* the mutex of connects was free once: those of before have ended */
        bool releasing;
        usec_t release_by; /* it ends then at the latest */
        size_t n_probes, n_connects, n_disconnects, n_log_reads, n_refused, n_foreign_notices;
} SimDaemon;

typedef struct Sim {
        uint64_t seed, step;
        char replay[96];
        const char *recordings; /* the folder that they go to; NULL: there are none */
        bool verbose;
        usec_t now;
        SimKernel kernel;
        SimDaemon daemons[SIM_N_DAEMONS]; /* by role */
        struct SimFollower *follower;     /* stacd's sight of stafd */
        SimTruth *truth;                  /* by target */
        SimPath *paths;                   /* by portal and way */
        SimConnection *connections;       /* by incarnation */
        size_t n_connections_allocated;
        bool network_down; /* a part of it */
        bool plain;        /* the policies stay the defaults */
        bool flaps;        /* a discovery log cannot make up its mind */
        size_t flap_place;
} Sim;

/* sim-check.c. Says what was violated, and how to see it again. */
_printf_(3, 4) _Noreturn void sim_fail(const Sim *s, const SimDaemon *d, const char *format, ...);
_printf_(3, 4) void sim_trace(const Sim *s, const SimDaemon *d, const char *format, ...);

#define CHECK(s, d, condition, ...)                                                                \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        sim_fail(s, d, __VA_ARGS__);                                               \
        } while (0)
