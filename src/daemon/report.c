/* SPDX-License-Identifier: Apache-2.0 */

/* What the engine did and saw, told to the journal and to whoever listens on D-Bus. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/meaning.h"
#include "daemon/systemd.h"

/* To a tenth of a second, of which a part counts. */
static char *round_up(usec_t span)
{
        const usec_t tenth = 100 * USEC_PER_MSEC;

        return span_to_string((span + tenth - 1) / tenth * tenth);
}

static char *time_left(const Daemon *d, usec_t at)
{
        usec_t now = daemon_now(d);

        return round_up(at > now ? at - now : 0);
}

/* One portal may keep hundreds waiting: it is told of once. */
static void report_no_answer(const Daemon *d, const Note *n)
{
        const Portal *p = n->controller->portal;
        _cleanup_free_ char *wait = time_left(d, p->retry_at);

        log_controller(LOG_WARNING, n->controller,
                       "Portal %s of %s does not answer: %s (%s); controllers that wait for it: "
                       "%zu; asked again in %s",
                       p->tid->trsvcid, p->tid->traddr, strerrorname_np(-n->error),
                       meaning_of_connect_error(n->error), p->n_waiting, text_or(wait, "a moment"));
}

static void report_connect_failed(const Daemon *d, const Note *n, const char *tid)
{
        const Controller *c = n->controller;
        Facts facts = engine_facts(d->engine, c);
        _cleanup_free_ char *wait = time_left(d, plan_next_connect(&facts));

        const Stall *stall = stalls_find(engine_stalls(d->engine), c->tid);
        bool has_stalled = stall && stall_is(n->error, stall->took);
        _cleanup_free_ char *took = has_stalled ? round_up(stall->took) : NULL;

        log_controller(LOG_WARNING, c, "Failed to connect to %s%s%s: %s (%s); next try in %s", tid,
                       took ? " within " : "", text_or(took, ""), strerrorname_np(-n->error),
                       meaning_of_connect_error(n->error), text_or(wait, "a moment"));
}

static void report_log_failed(const Note *n, const char *tid)
{
        if (n->nvme_status > 0)
                log_controller(LOG_WARNING, n->controller,
                               "Failed to read the discovery log of nvme%i %s: NVMe status 0x%x; "
                               "its I/O controllers stay",
                               n->instance, tid, (unsigned) n->nvme_status);
        else
                log_controller(LOG_WARNING, n->controller,
                               "Failed to read the discovery log of nvme%i %s: %s; its I/O "
                               "controllers stay",
                               n->instance, tid, meaning_of_log_error(n->error, 0));
}

static void report_disconnected(const Note *n, const char *tid)
{
        if (n->kind == NOTE_PARKED)
                log_controller(LOG_DEBUG, n->controller,
                               "%s holds no hosts: its log is read every 15 minutes", tid);
        else
                log_controller(LOG_INFO, n->controller, "Disconnected %s", tid);
}

static void report_register_failed(const Note *n, const char *tid, const char *what)
{
        if (n->nvme_status > 0)
                log_controller(LOG_WARNING, n->controller, "Failed to %s nvme%i %s: %s (0x%x)",
                               what, n->instance, tid, meaning_of_register_status(n->nvme_status),
                               (unsigned) n->nvme_status);
        else
                log_controller(LOG_WARNING, n->controller, "Failed to %s nvme%i %s: %s", what,
                               n->instance, tid, meaning_of_admin_error(n->error));
}

static void report_registration(const Note *n, const char *tid)
{
        bool leaves = n->kind == NOTE_DEREGISTERED;

        if (n->error < 0)
                report_register_failed(
                        n, tid, leaves ? "deregister this host from" : "register this host at");
        else
                log_controller(LOG_INFO, n->controller, "%s nvme%i %s",
                               leaves ? "Deregistered this host from" : "Registered this host at",
                               n->instance, tid);
}

