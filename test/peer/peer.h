/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A discovery controller with all its hosts: its data, its faults, and a log of its commands. Pure:
 * session.h transfers the hosts' bytes. */

#include "peer/faults.h"
#include "peer/journal.h"
#include "peer/model.h"
#include "peer/registration.h"

enum {
        CNTLID_MAX = 0xffef, /* higher ones are reserved, or mean any controller */
};

typedef struct Session Session;

typedef struct Peer {
        Model model;
        Registrations registrations;
        Faults faults;
        Journal journal;
        Session **sessions; /* owned by their creators; they register and unregister themselves */
        size_t n_sessions, n_allocated;
        uint64_t last_session;
        uint16_t last_cntlid;
} Peer;

void peer_init(Peer *p);
/* All sessions must have been freed. */
void peer_done(Peer *p);

/* Returns an unused controller ID, 0 if there is none. */
uint16_t peer_new_cntlid(Peer *p);
bool peer_has_cntlid(const Peer *p, uint16_t cntlid);

/* Reports a change of the discovery log page: every host that enabled such events receives one now,
 * or with its next Asynchronous Event Request, unless it has not read the page since the last one.
 * is_forced: to every host with such a request outstanding, enabled or not. Returns their
 * number. */
size_t peer_notify(Peer *p, bool is_forced);

/* Sets the fault for a step. Hosts stalled at a step that no longer stalls continue. */
void peer_set_fault(Peer *p, Step s, Fault fault, usec_t now);

/* Closes the connections of all hosts, or (id > 0) of one; returns their number. */
size_t peer_disconnect(Peer *p, uint64_t id);
