/* SPDX-License-Identifier: Apache-2.0 */

/* What the engine did and saw, told to the journal and to whoever listens on D-Bus. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "base/text.h"
#include "bus/publication.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/systemd.h"
#include "explain/meaning.h"

typedef struct Telling { /* one note that is told */
        Daemon *d;
        const Note *n;
        const Row *row;
        const char *tid;
        uint64_t key; /* of repeats */
} Telling;

/* ---- to the journal ---- */

static int on_repeats(sd_event_source *s, uint64_t usec, void *userdata);

static void set_repeats_timer(Daemon *d)
{
        usec_t at = usec_add(daemon_now(d), REPEATS_PERIOD_USEC);

        if (!d->repeats_timer) {
                (void) sd_event_add_time(d->loop.event, &d->repeats_timer, CLOCK_MONOTONIC, at,
                                         USEC_PER_SEC, on_repeats, d);
                return;
        }
        if (sd_event_source_get_enabled(d->repeats_timer, NULL) > 0)
                return;
        (void) sd_event_source_set_time(d->repeats_timer, at);
        (void) sd_event_source_set_enabled(d->repeats_timer, SD_EVENT_ONESHOT);
}

/* What was repeated when it ends, or now and then. */
static int on_repeats(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;
        char suffix[64];
        Held held;

        while (repeats_take_held(&d->repeats, daemon_now(d), &held)) {
                log_message(held.id, held.priority, "%s%s", text_or(held.text, "A message"),
                            repeats_suffix(held.n, sizeof(suffix), suffix));
                free(held.text);
        }
        if (d->repeats.n_held > 0)
                set_repeats_timer(d);
        return 0;
}

/* Takes text. */
static void say_text(Daemon *d, uint64_t key, const char *id, int priority, const Row *row,
                     char *taken)
{
        _cleanup_free_ char *text = taken;
        char suffix[64];
        unsigned n;

        if (priority == LOG_DEBUG) /* who asks for all gets it */
                log_controller(id, priority, row, "%s", text);
        else if (repeats_may_say(&d->repeats, key, id, priority, text, daemon_now(d), &n))
                log_controller(id, priority, row, "%s%s", text,
                               repeats_suffix(n, sizeof(suffix), suffix));
        else
                set_repeats_timer(d);
}

_printf_(4, 5) static void say(const Telling *t, const char *id, int priority, const char *format,
                               ...)
{
        char *text;
        va_list ap;

        if (priority == LOG_DEBUG && !log_get_debug())
                return;
        va_start(ap, format);
        int r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r >= 0)
                say_text(t->d, t->key, id, priority, t->row, text);
}

void report_repeated(Daemon *d, const char *id, const char *subject, int priority,
                     const char *format, ...)
{
        char *text;
        va_list ap;

        va_start(ap, format);
        int r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r >= 0)
                say_text(d, repeats_key(format, subject, "", 0, 0), id, priority, NULL, text);
}

/* ---- outages ---- */

static void report_look(Daemon *d, const Row *row)
{
        const Device *device = row_device(row);
        usec_t took;

        if (!device)
                return;
        DeviceState state = live_state_read(&d->kernel.live, device);
        OutageChange change = outages_look(&d->kernel.outages, device, state, daemon_now(d), &took);
        if (change == OUTAGE_NOTHING)
                return;
        _cleanup_free_ char *tid = tid_to_string(row->tid);
        Telling t = { .d = d, .row = row, .tid = text_or(tid, row->tid->subsysnqn) };
        t.key = repeats_key("outage", t.tid, "", change, 0);
        if (change == OUTAGE_BEGAN) {
                say(&t, MESSAGE_CONNECTION_LOST, LOG_WARNING,
                    "nvme%i lost its connection to %s; the kernel is reconnecting",
                    device->instance, t.tid);
                return;
        }
        if (change == OUTAGE_SHORT)
                took = OUTAGES_LOOK_USEC;
        _cleanup_free_ char *text =
                span_to_string(MAX(took, USEC_PER_SEC) / USEC_PER_SEC * USEC_PER_SEC);
        say(&t, MESSAGE_CONNECTION_RESTORED, LOG_NOTICE,
            "nvme%i is connected to %s again, after %s%s", device->instance, t.tid,
            change == OUTAGE_SHORT ? "at most " : "", text_or(text, "an outage"));
}

