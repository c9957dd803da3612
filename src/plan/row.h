/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A row of the engine: desired state, actual state and the operation under way, kept in separate
 * parts. Const outside of the engine. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "model/device.h"
#include "model/source_set.h"
#include "plan/attempts.h"
#include "plan/decision.h"
#include "plan/portal.h"

/* Limits; referrals beyond them are not followed. */
enum {
        REFERRAL_DEPTH_MAX = 8,
        REFERRALS_PER_LOG_MAX = 128,
        REFERRALS_MAX = 512, /* from configured roots, and as many again from announced ones */
};

/* Limits for all discovery logs together, and for the part announced by mDNS or referred to from
 * there. */
enum {
        LOG_ENTRIES_MAX = 65536,
        LOG_ENTRIES_ANNOUNCED_MAX = 32768,
        /* Entries named by sources, including those kept because a set was not complete. */
        SOURCE_ENTRIES_MAX = 2 * LOG_ENTRIES_MAX,
};

typedef struct Claim {
        const SourceSet *set;
        const SourceEntry *entry;
} Claim;

typedef struct Wanted {
        Claim *claims; /* strongest origin first */
        size_t n_claims, n_allocated;
        const ExcludeRule *excluded_by; /* in the engine's policy */
        bool wrong_family;
        bool was_claimed; /* at least once since the start */
        bool is_wanted;
        unsigned n_times;      /* times it became wanted since the start */
        bool firmware;         /* claimed by the boot firmware */
        bool active;           /* at least one claim is not passive */
        bool ncc;              /* no claim reports a connection to the CDC */
        usec_t unwanted_since; /* valid while it is not wanted */
        usec_t quiet;          /* quiet time, or 0 for the default */
} Wanted;

typedef struct LogStatus {
        DiscoveryLog *log;   /* NULL: never read */
        SourceState state;   /* UNKNOWN: not read since the last connect */
        uint64_t generation; /* incremented on each change of log or state */
        size_t n_left_out;   /* entries left out for lack of room: the state is at most partial */
        bool told_left_out;
        bool stale;         /* to be read */
        usec_t retry_at;    /* earliest next read after a failure */
        usec_t paced_until; /* earliest next read after any read */
        usec_t poll_at;     /* latest next read after any read; 0: never read */
        unsigned n_failures;
        int last_error;
        bool offers_known; /* log page 00h was read on this connection, or must not be read */
        bool offers_lost;  /* reading it broke the connection: not retried */
        unsigned offers;   /* DISCOVERY_LOG_* */
} LogStatus;

typedef struct Registration { /* TP8010: see engine-registration.c */
        bool stale;           /* to be done, if the controller supports it */
        bool done;            /* registered by this run of the daemon */
        usec_t retry_at;
        unsigned n_lost; /* consecutive ones not answered that broke the connection */
        int last_error, last_status;
} Registration;

typedef struct Referrals { /* see engine-referrals.c */
        TAILQ_ENTRY(Row) entry;
        struct Row *root; /* root that leads to it; itself for a root; NULL if there is none */
        unsigned depth;   /* 0 for a root */
        size_t n_led;     /* root only: number of other rows admitted because of it */
        bool ignored;     /* not all referrals of its log are followed */
        bool told_ignored;
} Referrals;

typedef struct Op {
        Operation operation;
        uint64_t id;
        bool outdated; /* begun on a connection that no longer exists: its result is ignored */
} Op;

/* A controller in the kernel, identified by its instance until it is removed. */
typedef struct DeviceNode {
        RB_ENTRY(DeviceNode)
        by_instance, by_tid; /* by_tid: only while device is set and of our kind */
        TAILQ_ENTRY(DeviceNode) unread_entry, rowless_entry, settling_entry, notice_entry;
        int instance;
        Device *device; /* NULL until its attributes have been read */
        bool indexed, unread, rowless, has_notice;
        bool ours;
        bool let_go;    /* adopted and not ours any more, whatever our entry in the registry says */
        bool inherited; /* ours at the first read: serves any row that it does not contradict */
        bool early; /* not read yet; appeared before the connects of the previous run were over */
        uint64_t touched; /* Engine.touched at its last uevent: scans begun earlier are outdated */
        uint64_t read_op_id; /* 0: no read under way */
        bool read_again;     /* the read under way may return outdated data */
        usec_t look_at;
        usec_t unwanted_since; /* last change of the rows that may want it */
        usec_t quiet;          /* copied from the row */
        usec_t notice_at;      /* earliest next NOTE_FOREIGN_NOTICE */
        struct Row *settling;  /* the row whose connect made it, until it has been read */
        uint64_t made_inode;   /* inode of the device made by that connect; 0: unknown */
        LIST_HEAD(, Row) users;
} DeviceNode;

/* Returns true if a connect of this run made its device. */
static inline bool device_node_is_made(const DeviceNode *n)
{
        return n->made_inode != 0 && n->made_inode == n->device->inode;
}

typedef struct Row {
        RB_ENTRY(Row) by_tid, by_op, by_deadline, by_turn;
        TAILQ_ENTRY(Row) dirty_entry;
        LIST_ENTRY(Row) user_entry;      /* of node->users */
        LIST_ENTRY(Row) unclaimed_entry; /* while !wanted.was_claimed */
        LIST_ENTRY(Row) waiting_entry;   /* of portal->waiting */

        Tid *tid;
        ControllerKind kind;
        Wanted wanted;
        DeviceNode *node; /* NULL: not connected */
        Portal *portal;   /* NULL: no probe needed before a connect */
        Op op;
        Attempts attempts;
        LogStatus log;
        Registration registration;
        Referrals referrals;

        Decision decision;  /* the latest */
        usec_t deadline;    /* USEC_INFINITY: not queued */
        uint64_t turn;      /* position among the rows that wait to connect; 0: none */
        unsigned rank;      /* takes precedence over turn */
        bool left_to_owner; /* a discovery controller of another program, by the registry */
        bool dirty, in_turns, is_waiting;
} Row;

bool row_is_wanted(const Row *row);
/* Returns the claim of the strongest origin, or NULL. */
const Claim *row_origin(const Row *row);
/* Returns the device that serves the row, or NULL. */
const Device *row_device(const Row *row);
/* Returns the error of the last probe of its portal if that keeps the row unconnected, else 0. */
int row_portal_error(const Row *row);
/* Returns the first discovery log page entry among all claims, or NULL. */
const DlpEntry *row_dlpe(const Row *row);
bool row_has_ncc(const Row *row);
/* Returns a seed that spreads simultaneous actions of many rows over time. */
uint64_t row_seed(const Row *row);
/* Returns the problem of the first claim that has one, or NULL. */
const char *row_problem(const Row *row);
/* Whether the discovery log of a claim demands TLS for it. */
bool row_demands_tls(const Row *row);
