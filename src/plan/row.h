/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A row of the engine: what is wanted, what the kernel has and what is under way, side by side and
 * each in a part of its own. Others see it const. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "model/device.h"
#include "model/source_set.h"
#include "plan/attempts.h"
#include "plan/decision.h"
#include "plan/portal.h"

/* Referrals beyond these are not followed. */
enum {
        REFERRAL_DEPTH_MAX = 8,
        REFERRALS_PER_LOG_MAX = 128,
        REFERRALS_MAX = 512, /* that configured roots lead to, and as many for announced ones */
};

/* Of all discovery logs together; a part of it by what only mDNS announces, or leads to. */
enum {
        LOG_ENTRIES_MAX = 65536,
        LOG_ENTRIES_ANNOUNCED_MAX = 32768,
        /* What sources name together, and what those that are not complete named before. */
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
        bool was_claimed; /* since the start */
        bool is_wanted;
        unsigned n_times;      /* it became wanted, since the start */
        bool firmware;         /* one claim is the boot firmware's */
        bool active;           /* one claim is not passive */
        bool ncc;              /* no claim knows of a connection to the CDC */
        usec_t unwanted_since; /* meaningful while it is not wanted */
        usec_t quiet;          /* of that: how long it is left alone; 0: as long as usual */
} Wanted;

typedef struct LogStatus {
        DiscoveryLog *log;   /* NULL: never read */
        SourceState state;   /* UNKNOWN: not read since it was connected */
        uint64_t generation; /* grows with each change of log or state */
        size_t n_left_out;   /* of its entries, for want of room: the state is at most partial */
        bool told_left_out;
        bool stale;         /* must be read */
        usec_t retry_at;    /* after a failure */
        usec_t paced_until; /* after any read: not before */
        unsigned n_failures;
        int last_error;
        bool offers_known; /* log page 00h was read on this connection, or is not to be read */
        bool offers_lost;  /* reading it took the connection with it: not to be tried again */
        unsigned offers;   /* DISCOVERY_LOG_* */
} LogStatus;

typedef struct Registration { /* TP8010: see engine-registration.c */
        bool stale;           /* must be done, should the controller take it */
        bool done;            /* the controller knows us by this run */
        usec_t retry_at;
        unsigned n_lost; /* in a row: not answered, and the connection was lost */
        int last_error, last_status;
} Registration;

typedef struct Referrals { /* see engine-referrals.c */
        TAILQ_ENTRY(Row) entry;
        struct Row *root; /* leads to it; its own of a root; NULL: none does */
        unsigned depth;   /* of a root 0 */
        size_t n_led;     /* of a root: how many others were given room because of it */
        bool ignored;     /* its log names more than is followed */
        bool told_ignored;
} Referrals;

typedef struct Op {
        Operation operation;
        uint64_t id;
        bool outdated; /* the connection it was begun on is gone: its end means nothing */
} Op;

/* A controller in the kernel, named by its instance until that is removed. */
typedef struct DeviceNode {
        RB_ENTRY(DeviceNode)
        by_instance, by_tid; /* by_tid: only while device is set and of our kind */
        TAILQ_ENTRY(DeviceNode) unread_entry, rowless_entry, settling_entry, notice_entry;
        int instance;
        Device *device; /* NULL until its attributes have been read */
        bool indexed, unread, rowless, has_notice;
        bool ours;
        bool inherited; /* ours when it was read first: it may serve whatever it does not contradict
                         */
        bool early;     /* not read yet, and there before the connects of the last run were over */
        uint64_t touched; /* engine's counter at its last uevent: a scan begun before knows less */
        uint64_t read_op_id; /* 0: no read under way */
        bool read_again;     /* what is being read may be old news */
        usec_t look_at;
        usec_t unwanted_since; /* the last change of who may want it */
        usec_t quiet;          /* as that row has it */
        usec_t notice_at;      /* earliest next NOTE_FOREIGN_NOTICE */
        struct Row *settling;  /* whose connect made it, until it has been read */
        uint64_t made_inode;   /* of what that connect made; 0: not known */
        LIST_HEAD(, Row) users;
} DeviceNode;

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
        Portal *portal;   /* NULL: there is nothing to ask before a connect */
        Op op;
        Attempts attempts;
        LogStatus log;
        Registration registration;
        Referrals referrals;

        Decision decision; /* the latest */
        usec_t deadline;   /* USEC_INFINITY: in no queue */
        uint64_t turn;     /* place among those that wait to connect; 0: none */
        unsigned rank;     /* goes before it */
        bool dirty, in_turns, is_waiting;
} Row;

bool row_is_wanted(const Row *row);
/* The claim of the strongest origin, or NULL. */
const Claim *row_origin(const Row *row);
/* The device behind it, or NULL. */
const Device *row_device(const Row *row);
/* What went wrong last, with its portal or in the kernel; 0: nothing since it was connected. */
int row_last_error(const Row *row);
/* Over all claims: the first entry of a discovery log, or NULL. */
const DlpEntry *row_dlpe(const Row *row);
bool row_has_ncc(const Row *row);
/* Spreads over time what many rows would do at once. */
uint64_t row_seed(const Row *row);
/* Of the first claim that has one, or NULL. */
const char *row_problem(const Row *row);