static int on_look(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;

        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row))
                report_look(d, row);
        owners_look(d);
        (void) sd_event_source_set_time_relative(s, OUTAGES_LOOK_USEC);
        (void) sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
        return 0;
}

int report_start_looking(Daemon *d)
{
        return sd_event_add_time_relative(d->loop.event, &d->kernel.look, CLOCK_MONOTONIC,
                                          OUTAGES_LOOK_USEC, USEC_PER_SEC, on_look, d);
}

void report_look_soon(Daemon *d, int instance)
{
        if (d->kernel.look && outages_connected(&d->kernel.outages, instance, daemon_now(d)))
                (void) sd_event_source_set_time_relative(d->kernel.look, 0);
}

/* ---- notes ---- */

/* Rounds up to a tenth of a second. */
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
static void report_no_answer(const Telling *t)
{
        const Portal *p = t->row->portal;
        _cleanup_free_ char *wait = time_left(t->d, p->retry_at);

        say(t, MESSAGE_PORTAL_NO_ANSWER, LOG_WARNING,
            "No answer from port %s of %s: %s (%s); controllers waiting: %zu; next probe in %s",
            p->tid->trsvcid, p->tid->traddr, strerrorname_np(-t->n->error),
            meaning_of_probe_error(t->n->error), p->n_waiting, text_or(wait, "a moment"));
}

static void report_unasked(const Telling *t)
{
        const Portal *p = t->row->portal;
        _cleanup_free_ char *wait = time_left(t->d, p->retry_at);

        if (probe_is_shortage(t->n->error))
                say(t, MESSAGE_PORTAL_NOT_PROBED, LOG_WARNING,
                    "Cannot probe portals, the first being port %s of %s: %s (%s); next attempt in "
                    "%s",
                    p->tid->trsvcid, p->tid->traddr, strerrorname_np(-t->n->error),
                    meaning_of_probe_error(t->n->error), text_or(wait, "a moment"));
        else
                say(t, MESSAGE_PORTAL_NOT_PROBED, LOG_WARNING,
                    "Cannot probe port %s of %s: %s (%s); controllers waiting: %zu; next attempt "
                    "in %s",
                    p->tid->trsvcid, p->tid->traddr, strerrorname_np(-t->n->error),
                    meaning_of_probe_error(t->n->error), p->n_waiting, text_or(wait, "a moment"));
}

static void report_connect_failed(const Telling *t)
{
        const Daemon *d = t->d;
        const Note *n = t->n;
        const Row *row = t->row;
        Facts facts = engine_facts(d->engine, row);
        _cleanup_free_ char *wait = time_left(d, plan_next_connect(&facts));

        if (n->error == -ECANCELED) /* unwanted before it began: that is said by itself */
                return;
        _cleanup_free_ char *meaning = meaning_of_connect(d->engine, row, n->error);

        say(t, MESSAGE_CONNECT_FAILED, LOG_WARNING,
            connect_is_shortage(n->error)
                    ? "Cannot connect controllers, the first being %s: %s (%s); next attempt in %s"
                    : "Failed to connect to %s: %s (%s); next attempt in %s",
            t->tid, strerrorname_np(-n->error), text_or(meaning, "out of memory"),
            text_or(wait, "a moment"));
}

static void report_log_failed(const Telling *t)
{
        const Note *n = t->n;

        if (n->nvme_status > 0)
                say(t, MESSAGE_LOG_FAILED, LOG_WARNING,
                    "Failed to read the discovery log of nvme%i %s: %s (NVMe status 0x%x); its I/O "
                    "controllers remain connected",
                    n->instance, t->tid, meaning_of_status(n->nvme_status),
                    (unsigned) n->nvme_status);
        else
                say(t, MESSAGE_LOG_FAILED, LOG_WARNING,
                    "Failed to read the discovery log of nvme%i %s: %s; its I/O controllers remain "
                    "connected",
                    n->instance, t->tid, meaning_of_log_error(n->error));
}

static void report_log_partial(const Telling *t)
{
        say(t, MESSAGE_LOG_PARTIAL, LOG_WARNING,
            "The discovery log of nvme%i %s is incomplete or contradicts itself: its entries are "
            "used, and missing ones are not considered removed",
            t->n->instance, t->tid);
}

