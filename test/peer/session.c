/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/session.h"

#include <string.h>

#include "base/array.h"
#include "peer/commands.h"

enum {
        /* No more answers are produced for a host that leaves more than this unread. */
        OUTPUT_MAX = 8 * 1024 * 1024,
        MAXH2CDATA = 128 * 1024,
        HPDA_MAX = 31,
        FLAGS_FUSE_MASK = 3 << 0,
        FLAGS_PSDT_MASK = 3 << 6,
};

int session_new(Peer *peer, usec_t now, Session **ret)
{
        int r = ARRAY_RESERVE(peer->sessions, peer->n_allocated, peer->n_sessions + 1);
        if (r < 0)
                return r;
        Session *s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->peer = peer;
        s->id = ++peer->last_session;
        s->now = s->last_command = now;
        peer->sessions[peer->n_sessions++] = s;
        *ret = s;
        return 0;
}

static void forget(Peer *peer, const Session *s)
{
        size_t n_kept = 0;
        for (size_t i = 0; i < peer->n_sessions; i++)
                if (peer->sessions[i] != s)
                        peer->sessions[n_kept++] = peer->sessions[i];
        peer->n_sessions = n_kept;
}

Session *session_free(Session *s)
{
        if (!s)
                return NULL;
        journal_add(&s->peer->journal, s->id, "closed");
        forget(s->peer, s);
        free(s->next_address);
        bytes_done(&s->in);
        bytes_done(&s->out);
        bytes_done(&s->frozen);
        free(s);
        return NULL;
}

int session_set_next_address(Session *s, const char *address)
{
        return text_replace(&s->next_address, address);
}

uint64_t session_id(const Session *s)
{
        return s->id;
}

SessionState session_state(const Session *s)
{
        return s->state;
}

uint16_t session_cntlid(const Session *s)
{
        return s->cntlid;
}

const char *session_hostnqn(const Session *s)
{
        return s->hostnqn;
}

bool session_is_stalled(const Session *s)
{
        return s->is_stalled;
}

static bool is_open(const Session *s)
{
        return s->state < SESSION_ENDING;
}

/* n: length of the header of the PDU at the front of the input, as far as known. */
static void terminate(Session *s, const PduError *error, size_t n)
{
        journal_add(&s->peer->journal, s->id, "error fes=%d fei=%u", error->fes, error->fei);
        pdu_put_term(&s->out, error, s->in.data, n);
        s->state = SESSION_ENDING;
}

static void terminate_at(Session *s, const Pdu *pdu, FatalError fes, uint32_t fei)
{
        size_t n = pdu->type == PDU_ICREQ ? PDU_IC_SIZE : PDU_COMMAND_SIZE;
        terminate(s, &(PduError) { .fes = fes, .fei = fei }, n);
}

void session_complete(Session *s, uint16_t cid, uint16_t status, uint64_t result)
{
        uint8_t cqe[CQE_SIZE];
        completion_encode(
                &(Completion) {
                        .result = result,
                        .sqhd = s->has_flow_control ? s->sqhd : UINT16_MAX,
                        .cid = cid,
                        .status = status,
                },
                cqe);
        pdu_put_response(&s->out, cqe);
}

/* Applies the fault that a script set for this step. Returns false if the step is not executed now,
 * or ever. */
static bool pass_faults(Session *s, Step step, Fault *ret)
{
        Fault fault = faults_take(&s->peer->faults, step);
        if (fault.kind != FAULT_NONE)
                journal_add(&s->peer->journal, s->id, "fault %s %s",
                            fault_kind_to_string(fault.kind), step_to_string(step));
        *ret = fault;
        switch (fault.kind) {
        case FAULT_STALL:
                s->is_stalled = true;
                s->stalled_at = step;
                return false;
        case FAULT_RESET:
                s->state = SESSION_RESET;
                return false;
        case FAULT_NONE:
        case FAULT_DROP:
        case FAULT_FAIL:
        case _FAULT_KIND_MAX:
                break;
        }
        return true;
}

static void handle_icreq(Session *s, const Pdu *pdu)
{
        Fault fault;
        if (s->state != SESSION_NEW) {
                terminate_at(s, pdu, FES_SEQUENCE, 0);
                return;
        }
        if (!pass_faults(s, STEP_ICREQ, &fault))
                return;

        journal_add(&s->peer->journal, s->id, "icreq pfv=%u hpda=%u digest=%u maxr2t=%u",
                    pdu->icreq.pfv, pdu->icreq.hpda, pdu->icreq.digest, pdu->icreq.maxr2t);
        if (fault.kind == FAULT_DROP)
                return;
        if (pdu->icreq.pfv != 0 || fault.kind == FAULT_FAIL) {
                terminate_at(s, pdu, FES_UNSUPPORTED_PARAMETER, PDU_IC_PFV);
        } else if (pdu->icreq.hpda > HPDA_MAX) {
                terminate_at(s, pdu, FES_INVALID_HEADER, PDU_IC_ALIGNMENT);
        } else {
                /* Requested digests are not granted: the host decides whether to continue. */
                s->hpda = pdu->icreq.hpda;
                pdu_put_icresp(&s->out, MAXH2CDATA);
                s->state = SESSION_INITIALIZED;
        }
}