static void report_wanted(const Controller *c, const char *tid)
{
        const Claim *origin = controller_origin(c);

        if (origin) /* else it is unwanted again */
                log_controller(LOG_DEBUG, c, "%s is wanted by %s", tid, origin->entry->where);
}

static void report_unwanted(const Controller *c, const char *tid)
{
        const Wanted *w = &c->wanted;

        if (w->excluded_by)
                log_controller(LOG_INFO, c, "%s is excluded by %s", tid, w->excluded_by->where);
        else if (w->wrong_family && w->n_claims > 0)
                log_controller(LOG_INFO, c, "%s is of an address family that ip-family leaves out",
                               tid);
        else /* a log may give up thousands that were never connected: they are no news */
                log_controller(c->node ? LOG_INFO : LOG_DEBUG, c, "%s is no longer wanted", tid);
}

static void report_in_use(const Note *n, const char *tid)
{
        const Attempts *a = &n->controller->attempts;

        log_controller(LOG_WARNING, n->controller,
                       "%s is no longer wanted, and kept: nvme%i is the last path to a block "
                       "device %s (%s); it goes when that is released (disconnect-in-use=defer)",
                       tid, n->instance, a->in_doubt ? "that may be in use" : "in use",
                       text_or(a->in_use_by, "by what is not known"));
}

static void report_left_out(const Controller *c, const char *tid)
{
        log_controller(LOG_WARNING, c,
                       "%zu entries of the discovery log of %s are not used: the logs of all "
                       "discovery controllers have too many (%i in all, %i of them by mDNS); what "
                       "they name stays connected",
                       c->log.n_left_out, tid, LOG_ENTRIES_MAX, LOG_ENTRIES_ANNOUNCED_MAX);
}

static void report_referrals_ignored(const Note *n, const char *tid)
{
        log_controller(LOG_WARNING, n->controller,
                       "The discovery log of %s names more discovery controllers than are "
                       "followed (%i of a log, %i in all, %i deep): the others are not connected",
                       tid, REFERRALS_PER_LOG_MAX, REFERRALS_MAX, REFERRAL_DEPTH_MAX);
}

static void report_skipped(const Controller *c, const char *tid)
{
        for (size_t i = 0; i < c->wanted.n_claims; i++) {
                const Claim *claim = &c->wanted.claims[i];
                size_t n = 0;

                if (!claim->entry->problem)
                        continue;
                for (size_t j = 0; j < claim->set->n_entries; j++)
                        n += claim->set->entries[j].problem != NULL;
                log_controller(LOG_WARNING, c,
                               "%s %s is not used: %s (unusable entries of that source: %zu)",
                               claim->entry->where, tid, claim->entry->problem, n);
                return;
        }
}

static void publish_sources(Daemon *d)
{
        if (d->type->role == CONTROLLER_DISCOVERY)
                (void) bus_emit_sources_changed(d->service);
}

static void publish_log(Daemon *d, const Note *n)
{
        char device[32] = "";

        if (d->type->role != CONTROLLER_DISCOVERY)
                return;
        if (n->instance >= 0)
                (void) snprintf(device, sizeof(device), "nvme%i", n->instance);
        (void) bus_emit_sources_changed(d->service); /* a listener that misses it asks later */
        if (n->controller->log.state == SOURCE_COMPLETE)
                (void) bus_emit_log_pages_changed(d->service, n->controller->tid, device);
}

static void publish_removal(Daemon *d)
{
        if (d->type->role != CONTROLLER_DISCOVERY)
                return;
        (void) bus_emit_dc_removed(d->service);
        (void) bus_emit_sources_changed(d->service);
}

void report_sources(Daemon *d)
{
        bool complete = engine_knows_sources(d->engine);

        if (d->type->role != CONTROLLER_DISCOVERY || complete == d->loop.told_complete)
                return;
        d->loop.told_complete = complete;
        (void) bus_emit_sources_changed(d->service);
}