static void report_disconnected(const Telling *t)
{
        if (t->n->kind == NOTE_PARKED)
                say(t, NULL, LOG_DEBUG,
                    "No persistent connection to %s: disconnected until its log is polled", t->tid);
        else
                say(t, MESSAGE_DISCONNECTED, LOG_INFO, "Disconnected %s", t->tid);
}

static void report_removed(const Telling *t)
{
        usec_t lost_at = outages_lost_at(&t->d->kernel.outages, t->n->instance);
        _cleanup_free_ char *after = lost_at != 0 ? round_up(daemon_now(t->d) - lost_at) : NULL;

        say(t, MESSAGE_CONNECTION_REMOVED, LOG_NOTICE, "The connection to %s was removed%s%s%s",
            t->tid, after ? ", " : "", text_or(after, ""), after ? " after it was lost" : "");
}

static void report_register_failed(const Telling *t, const char *what)
{
        const Note *n = t->n;

        if (n->nvme_status > 0)
                say(t, MESSAGE_REGISTRATION_FAILED, LOG_WARNING,
                    "Failed to %s nvme%i %s: %s (0x%x)", what, n->instance, t->tid,
                    meaning_of_register_status(n->nvme_status), (unsigned) n->nvme_status);
        else
                say(t, MESSAGE_REGISTRATION_FAILED, LOG_WARNING, "Failed to %s nvme%i %s: %s", what,
                    n->instance, t->tid, meaning_of_admin_error(n->error));
}

static void report_registration(const Telling *t)
{
        const Note *n = t->n;
        bool leaves = n->kind == NOTE_DEREGISTERED;

        if (n->error < 0)
                report_register_failed(t, leaves ? "deregister this host from"
                                                 : "register this host at");
        else
                say(t, leaves ? MESSAGE_DEREGISTERED : MESSAGE_REGISTERED, LOG_INFO, "%s nvme%i %s",
                    leaves ? "Deregistered this host from" : "Registered this host at", n->instance,
                    t->tid);
}

static void publish_sources(Daemon *d)
{
        d->loop.sources_changed = true;
}

static void report_wanted(const Telling *t)
{
        const Claim *origin = row_origin(t->row);

        publish_sources(t->d);
        if (!origin) /* it is unwanted again */
                return;
        if (t->row->node && t->row->wanted.n_times > 1) /* else the connection tells it */
                say(t, MESSAGE_WANTED_AGAIN, LOG_INFO, "%s is wanted again, by %s", t->tid,
                    origin->entry->where);
        else
                say(t, NULL, LOG_DEBUG, "%s is wanted by %s", t->tid, origin->entry->where);
}

static void report_unwanted(const Telling *t)
{
        const Wanted *w = &t->row->wanted;

        publish_sources(t->d);
        if (w->excluded_by)
                say(t, MESSAGE_EXCLUDED, LOG_INFO, "%s is excluded by %s", t->tid,
                    w->excluded_by->where);
        else if (w->wrong_family && w->n_claims > 0)
                say(t, MESSAGE_EXCLUDED, LOG_INFO,
                    "%s has an address family that ip-family excludes", t->tid);
        else /* a log may give up thousands that were never connected: they are no news */
                say(t, MESSAGE_UNWANTED, t->row->node ? LOG_INFO : LOG_DEBUG,
                    "%s is no longer wanted", t->tid);
}

static void report_in_use(const Telling *t)
{
        const Attempts *a = &t->row->attempts;
        bool force = engine_policy(t->d->engine)->disconnect_in_use_force;

        say(t, MESSAGE_IN_USE, LOG_WARNING,
            "%s is no longer wanted, but kept: nvme%i is the last usable path to a block device %s "
            "(%s); it is disconnected when the device is released (disconnect-in-use=%s)",
            t->tid, t->n->instance, a->in_doubt ? "that may be in use" : "in use",
            text_or(a->in_use_by, "by an unknown user"),
            force ? "force, but this host runs from it" : "defer");
}

static void report_left_out(const Telling *t)
{
        say(t, MESSAGE_LOG_ENTRIES_LEFT_OUT, LOG_WARNING,
            "%zu entries of the discovery log of %s are not used: all discovery logs together have "
            "too many (at most %i, %i of them from mDNS); existing connections are kept",
            t->row->log.n_left_out, t->tid, LOG_ENTRIES_MAX, LOG_ENTRIES_ANNOUNCED_MAX);
}

