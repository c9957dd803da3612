/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The decision about one controller: a pure function of the desired state, the actual state, the
 * operation under way and the time. All that a daemon does to a controller is decided here. */

#include "model/operation.h"
#include "model/policy.h"

/* A controller is removed only after it has been unwanted for this long: rewriting a source, or
 * changing a zone in several steps, must not disconnect what is named again at once. */
#define PLAN_QUIET_USEC (1 * USEC_PER_SEC)
/* Minimum interval between two reads of a discovery log, even if it is reported to have changed. */
#define PLAN_LOG_PACE_USEC (1 * USEC_PER_SEC)
/* Several gateways may answer at one address, each with a log of its own: what the first log after
 * a reconnect does not name any more is gone if it is not in a second one after this time either.
 */
#define PLAN_LOG_CONFIRM_USEC (5 * USEC_PER_SEC)
/* Delay before a failed read of a discovery log is retried; it doubles each time, up to the
 * maximum.
 */
#define PLAN_LOG_RETRY_USEC (1 * USEC_PER_SEC)
#define PLAN_LOG_RETRY_MAX_USEC (20 * USEC_PER_SEC)
/* Default of epcsd-poll-interval-minutes: polling interval of discovery logs, of controllers
 * without persistent connections (TP8010, EPCSD) by a connection for each read; of others, in case
 * a change notification was never sent. It is the interval of the neighbours for the former. Two
 * short commands are cheap enough to need no list of the controllers that keep what they promise
 * (OAES). */
#define PLAN_POLL_USEC (15 * 60 * USEC_PER_SEC)
/* Delay before a failed registration is retried. If it was never answered and the connection was
 * lost, the delay quadruples each time, up to the maximum. */
#define PLAN_REGISTER_RETRY_USEC (5 * USEC_PER_SEC)
#define PLAN_REGISTER_RETRY_MAX_USEC (3600 * USEC_PER_SEC)
/* Delay before a failed deletion is retried. */
#define PLAN_DISCONNECT_RETRY_USEC (10 * USEC_PER_SEC)
/* I/O of a block device is observed for this long before its last path is removed. */
#define PLAN_WATCH_USEC (1 * USEC_PER_SEC)
/* Interval of checks whether a block device is still in use: its release triggers no event. */
#define PLAN_IN_USE_RETRY_USEC (5 * USEC_PER_SEC)
/* A device that is not live is read again after this, in case its uevent was lost. */
#define PLAN_LOOK_USEC (30 * USEC_PER_SEC)

typedef struct Facts {
        ControllerKind kind;
        bool claimed;      /* requested by a source */
        bool wanted;       /* claimed, not excluded, address family enabled */
        bool may_start;    /* at least one claim is neither remembered nor passive */
        bool skipped;      /* all claims are passive */
        bool sure;         /* no incomplete source could still want it */
        bool releasing;    /* the daemon disconnects its controllers on exit */
        bool actual_known; /* the kernel's controllers have been read at least once */
        bool ncc; /* NCC (not connected to CDC) is set in every log page entry that requests it */
        Operation op; /* its own, or that of another row on the same device */

        const Device *device; /* NULL: not connected */
        bool ours;            /* made by us or adopted as wanted */
        bool shared;          /* another row decides about the device */
        bool needed;    /* a row that must be kept is connecting, and will need it if that fails */
        bool firmware;  /* requested by the boot firmware, or its device is (NBFT) */
        usec_t look_at; /* next read of the device while it is not live */

        unsigned n_attempts;   /* connects and unanswered probes since it was last connected */
        usec_t connect_at;     /* earliest next connect */
        usec_t stalled_until;  /* the same, because its last connect stalled */
        usec_t closed_until;   /* the same, because connects of other rows of the portal stalled */
        usec_t answered_until; /* validity of the portal's answer; USEC_INFINITY: no probe needed */
        usec_t probe_at;       /* earliest next probe */
        bool unasked;          /* probe_at: the last probe failed because of this host */
        usec_t disconnect_at;  /* earliest next deletion */
        bool in_use; /* the last deletion was refused: last path to a block device in use */
        usec_t unwanted_since; /* by all rows that may use the device */
        usec_t quiet;          /* quiet time, if longer than PLAN_QUIET_USEC */
        bool brief;            /* no persistent connection: for a single read of the log */
        bool polled;           /* the log was read, and connect_at is the time of the next read */
        bool unregistered;     /* this host must be registered with it */
        usec_t register_at;    /* earliest next registration */
        bool registered; /* this host is registered, and must be deregistered when the controller is
                            removed */
        bool offers_unknown; /* supported log page options must be read first */
        bool log_stale;      /* its discovery log must be read */
        usec_t log_at;       /* earliest next read, because the last one failed */
        usec_t log_pace_at;  /* the same, because it was read just now */
        usec_t log_poll_at;  /* read it by then, whether or not it is stale; 0: never read */
} Facts;

