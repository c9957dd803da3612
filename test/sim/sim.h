/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One run of the simulation: two daemons with real engines, the kernel below them, and the expected
 * state to compare with. */

#include <stdio.h>

#include "sim-kernel.h"

enum {
        SIM_FLAPS_MAX = 10, /* per target and minute */
};

enum {
        SIM_PLACES = 60, /* targets that a source may list; sources overlap */
        SIM_PLACES_APART = 50,
};

/* State of a target in a source. */
enum {
        SIM_TOLD = 1 << 0,
        SIM_CONFIRMED = 1 << 1, /* since the daemon's start */
};

typedef struct SimSource {
        SourceKind kind;
        char key[192];
        bool listed[SIM_PLACES]; /* wanted by the source, even while it cannot be read */
        size_t newest;           /* listed last, and included in each partial set */
        bool dropped;
        /* Known to the daemon: */
        bool present, complete;
        uint8_t *word; /* by target */
} SimSource;

typedef struct SimTruth { /* expected state of one target */
        unsigned n_told, n_confirmed, n_firmware;
        bool told_once; /* since the start */
        unsigned n_ncc_connects;
        usec_t failed_at;               /* of a connect, unless an event permits a retry at once */
        usec_t stall_begun, stall_took; /* of the connect that held the kernel; 0: none */
        unsigned stall_lives;           /* SimFarEnd.n_lives at that time */
        bool left_to_peer;              /* not wanted, and last withdrawn by a peer */
        usec_t left_at[SIM_FLAPS_MAX];  /* times of disconnects for this reason */
        size_t n_left;
        usec_t read_at; /* of its log, unless an event permits another read at once */
} SimTruth;

enum {
        SIM_WAYS = 3, /* interfaces per portal */
};

typedef struct SimPath {    /* a portal through one of the interfaces, as seen by its daemon */
        usec_t answered_at; /* by a probe or a successful connect; 0: never */
        usec_t silent_at;   /* of a failed probe, unless an event permits a retry at once */
} SimPath;

typedef struct SimConnection {
        bool made, adopted; /* by one of our daemons */
        bool restored;      /* ours according to the state file */
        bool orphan; /* the daemon that made it was killed before it could update the registry */
        bool given_away;    /* others have changed the registry: it is theirs, or has no owner */
        usec_t wanted_till; /* last time it served a wanted row */
        usec_t busy_at;     /* of a refused deletion, unless an event permits a retry at once */
        size_t busy_for;    /* for this target */
} SimConnection;

typedef struct SimJob {
        Action action;
        size_t target; /* of the row that requested it, or SIZE_MAX */
        usec_t begun;
        unsigned stage;
        bool done;
        int error, instance;
        unsigned incarnation; /* CONNECT: of the new connection */
        DiscoveryLog *log;
        Device *device, **devices;
        size_t n_devices;
} SimJob;

typedef struct SimAsked { /* an operation that the engine has started */
        Action action;
        size_t target; /* of its row, or SIZE_MAX */
        usec_t at;
        bool excused; /* the network was down at some time */
} SimAsked;

typedef struct SimHands SimHands;

typedef struct SimState { /* contents of the state file */
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
        Tid **remembered; /* configured, or being connected */
        size_t n_remembered, n_remembered_allocated;
} SimState;

typedef struct SimDaemon {
        ControllerKind role;
        const char *name;
        Engine *engine; /* NULL: not running */
        unsigned n_starts;
        SimHands *hands;
        SimAsked *asked;
        size_t n_asked, n_asked_allocated;
        SimJob *jobs;
        size_t n_jobs, n_jobs_allocated;
        SimSource *sources; /* own ones first, then for stacd: stafd, then for both: one per
                               discovery target */
        size_t n_sources, n_own_sources;
        FILE *recording; /* NULL: none */
        SimState state;
        usec_t save_at, save_by;   /* USEC_INFINITY: nothing to save */
        uint64_t n_words, n_saved; /* changes of source sets; of these, saved */
        bool has_heard;            /* changes of sources or policy since the last plan */
        bool scanned;              /* since the start */
        bool *remembered;          /* by target: wanted by the previous run */
        unsigned last_early;       /* last connection that may have been made by that run */
        bool has_missed;           /* uevents: any new connection may have been made by that run */
        bool connects_over; /* the mutex of connects was free once: earlier connects have ended */
        bool releasing;
        usec_t release_by; /* time by which it must have ended */
        size_t n_probes, n_connects, n_disconnects, n_log_reads, n_refused, n_foreign_notices;
} SimDaemon;

typedef struct Sim {
        uint64_t seed, step;
        char replay[96];
        const char *recordings; /* folder for the recordings, or NULL */
        bool verbose;
        usec_t now;
        SimKernel kernel;
        SimDaemon daemons[SIM_N_DAEMONS]; /* by role */
        struct SimFollower *follower;     /* stacd's view of stafd */
        SimTruth *truth;                  /* by target */
        SimPath *paths;                   /* by portal and way */
        SimConnection *connections;       /* by incarnation */
        size_t n_connections_allocated;
        bool network_down; /* partially */
        bool plain;        /* the policies keep their defaults */
        bool flaps;        /* a discovery log alternates */
        size_t flap_place;
} Sim;

/* sim-check.c: reports a violation, and how to reproduce it. */
_printf_(3, 4) _Noreturn void sim_fail(const Sim *s, const SimDaemon *d, const char *format, ...);
_printf_(3, 4) void sim_trace(const Sim *s, const SimDaemon *d, const char *format, ...);

#define CHECK(s, d, condition, ...)                                                                \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        sim_fail(s, d, __VA_ARGS__);                                               \
        } while (0)
