/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The decision about one controller: a pure function of what is wanted, what there is, what is
 * under way and the time. Everything a daemon does to a controller is decided here and nowhere
 * else. */

#include "model/operation.h"
#include "model/policy.h"

/* Removals wait until the unwanted state has lasted this long: a source that is being rewritten, or
 * a zone change in several steps, shall not tear down what comes back at once. */
#define PLAN_QUIET_USEC (1 * USEC_PER_SEC)
/* From one read of a discovery log to the next one, should it be said to have changed meanwhile. */
#define PLAN_LOG_PACE_USEC (1 * USEC_PER_SEC)
/* A failed read of a discovery log is tried again after this. */
#define PLAN_LOG_RETRY_USEC (20 * USEC_PER_SEC)
/* A discovery controller that holds no hosts is asked for its log again after this (TP8010, EPCSD).
 */
#define PLAN_POLL_USEC (15 * 60 * USEC_PER_SEC)
/* A failed registration is tried again after this; one that was never answered, and took the
 * connection with it, after a while that doubles twice each time, up to the other. */
#define PLAN_REGISTER_RETRY_USEC (5 * USEC_PER_SEC)
#define PLAN_REGISTER_RETRY_MAX_USEC (3600 * USEC_PER_SEC)
/* A failed deletion is tried again after this. */
#define PLAN_DISCONNECT_RETRY_USEC (10 * USEC_PER_SEC)
/* So long the reads and writes of a block device are counted before its last path goes. */
#define PLAN_WATCH_USEC (1 * USEC_PER_SEC)
/* What keeps a block device in use is looked for again after this: its release makes no event. */
#define PLAN_IN_USE_RETRY_USEC (5 * USEC_PER_SEC)
/* A device that is not live is looked at again after this, should its uevent not come. */
#define PLAN_LOOK_USEC (30 * USEC_PER_SEC)

typedef struct Facts {
        ControllerKind kind;
        bool claimed;      /* a source asks for it */
        bool wanted;       /* claimed, not excluded, of an address family in use */
        bool may_start;    /* at least one claim is neither remembered nor passive */
        bool skipped;      /* all claims are passive */
        bool sure;         /* no source whose word is missing could still want it */
        bool releasing;    /* the daemon gives its connections up as it stops */
        bool actual_known; /* the kernel's controllers have been read once */
        bool ncc;          /* every log page entry that asks for it says "not connected to CDC" */
        Operation op;      /* its own, or another row's on the same device */

        const Device *device; /* NULL: not connected */
        bool ours;            /* made by us or adopted as wanted */
        bool shared;          /* another row decides about the same device */
        bool needed;          /* by a row that must be kept and is connecting: that may fail */
        bool firmware;        /* the boot firmware asks for it, or for its device (NBFT) */
        usec_t look_at;       /* when the device shall be read again, should it not be live */

        unsigned n_attempts;   /* connects and unanswered probes since it was last connected */
        usec_t connect_at;     /* earliest next connect */
        usec_t stalled_until;  /* the same, because its last one stalled */
        usec_t closed_until;   /* the same, because others of its portal did */
        usec_t answered_until; /* its portal's answer counts until then; USEC_INFINITY: none is
                                  needed */
        usec_t probe_at;       /* earliest next probe */
        bool unasked;          /* probe_at: this host could not even ask */
        usec_t disconnect_at;  /* earliest next deletion */
        bool in_use; /* the last deletion would have taken a device in use its last path */
        usec_t unwanted_since; /* by all that may use the device */
        usec_t quiet;          /* how long that is left alone, if longer than PLAN_QUIET_USEC */
        bool brief;            /* it holds no hosts: the connection is for one read of its log */
        bool polled;           /* that was done: what connect_at waits for is the next */
        bool unregistered;     /* it must be told who we are */
        usec_t register_at;    /* earliest */
        bool registered;       /* it was told, and must be told when we leave for good */
        bool offers_unknown;   /* what it offers for its discovery log must be asked for first */
        bool log_stale;        /* its discovery log must be read */
        usec_t log_at;         /* earliest next read, because the last one failed */
        usec_t log_pace_at;    /* the same, because that was just now */
} Facts;

typedef enum Step {
        STEP_NOTHING, /* as it should be, or nothing may be done */
        STEP_WAIT,    /* until Decision.at */
        STEP_START,   /* Decision.operation; a probe unless it is under way */
        STEP_FORGET,  /* nothing is left to decide about */
        _STEP_MAX,
} Step;

typedef enum Reason { /* why; what `explain` says */
        REASON_CONVERGED,
        REASON_BUSY,     /* an operation is under way */
        REASON_STARTING, /* the kernel's controllers are not known yet */
        REASON_MISSING,  /* wanted, not connected */
        REASON_BACKOFF,
        REASON_STALLED, /* the kernel waited in vain for its connect */
        REASON_CLOSED,  /* … for those of others of its portal */
        REASON_PROBING,
        REASON_NO_ANSWER,  /* from its portal */
        REASON_UNASKED,    /* this host could not ask its portal */
        REASON_PARKED,     /* it holds no hosts: its log is asked for now and then */
        REASON_NCC,        /* not connected to its CDC, attempts used up */
        REASON_REMEMBERED, /* wanted by a source's last known word only */
        REASON_PASSIVE,    /* the boot firmware's, for others to connect or without its interface */
        REASON_SKIPPED,    /* what names it is not usable */
        REASON_NOT_LIVE,   /* the kernel is reconnecting or deleting it */
        REASON_UNREGISTERED,
        REASON_LOG_STALE,
        REASON_LOG_BACKOFF,
        REASON_EXCLUDED, /* claimed; a rule or its address family forbids it */
        REASON_UNWANTED,
        REASON_QUIET_TIME,
        REASON_UNSURE,    /* a source could not be asked */
        REASON_FOREIGN,   /* not ours, not in the scope of disconnects */
        REASON_SCOPE,     /* disconnect-scope or disconnect-trtypes keeps it */
        REASON_PROTECTED, /* the boot firmware's, or somebody else's by the registry */
        REASON_IN_USE,    /* the last path to a block device in use */
        REASON_SHARED,    /* another row decides about the connection, or may need it */
        REASON_GONE,
        _REASON_MAX,
} Reason;

/* A short text for people: "connected", "waiting for the quiet time", … */
const char *reason_to_string(Reason r);

typedef struct Decision {
        Step step;
        Operation operation; /* STEP_START: PROBE: its portal must answer first; CONNECT,
                                DISCONNECT, REGISTER, DEREGISTER, READ_SUPPORTED_LOGS, READ_LOG,
                                READ_DEVICE. Else NONE */
        Reason reason;
        usec_t at; /* STEP_WAIT: when to decide again */
} Decision;

/* "nothing", "wait", "connect", … */
const char *decision_to_string(const Decision *d);
bool decision_starts(const Decision *d, Operation o);

/* When it is connected at the earliest, should it be missing; 0 or past: nothing keeps it waiting.
 */
usec_t plan_next_connect(const Facts *f);

/* Is a connection, once nobody wants it, ours to remove? */
bool plan_scope_allows(const Policy *p, const Device *device, bool ours);

Decision plan_controller(const Facts *f, const Policy *p, usec_t now);
