/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A discovery controller with all its hosts: what it says, what it does wrong, what it was asked.
 * Pure: the hosts' bytes come and go by session.h. */

#include "peer/faults.h"
#include "peer/journal.h"
#include "peer/model.h"
#include "peer/registration.h"

enum {
        CNTLID_MAX = 0xffef, /* what is above is reserved, or means any controller */
};

typedef struct Session Session;

typedef struct Peer {
        Model model;
        Registrations registrations;
        Faults faults;
        Journal journal;
        Session **sessions; /* owned by who made them; they come and go by themselves */
        size_t n_sessions, n_allocated;
        uint64_t last_session;
        uint16_t last_cntlid;
} Peer;

void peer_init(Peer *p);
/* No session may be left. */
void peer_done(Peer *p);

/* A controller id that no host has; 0 when there is none. */
uint16_t peer_new_cntlid(Peer *p);
bool peer_has_cntlid(const Peer *p, uint16_t cntlid);

/* The discovery log page has changed: every host that asked for such events gets one now, or with
 * its next Asynchronous Event Request, unless it has not read the page since the last one. Forced:
 * every host that has such a request outstanding, whatever it asked for. The number of hosts. */
size_t peer_notify(Peer *p, bool is_forced);

/* Sets what goes wrong at a step. Hosts that are stalled at a step that no longer stalls go on. */
void peer_set_fault(Peer *p, Step s, Fault fault, usec_t now);

/* Closes the connections of all hosts, or (id > 0) of one; their number. */
size_t peer_disconnect(Peer *p, uint64_t id);