static void report_referrals_ignored(const Telling *t)
{
        say(t, MESSAGE_REFERRALS_IGNORED, LOG_WARNING,
            "The discovery log of %s names more discovery controllers than are followed (%i per "
            "log, %i in total, %i levels): the others are not connected",
            t->tid, REFERRALS_PER_LOG_MAX, REFERRALS_MAX, REFERRAL_DEPTH_MAX);
}

static void report_skipped(const Telling *t)
{
        for (size_t i = 0; i < t->row->wanted.n_claims; i++) {
                const Claim *claim = &t->row->wanted.claims[i];

                if (!claim->entry->problem)
                        continue;
                say(t, MESSAGE_ENTRY_NOT_USED, LOG_WARNING,
                    "%s %s is not used: %s (unusable entries of that source: %zu)",
                    claim->entry->where, t->tid, claim->entry->problem,
                    source_set_count_unusable(claim->set));
                return;
        }
}

/* The first of those that name no controller. */
static void report_skipped_entry(Daemon *d, const SourceSet *set)
{
        const SkippedEntry *e = &set->skipped[0];
        _cleanup_free_ char *text = dlpe_to_string(&e->dlpe);

        report_repeated(d, MESSAGE_ENTRY_NOT_USED, set->key, LOG_WARNING,
                        "%s %s is not used: %s (unusable entries of that source: %zu)", e->where,
                        text_or(text, ""), e->problem, source_set_count_unusable(set));
}

/* ---- to D-Bus ---- */

static void publish_log(Daemon *d, const Note *n)
{
        char device[32] = "";

        publish_sources(d);
        if (d->type->role != CONTROLLER_DISCOVERY || n->row->log.state != SOURCE_COMPLETE)
                return;
        if (n->instance >= 0)
                (void) snprintf(device, sizeof(device), "nvme%i", n->instance);
        (void) bus_emit_log_pages_changed(d->service, n->row->tid, device);
}

static void report_log_changed(const Telling *t)
{
        const LogStatus *log = &t->row->log;

        say(t, NULL, LOG_DEBUG, "Discovery log of %s: %s, generation %" PRIu64, t->tid,
            source_state_to_string(log->state), log->generation);
        publish_log(t->d, t->n);
}

static void publish_removal(Daemon *d, const Tid *tid)
{
        if (d->publication)
                publication_renew(d->publication,
                                  tid); /* should it come back before it is asked for */
        publish_sources(d);
        d->loop.dc_removed = true;
}

void report_sources(Daemon *d)
{
        Loop *l = &d->loop;
        bool complete = engine_knows_sources(d->engine);

        if (complete != l->told_complete)
                l->sources_changed = true;
        l->told_complete = complete;
        if (d->type->role != CONTROLLER_DISCOVERY)
                return;
        /* A listener that misses one asks later. */
        if (l->dc_removed)
                (void) bus_emit_dc_removed(d->service);
        if (l->sources_changed)
                (void) bus_emit_sources_changed(d->service);
        l->dc_removed = l->sources_changed = false;
}

/* ---- notes ---- */

/* Whoever registers must know that it is a CDC or DDC, which only the kernel tells. */
static void tell_missing_type(Daemon *d, const Row *row)
{
        const Device *device = row->node ? row->node->device : NULL;

        if (d->kernel.types_missed || !device || device->kind != CONTROLLER_DISCOVERY ||
            device->tid->transport != TRANSPORT_TCP || *device->dctype)
                return;
        d->kernel.types_missed = true;
        log_warning(MESSAGE_KERNEL_TYPE_MISSING,
                    "This kernel does not report the type of discovery controllers (dctype, Linux "
                    "5.18): this host does not register with them");
}

static uint64_t key_of(const Note *n, const char *tid)
{
        const Portal *p = n->row->portal;
        bool of_portal = n->kind == NOTE_NO_ANSWER || n->kind == NOTE_UNASKED;
        const char *kind = note_kind_to_string(n->kind);

        return of_portal ? repeats_key(kind, p->tid->traddr, p->tid->trsvcid, n->error, 0)
                         : repeats_key(kind, tid, "", n->error, n->nvme_status);
}

