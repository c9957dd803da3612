/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An operation on a controller. The same name is used for the decision (plan/decision.h), the
 * action (plan/action.h), the job (exec/executor.h) and the completion. */

#include "model/device.h"
#include "model/dlp.h"

typedef enum Operation {
        OPERATION_NONE,
        OPERATION_PROBE, /* check whether a portal answers */
        /* Has no completion. The canceled probe needs none either, and may already have ended. */
        OPERATION_CANCEL_PROBE,
        OPERATION_CONNECT, /* write options to /dev/nvme-fabrics, then create our registry entry */
        OPERATION_SETTLE,  /* of a row, not an action: connected, attributes are being read */
        OPERATION_DISCONNECT, /* verify the identity, then write 1 to sysfs delete_controller; also
                                 removes our registry entry */
        OPERATION_REGISTER,   /* Discovery Information Management: register this host with a DC */
        OPERATION_DEREGISTER, /* the reverse */
        OPERATION_READ_SUPPORTED_LOGS, /* log page 00h: supported parameters of 70h */
        OPERATION_READ_LOG,            /* Get Log Page 70h */
        OPERATION_READ_DEVICE,         /* one controller's sysfs attributes */
        OPERATION_SCAN,                /* the same for all controllers */
        /* Internal to the daemon, unknown to the engine. */
        OPERATION_WATCH_IO,     /* from now on, I/O to the device counts as use */
        OPERATION_READ_OPTIONS, /* supported by /dev/nvme-fabrics; takes the mutex of connects */
        OPERATION_FORGET_OWNER, /* after a controller is gone: remove our registry entry unless it
                                   belongs to the current holder of the name */
        OPERATION_CLAIM_OWNER,  /* create our registry entry of a connection, which could not be
                                   created when it was made */
        OPERATION_RESCAN,       /* make the kernel look for namespaces if it shows none of the
                                   controller */
        OPERATION_RESOLVE,      /* host name to address */
        OPERATION_SAVE,         /* write the state file */
        _OPERATION_MAX,
        _OPERATION_INVALID = -EINVAL,
} Operation;

/* "read-log", for recordings. */
const char *operation_to_string(Operation o);
/* Returns _OPERATION_INVALID if there is no such name. */
Operation operation_from_string(const char *name);
/* "read log", for messages. */
const char *operation_to_words(Operation o);

/* The result of an operation. Fields that it does not use are 0 or NULL. */
typedef struct Completion {
        Operation operation;
        uint64_t op_id;
        /* 0 or a negative errno, as returned by the kernel. In addition:
         * DISCONNECT: -EBUSY if it is (or may be, if that cannot be determined) the last live path
         * to a block device in use, nothing was changed; -ENODATA the same, as the users cannot be
         * determined at the moment; -EINPROGRESS if they will be known in a second, try again;
         * -ESTALE if the name refers to another controller, or the registry now lists another
         * owner; -EALREADY, -EAGAIN, -ECANCELED: see fabrics_delete().
         * READ_DEVICE: -ENODEV if it is gone; -EOPNOTSUPP if the transport is unknown; -EBADMSG if
         * it is not identified yet, a uevent follows.
         * RESOLVE: -ENOENT if the name does not exist; -EAFNOSUPPORT if it has no address of these
         * families; -EAGAIN if there was no answer, try again later; -ENOMEM, -EMFILE, -ENFILE. */
        int error;
        int nvme_status; /* READ_*LOG*, REGISTER, DEREGISTER: if > 0, an NVMe status code; error is
                            -EIO then */
        int instance;    /* CONNECT: of the new controller; otherwise as in the action */
        /* CONNECT: inode of the sysfs directory, read while the open /dev/nvme-fabrics prevents
         * reuse of the name. 0 if the controller is already gone. */
        uint64_t inode;
        int entry_error; /* CONNECT, with error 0: our entry in the registry could not be written */
        unsigned offers; /* READ_SUPPORTED_LOGS: DISCOVERY_LOG_* */
        unsigned options; /* READ_OPTIONS: 1 << FabricsOption */
        /* Owned by the completion. */
        DiscoveryLog *log; /* READ_LOG. With -EBADMSG: the part that was read, which may add
                              entries, but never remove any */
        char *used_by;     /* DISCONNECT, with -EBUSY, -ENODATA: which device is used by whom, for
                              messages; NULL if unknown */
        Device *device;    /* READ_DEVICE */
        Device **devices;  /* SCAN; NULL items are to be skipped */
        size_t n_devices;
        char *address; /* RESOLVE: numeric, with "%interface" if it has a scope; of the preferred
                          family that the name has */
} Completion;

void completion_done(Completion *c);
#define _cleanup_completion_ _cleanup_(completion_done)