static void journal_command(Session *s, const CommandKind *kind, const Command *c)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        text_buffer_append(&b, kind->name);
        if (kind->describe) {
                text_buffer_append(&b, " ");
                kind->describe(c, &b);
        }
        if (!b.failed)
                journal_add(&s->peer->journal, s->id, "%s", b.data);
}

static bool is_in_order(const Session *s, const CommandKind *kind)
{
        switch (kind->phase) {
        case PHASE_CONNECT:
                return s->state == SESSION_INITIALIZED;
        case PHASE_CONNECTED:
                return s->state == SESSION_CONNECTED;
        case PHASE_READY:
                return s->state == SESSION_CONNECTED && (s->csts & CSTS_RDY);
        }
        return false;
}

static void execute(Session *s, const CommandKind *kind, const Command *c, Reply *r)
{
        if (!is_in_order(s, kind))
                r->status = STATUS_SEQUENCE | STATUS_DO_NOT_RETRY;
        else if ((c->flags & FLAGS_FUSE_MASK) || !(c->flags & FLAGS_PSDT_MASK))
                r->status = STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY; /* PRPs are for PCIe */
        else
                kind->execute(s, c, r);
}

static void send_reply(Session *s, const Command *c, const Reply *r)
{
        if (r->data.failed) {
                session_complete(s, c->cid, STATUS_INTERNAL, 0);
                return;
        }
        if (r->status == STATUS_SUCCESS && r->data.length > 0)
                pdu_put_data(&s->out, c->cid, s->hpda, 0, r->data.data, (uint32_t) r->data.length,
                             true);
        session_complete(s, c->cid, r->status, r->result);
}

static void handle_command(Session *s, const Pdu *pdu)
{
        Command c;
        Fault fault;
        if (s->state == SESSION_NEW) {
                terminate_at(s, pdu, FES_SEQUENCE, 0);
                return;
        }
        command_decode(pdu->command.sqe, pdu->command.data, pdu->command.n_data, &c);
        const CommandKind *kind = command_kind(&c);
        if (!pass_faults(s, kind->step, &fault))
                return;

        journal_command(s, kind, &c);
        s->last_command = s->now;
        s->sqhd = s->sqhd >= s->sqsize ? 0 : (uint16_t) (s->sqhd + 1);
        if (fault.kind == FAULT_DROP)
                return;

        Reply r = { .status = STATUS_SUCCESS };
        if (fault.kind == FAULT_FAIL)
                r.status = fault.status;
        else
                execute(s, kind, &c, &r);
        if (!r.is_held)
                send_reply(s, &c, &r);
        bytes_done(&r.data);
}

static void handle_pdu(Session *s, const Pdu *pdu)
{
        if (pdu->type == PDU_ICREQ) {
                handle_icreq(s, pdu);
        } else if (pdu->type == PDU_COMMAND) {
                handle_command(s, pdu);
        } else { /* the decoder returns no other type */
                journal_add(&s->peer->journal, s->id, "h2c-term fes=%u fei=%u", pdu->term.fes,
                            pdu->term.fei);
                s->state = SESSION_ENDING;
        }
}

static void process(Session *s)
{
        while (is_open(s) && !s->is_stalled && s->out.length <= OUTPUT_MAX) {
                Pdu pdu;
                PduError error;
                int r = pdu_decode(s->in.data, s->in.length, &pdu, &error);
                if (r == 0)
                        return;
                if (r < 0) {
                        terminate(s, &error, PDU_COMMON_SIZE);
                        return;
                }
                handle_pdu(s, &pdu);
                if (!s->is_stalled) /* otherwise it is done at the end of the stall */
                        bytes_consume(&s->in, pdu.length);
        }
}

int session_feed(Session *s, const uint8_t *data, size_t n, usec_t now)
{
        s->now = now;
        if (!is_open(s))
                return 0;
        bytes_append(&s->in, data, n);
        process(s);
        return s->in.failed || s->out.failed ? -ENOMEM : 0;
}

bool session_wants_input(const Session *s)
{
        return is_open(s) && !s->is_stalled && s->out.length <= OUTPUT_MAX;
}

const uint8_t *session_output(const Session *s, size_t *ret_n)
{
        *ret_n = s->out.length;
        return s->out.data;
}

void session_sent(Session *s, size_t n)
{
        bytes_consume(&s->out, n);
        process(s);
}

usec_t session_deadline(const Session *s)
{
        /* While stalled, missing input is caused by ourselves. */
        if (s->state != SESSION_CONNECTED || s->kato_msec == 0 || s->is_stalled)
                return USEC_INFINITY;
        return usec_add(s->last_command, s->kato_msec * USEC_PER_MSEC);
}

void session_expire(Session *s, usec_t now)
{
        if (!is_open(s) || session_deadline(s) > now)
                return;
        journal_add(&s->peer->journal, s->id, "keep-alive timeout");
        s->state = SESSION_ENDING;
}

void session_resume(Session *s, Step step, usec_t now)
{
        if (!s->is_stalled || s->stalled_at != step)
                return;
        s->is_stalled = false;
        s->now = s->last_command = now;
        process(s);
}

void session_end(Session *s)
{
        if (is_open(s))
                s->state = SESSION_ENDING;
}