static void report_connected(const Telling *t)
{
        if (t->n->kind == NOTE_CONNECTED)
                say(t, MESSAGE_CONNECTED, LOG_INFO, "Connected nvme%i to %s", t->n->instance,
                    t->tid);
        else
                say(t, MESSAGE_ADOPTED, LOG_INFO, "Adopted nvme%i, already connected to %s",
                    t->n->instance, t->tid);
        tell_missing_type(t->d, t->row);
}

static void report_let_go(const Telling *t)
{
        const DeviceNode *node = engine_find_device(t->d->engine, t->n->instance);

        if (node && node->device && !node->ours)
                owners_let_go(t->d, node->device);
        say(t, MESSAGE_CONNECTION_LET_GO, LOG_NOTICE,
            "nvme%i no longer serves %s: it uses another address or interface of this host",
            t->n->instance, t->tid);
}

static void report_left_to_owner(const Telling *t)
{
        const Claim *origin = row_origin(t->row);
        const Device *device = row_device(t->row);
        bool is_configured = origin && origin->set->kind == SOURCE_CONFIGURED;

        if (device && device->owner)
                say(t, MESSAGE_LEFT_TO_OWNER, is_configured ? LOG_WARNING : LOG_NOTICE,
                    "nvme%i %s belongs to %s, according to the registry of owners: its log is not "
                    "read, and what it lists is left to %s%s",
                    device->instance, t->tid, device->owner, device->owner,
                    is_configured ? "; remove it from the configuration of one of the two" : "");
}

static void report_disconnect_failed(const Telling *t)
{
        say(t, MESSAGE_DISCONNECT_FAILED, LOG_WARNING, "Failed to disconnect nvme%i from %s: %s",
            t->n->instance, t->tid, meaning_of_disconnect_error(t->n->error));
}

static void report_forgotten(const Telling *t)
{
        publish_removal(t->d, t->row->tid);
}

/* Kinds without an entry are not reported: NOTE_CONNECT_FAILED includes the first stall. */
static void (*const reporters[_NOTE_KIND_MAX])(const Telling *t) = {
        [NOTE_CONNECTED] = report_connected,
        [NOTE_ADOPTED] = report_connected,
        [NOTE_LEFT_TO_OWNER] = report_left_to_owner,
        [NOTE_LET_GO] = report_let_go,
        [NOTE_CONNECT_FAILED] = report_connect_failed,
        [NOTE_NO_ANSWER] = report_no_answer,
        [NOTE_UNASKED] = report_unasked,
        [NOTE_DISCONNECTED] = report_disconnected,
        [NOTE_PARKED] = report_disconnected,
        [NOTE_DISCONNECT_FAILED] = report_disconnect_failed,
        [NOTE_IN_USE] = report_in_use,
        [NOTE_LOST] = report_removed,
        [NOTE_REGISTERED] = report_registration,
        [NOTE_REGISTER_FAILED] = report_registration,
        [NOTE_DEREGISTERED] = report_registration,
        [NOTE_LOG_CHANGED] = report_log_changed,
        [NOTE_LOG_FAILED] = report_log_failed,
        [NOTE_LOG_PARTIAL] = report_log_partial,
        [NOTE_LOG_LEFT_OUT] = report_left_out,
        [NOTE_REFERRALS_IGNORED] = report_referrals_ignored,
        [NOTE_SKIPPED] = report_skipped,
        [NOTE_WANTED] = report_wanted,
        [NOTE_UNWANTED] = report_unwanted,
        [NOTE_FORGOTTEN] = report_forgotten,
};

void report_note(Daemon *d, const Note *n)
{
        const Row *row = n->row;

        if (n->kind == NOTE_FOREIGN_NOTICE) {
                systemd_connect_foreign(d, n->device);
                return;
        }
        if (n->set) {
                report_skipped_entry(d, n->set);
                return;
        }
        _cleanup_free_ char *text = tid_to_string(row->tid);
        const char *tid = text_or(text, row->tid->subsysnqn);
        Telling t = { .d = d, .n = n, .row = row, .tid = tid, .key = key_of(n, tid) };
        if (reporters[n->kind])
                reporters[n->kind](&t);
}