/* Whoever registers must know that it is a CDC or DDC, which only the kernel tells. */
static void tell_missing_type(Daemon *d, const Controller *c)
{
        const Device *device = c->node ? c->node->device : NULL;

        if (d->kernel.types_missed || !device || device->kind != CONTROLLER_DISCOVERY ||
            device->tid->transport != TRANSPORT_TCP || *device->dctype)
                return;
        d->kernel.types_missed = true;
        log_warning("This kernel does not tell the type of a discovery controller (dctype, Linux "
                    "5.18): this host registers with none of them");
}

static void report_log(Daemon *d, const Note *n, const char *tid)
{
        const LogStatus *l = &n->controller->log;

        if (n->kind == NOTE_LOG_FAILED) {
                report_log_failed(n, tid);
        } else if (n->kind == NOTE_LOG_LEFT_OUT) {
                report_left_out(n->controller, tid);
        } else {
                log_controller(LOG_DEBUG, n->controller,
                               "Discovery log of %s: %s, generation %" PRIu64, tid,
                               source_state_to_string(l->state), l->generation);
                publish_log(d, n);
        }
}

static void report_controller(Daemon *d, const Note *n)
{
        const Controller *c = n->controller;
        _cleanup_free_ char *text = tid_to_string(c->tid);
        const char *tid = text_or(text, c->tid->subsysnqn);

        switch (n->kind) {
        case NOTE_CONNECTED:
                log_controller(LOG_INFO, c, "Connected nvme%i to %s", n->instance, tid);
                tell_missing_type(d, c);
                return;
        case NOTE_ADOPTED:
                log_controller(LOG_INFO, c, "Adopted nvme%i, which is connected to %s already",
                               n->instance, tid);
                tell_missing_type(d, c);
                return;
        case NOTE_LET_GO:
                log_controller(LOG_NOTICE, c,
                               "nvme%i no longer serves %s: it was reconnected from another "
                               "address of this host",
                               n->instance, tid);
                return;
        case NOTE_CONNECT_FAILED:
                /* Unwanted before it could begin (dispatch_waiting()): that is said by itself. */
                if (n->error != -ECANCELED)
                        report_connect_failed(d, n, tid);
                return;
        case NOTE_NO_ANSWER:
                report_no_answer(d, n);
                return;
        case NOTE_DISCONNECTED:
        case NOTE_PARKED:
                report_disconnected(n, tid);
                return;
        case NOTE_DISCONNECT_FAILED:
                log_controller(LOG_WARNING, c, "Failed to disconnect nvme%i from %s: %s",
                               n->instance, tid, meaning_of_disconnect_error(n->error));
                return;
        case NOTE_IN_USE:
                report_in_use(n, tid);
                return;
        case NOTE_LOST:
                log_controller(LOG_NOTICE, c, "The connection to %s was removed", tid);
                return;
        case NOTE_REGISTERED:
        case NOTE_REGISTER_FAILED:
        case NOTE_DEREGISTERED:
                report_registration(n, tid);
                return;
        case NOTE_LOG_CHANGED:
        case NOTE_LOG_FAILED:
        case NOTE_LOG_LEFT_OUT:
                report_log(d, n, tid);
                return;
        case NOTE_REFERRALS_IGNORED:
                report_referrals_ignored(n, tid);
                return;
        case NOTE_SKIPPED:
                report_skipped(c, tid);
                return;
        case NOTE_WANTED:
                report_wanted(c, tid);
                publish_sources(d);
                return;
        case NOTE_UNWANTED:
                report_unwanted(c, tid);
                publish_sources(d);
                return;
        case NOTE_FORGOTTEN:
                publish_removal(d);
                return;
        case NOTE_STALLED: /* NOTE_CONNECT_FAILED says it, for the first time */
        case NOTE_FOREIGN_NEWS:
        case _NOTE_KIND_MAX:
                return;
        }
}

void report_note(Daemon *d, const Note *n)
{
        if (n->kind == NOTE_FOREIGN_NEWS)
                systemd_connect_foreign(d, n->device);
        else
                report_controller(d, n);
}
