/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is done to a controller, by one name from the decision (plan/decision.h) over the action
 * (plan/action.h) and the job (exec/executor.h) to the completion. */

#include "model/device.h"
#include "model/dlp.h"

typedef enum Operation {
        OPERATION_NONE,
        OPERATION_PROBE, /* ask a portal whether it answers */
        /* It has no completion; what it cancels needs none, and may have ended. */
        OPERATION_CANCEL_PROBE,
        OPERATION_CONNECT, /* write options to /dev/nvme-fabrics, then our entry in the registry */
        OPERATION_SETTLE,  /* of a row, and no action: connected, its attributes are being read */
        OPERATION_DISCONNECT, /* write 1 to sysfs delete_controller, after the identity was checked;
                                 our entry in the registry goes with it */
        OPERATION_REGISTER,   /* Discovery Information Management: tell a DC who this host is … */
        OPERATION_DEREGISTER, /* … and that it is no more */
        OPERATION_READ_SUPPORTED_LOGS, /* log page 00h: what there is to ask for of 70h */
        OPERATION_READ_LOG,            /* Get Log Page 70h */
        OPERATION_READ_DEVICE,         /* one controller's sysfs attributes */
        OPERATION_SCAN,                /* those of all controllers */
        /* The daemon's own, of which the engine knows nothing. */
        OPERATION_WATCH_IO,     /* what is read and written through it from now on counts as use */
        OPERATION_READ_OPTIONS, /* what /dev/nvme-fabrics supports; it takes the mutex of connects
                                 */
        OPERATION_FORGET_OWNER, /* after a controller has gone: remove our entry in the registry,
                                   unless it belongs to the one that has the name now */
        OPERATION_RESOLVE,      /* host name to address */
        OPERATION_SAVE,         /* write the state file */
        _OPERATION_MAX,
        _OPERATION_INVALID = -EINVAL,
} Operation;

/* "read-log", as recordings have it. */
const char *operation_to_string(Operation o);
/* _OPERATION_INVALID: there is none of this name. */
Operation operation_from_string(const char *name);
/* "read log", as it is said to people. */
const char *operation_to_words(Operation o);

/* How an operation ended. What an operation does not use is 0 and NULL. */
typedef struct Completion {
        Operation operation;
        uint64_t op_id;
        /* 0 or negative errno, exactly the kernel's, and
         * DISCONNECT: -EBUSY: it is (or may be, when that cannot be found out) the last live path
         * to a block device in use, nothing was touched; -ENODATA: so too, as nobody can tell now
         * who uses it; -EINPROGRESS: that is known in a second, ask again; -ESTALE: the name means
         * another controller, or the registry gives it to somebody else meanwhile; -EALREADY,
         * -EAGAIN, -ECANCELED: see fabrics_delete();
         * READ_DEVICE: -ENODEV: it is gone; -EOPNOTSUPP: not of a transport we know; -EBADMSG: not
         * identified yet, its uevent comes later;
         * RESOLVE: -ENOENT: no such name; -EAFNOSUPPORT: it has no address of these
         * families; -EAGAIN: nobody could tell, ask later; -ENOMEM. */
        int error;
        int nvme_status; /* READ_*LOG*, REGISTER, DEREGISTER: > 0 an NVMe status code, then error is
                            -EIO */
        int instance;    /* CONNECT: of the new controller; others: the action's */
        /* CONNECT: of its sysfs directory, taken while the descriptor of /dev/nvme-fabrics kept the
         * name from being given away; 0: it has gone already. */
        uint64_t inode;
        unsigned offers;  /* READ_SUPPORTED_LOGS: DISCOVERY_LOG_* */
        unsigned options; /* READ_OPTIONS: 1 << FabricsOption */
        /* Owned by the completion. */
        DiscoveryLog *log; /* READ_LOG. With -EBADMSG: what there was of it, which may add but never
                              take away */
        char *used_by;     /* DISCONNECT, with -EBUSY, -ENODATA: which device is used by whom, for
                              people; NULL: not known */
        Device *device;    /* READ_DEVICE */
        Device **devices;  /* SCAN; NULL among them are passed over */
        size_t n_devices;
        char *address; /* RESOLVE: numeric, with "%interface" where the scope is one, of the
                          preferred family that the name has */
} Completion;

/* Frees what it owns. */
void completion_done(Completion *c);
#define _cleanup_completion_ _cleanup_(completion_done)