typedef enum Step {
        STEP_NOTHING, /* in the desired state, or no operation is permitted */
        STEP_WAIT,    /* until Decision.at */
        STEP_START,   /* Decision.operation; not repeated for a probe under way */
        STEP_FORGET,  /* nothing left to decide */
        _STEP_MAX,
} Step;

typedef enum Reason { /* shown by `explain` */
        REASON_CONVERGED,
        REASON_BUSY,     /* an operation is under way */
        REASON_STARTING, /* the kernel's controllers are not known yet */
        REASON_MISSING,  /* wanted, not connected */
        REASON_BACKOFF,
        REASON_STALLED, /* the kernel waited in vain for its connect */
        REASON_CLOSED,  /* … for connects of other rows of its portal */
        REASON_PROBING,
        REASON_NO_ANSWER,  /* from its portal */
        REASON_UNASKED,    /* this host could not ask its portal */
        REASON_PARKED,     /* no persistent connection: its log is polled */
        REASON_NCC,        /* not connected to its CDC, attempts used up */
        REASON_REMEMBERED, /* wanted only by the restored state of a source */
        REASON_PASSIVE,    /* the boot firmware's: connected by others only, or its interface is
                              missing */
        REASON_SKIPPED,    /* the entry that names it is not usable */
        REASON_NOT_LIVE,   /* the kernel is reconnecting or deleting it */
        REASON_LEFT,       /* a discovery controller of another program, by the registry */
        REASON_UNREGISTERED,
        REASON_LOG_STALE,
        REASON_LOG_BACKOFF,
        REASON_EXCLUDED, /* claimed, but excluded by a rule or its address family */
        REASON_UNWANTED,
        REASON_QUIET_TIME,
        REASON_UNSURE,    /* a source is not complete */
        REASON_FOREIGN,   /* not ours, and out of the scope of disconnects */
        REASON_SCOPE,     /* kept by disconnect-scope or disconnect-trtypes */
        REASON_PROTECTED, /* belongs to the boot firmware or, by the registry, to another program */
        REASON_IN_USE,    /* the last path to a block device in use */
        REASON_SHARED,    /* another row decides about the connection, or may need it */
        REASON_GONE,
        _REASON_MAX,
} Reason;

/* Returns a short description: "connected", "waiting for the quiet time", … */
const char *reason_to_string(Reason r);

typedef struct Decision {
        Step step;
        Operation operation; /* STEP_START: PROBE (its portal must answer first), CONNECT,
                                DISCONNECT, REGISTER, DEREGISTER, READ_SUPPORTED_LOGS, READ_LOG or
                                READ_DEVICE; otherwise NONE */
        Reason reason;
        usec_t at; /* STEP_WAIT, STEP_NOTHING: time of the next decision */
} Decision;

/* "nothing", "wait", "connect", … */
const char *decision_to_string(const Decision *d);
bool decision_starts(const Decision *d, Operation o);

/* Returns the earliest time of a connect if the controller is not connected. 0 or past: no wait. */
usec_t plan_next_connect(const Facts *f);

/* Returns true if we may remove the connection once it is not wanted. */
bool plan_scope_allows(const Policy *p, const Device *device, bool ours);

Decision plan_controller(const Facts *f, const Policy *p, usec_t now);
