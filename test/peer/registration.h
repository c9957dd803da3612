/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Registration of hosts by Discovery Information Management commands (TP8010; NVM Express Base
 * Specification 2.x, clause 5.3.3). Pure. */

#include "base/text.h"
#include "peer/model.h"

enum {
        REGISTRATION_HEADER_SIZE = 1024,
        REGISTRATION_ENTRY_SIZE = 1032, /* extended, without attributes */
        ENTITY_NAME_SIZE = 256,
        ENTITY_VERSION_SIZE = 64,
        SYMNAME_SIZE = 256,
        REGISTRATIONS_MAX = 1024,
        HOST_ID_SIZE = 16,
};

typedef enum RegistrationTask {
        TASK_REGISTER = 0,
        TASK_DEREGISTER = 1,
        TASK_UPDATE = 2,
} RegistrationTask;

/* As sent by the host, with strings made printable. */
typedef struct Registration {
        char eid[NQN_SIZE + 1], ename[ENTITY_NAME_SIZE + 1], ever[ENTITY_VERSION_SIZE + 1];
        uint8_t trtype, adrfam, portlcl;
        char nqn[NQN_SIZE + 1], traddr[TRADDR_SIZE + 1];
        bool has_host_id;
        uint8_t host_id[HOST_ID_SIZE];
        char symname[SYMNAME_SIZE + 1];
} Registration;

/* Decodes one host with one extended entry, which is what hosts register. Returns NULL, or a
 * description of the error. */
const char *registration_decode(const uint8_t *data, size_t n, Registration *ret);

/* {0} is empty. */
typedef struct Registrations {
        Registration *items;
        size_t n_items, n_allocated;
} Registrations;

/* A host is identified by its entity identifier. A registration replaces the previous one; an
 * update requires a previous one. Returns 0, -ENOENT, -ENOSPC or -ENOMEM. */
int registrations_apply(Registrations *r, RegistrationTask task, const Registration *of);
/* "eid=… ename=… ever=… trtype=… …", for the journal. */
void registration_describe(const Registration *r, TextBuffer *b);
void registrations_done(Registrations *r);
