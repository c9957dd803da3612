/* SPDX-License-Identifier: Apache-2.0 */

/* stafd: discovery controllers announced by mDNS. Avahi's announcements go into a table, and the
 * resulting set is passed to the engine, both in bursts. */

#include "daemon/mdns.h"

#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "codec/fabrics_options.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"
#include "io/line.h"
#include "observe/interfaces.h"

/* Delay before Avahi is retried when it is away or does not answer. */
#define RETRY_USEC (60 * USEC_PER_SEC)
/* How long a burst of announcements is collected. */
#define BURST_USEC (20 * USEC_PER_MSEC)
/* Anyone on the network can send invalid announcements at any rate. */
#define COMPLAINTS_MAX 10

#define MEMBERSHIPS "/proc/sys/net/ipv4/igmp_max_memberships"

static bool mdns_is_enabled(const Daemon *d)
{
        return d->type->role == CONTROLLER_DISCOVERY && d->inputs.configuration->zeroconf;
}

/* ---- to the engine ---- */

static bool mdns_is_connected(const Tid *tid, void *userdata)
{
        Daemon *d = userdata;
        const Row *row = engine_find_row(d->engine, tid);
        const Device *device = row ? row_device(row) : NULL;

        return device && live_state_read(&d->kernel.live, device) == DEVICE_LIVE;
}

static bool was_connected(const Tid *tid, void *userdata)
{
        const Daemon *d = userdata;
        const Row *row = engine_find_row(d->engine, tid);

        return row && (row->node || row->attempts.since != 0);
}

/* The table is complete: what is not in it was withdrawn, even if other services were left out. */
static int post(Daemon *d)
{
        Mdns *m = &d->mdns;
        SourceSet *set;

        int r = mdns_services_to_set(&m->services, &engine_policy(d->engine)->excludes, &set);
        if (r < 0)
                return r;
        if (avahi_client_is_full(m->avahi))
                set->state = MIN(set->state, SOURCE_PARTIAL);
        r = daemon_replace_source(d, set);
        if (r >= 0)
                m->changed = false;
        return r;
}

static void mdns_set_timer(Mdns *m, usec_t at)
{
        /* For a timer these fail only if the loop has ended. */
        (void) sd_event_source_set_time(m->timer, at);
        (void) sd_event_source_set_enabled(m->timer,
                                           at == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static int mdns_on_timer(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;
        Mdns *m = &d->mdns;
        size_t n_before = m->services.n_rows;
        usec_t now = daemon_now(d);

        m->post_at = USEC_INFINITY;
        /* Their NQN depends on the kernel's options. */
        if (!d->kernel.options_known)
                return 0;
        usec_t next =
                mdns_services_expire(&m->services, d->inputs.configuration->zeroconf_persistence,
                                     mdns_is_connected, d, now);
        if (m->services.n_rows < n_before)
                avahi_client_has_room(m->avahi);
        if ((m->changed || m->services.n_rows != n_before) && post(d) < 0) {
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: the latest mDNS announcements are not used yet");
                m->changed = true;
                next = usec_add(now, USEC_PER_SEC);
        }
        mdns_set_timer(m, next);
        return 0;
}

static void schedule_post(Daemon *d)
{
        Mdns *m = &d->mdns;

        m->changed = true;
        if (m->post_at != USEC_INFINITY)
                return;
        m->post_at = usec_add(daemon_now(d), BURST_USEC);
        mdns_set_timer(m, m->post_at);
}

/* ---- from Avahi ---- */

static void mdns_complain(Daemon *d, const MdnsService *s, int error)
{
        char name[MDNS_NAME_SIZE];

        if (d->mdns.n_complaints++ >= COMPLAINTS_MAX)
                return;
        (void) strcpy(name, s->key.name); /* same size */
        text_make_printable(name);
        log_warning(MESSAGE_MDNS_SERVICE_IGNORED, "mDNS \"%s\" on %s is ignored: %s%s", name,
                    text_or(s->interface, ""),
                    error == -ENOPROTOOPT ? "its TXT record names no transport (p=tcp, roce, "
                                            "iwarp or rdma)"
                    : error == -EILSEQ    ? NQN_NOT_USABLE
                    : error == -E2BIG     ? "too many discovery controllers are announced"
                    : error == -EDQUOT    ? "too many are announced on this interface or at this "
                                            "address"
                    : error == -ENOMEM    ? "out of memory"
                                          : "its address or port is not usable",
                    d->mdns.n_complaints == COMPLAINTS_MAX ? "; further ones are not reported"
                                                           : "");
}

static void take_found(Daemon *d, const MdnsService *service)
{
        MdnsServices *services = &d->mdns.services;
        const MdnsRow *row;

        int r = mdns_services_found(services, service, daemon_now(d), &row);
        if (r == -EDQUOT || r == -E2BIG)
                avahi_client_leave_out(d->mdns.avahi, &service->key);
        if (r < 0) {
                mdns_complain(d, service, r);
                return;
        }
        (void) to_engine(d, (EngineInput) { .kind = INPUT_ANNOUNCED, .tid = row->tid });
        daemon_schedule_plan(d);
        const char *other = mdns_services_tell_twice(services, row);
        if (other)
                log_error(MESSAGE_MDNS_ADDRESS_TWICE,
                          "mDNS: the address %s is announced on two interfaces, %s and %s: two "
                          "networks have it, or these interfaces are on one network",
                          service->address, other, service->interface);
}

/* Avahi joins the mDNS group of each interface on one socket. */
static void check_memberships(Daemon *d)
{
        Network network = { 0 };
        char number[32];
        uint64_t max;

        if (d->mdns.told_memberships ||
            line_read(AT_FDCWD, MEMBERSHIPS, number, sizeof(number)) < 0 ||
            text_to_u64(number, 0, INT32_MAX, &max) < 0 || interfaces_read(&network) < 0)
                return;
        size_t n = network_count_ipv4_interfaces(&network);
        network_done(&network);
        if (n <= max)
                return;
        d->mdns.told_memberships = true;
        log_warning(MESSAGE_MDNS_INTERFACES_LIMITED,
                    "mDNS is heard on %" PRIu64 " of %zu interfaces only: the sysctl "
                    "net.ipv4.igmp_max_memberships is lower than the number of interfaces",
                    max, n);
}

static void take_begun(Daemon *d)
{
        if (d->mdns.told_away)
                log_info(MESSAGE_AVAHI_AVAILABLE,
                         "Avahi is available, browsing for discovery controllers");
        d->mdns.told_away = false;
        mdns_services_doubt(&d->mdns.services, SOURCE_PARTIAL);
        check_memberships(d);
}

static void take_away(Daemon *d, const char *reason)
{
        if (!d->mdns.told_away)
                log_message(MESSAGE_AVAHI_UNAVAILABLE, LOG_NOTICE,
                            "Avahi cannot be queried for discovery controllers (%s): controllers "
                            "found so far are kept; retrying every minute",
                            reason);
        d->mdns.told_away = true;
        mdns_services_doubt(&d->mdns.services, SOURCE_UNKNOWN);
}

static void on_avahi(AvahiEvent event, const MdnsService *service, const char *reason,
                     void *userdata)
{
        Daemon *d = userdata;

        schedule_post(d);
        switch (event) {
        case AVAHI_BEGUN:
                take_begun(d);
                return;
        case AVAHI_COMPLETE:
                d->mdns.told_away = false;
                mdns_services_complete(&d->mdns.services, daemon_now(d));
                return;
        case AVAHI_AWAY:
                take_away(d, reason);
                return;
        case AVAHI_FOUND:
                take_found(d, service);
                return;
        case AVAHI_LOST:
                mdns_services_lost(&d->mdns.services, &service->key, daemon_now(d));
                return;
        case AVAHI_IGNORED:
                mdns_complain(d, service, -E2BIG);
                return;
        }
}

/* ---- life ---- */

static int set_host(Daemon *d)
{
        return mdns_services_set_host(&d->mdns.services, d->inputs.host->nqn,
                                      d->kernel.options & (1U << FABRICS_DISCOVERY),
                                      engine_policy(d->engine)->ignore_iface);
}

static int mdns_remember(Daemon *d)
{
        const SourceSet *s = engine_next_source(d->engine, NULL);

        while (s && !streq(s->key, MDNS_SOURCE_KEY))
                s = engine_next_source(d->engine, s);
        for (size_t i = 0; s && i < s->n_entries; i++) {
                int r = mdns_services_remember(&d->mdns.services, s->entries[i].tid);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int mdns_begin(Daemon *d)
{
        Mdns *m = &d->mdns;
        SourceSet *set;

        *m = (Mdns) {
                .post_at = USEC_INFINITY,
                .services = { .state = SOURCE_PARTIAL,
                              .was_connected = was_connected,
                              .userdata = d },
        };
        int r = sd_event_add_time(d->loop.event, &m->timer, CLOCK_MONOTONIC, USEC_INFINITY,
                                  USEC_PER_MSEC, mdns_on_timer, d);
        if (r >= 0)
                r = set_host(d);
        if (r >= 0)
                r = mdns_remember(d);
        /* Avahi may know more than was remembered, so the set stays partial until it has
         * answered. */
        if (r >= 0)
                r = source_set_new(MDNS_SOURCE_KEY, SOURCE_DISCOVERED, SOURCE_PARTIAL, &set);
        if (r >= 0)
                r = daemon_set_source(d, set);
        return r < 0 ? r
                     : avahi_client_new(d->loop.event, d->bus, RETRY_USEC, on_avahi, d, &m->avahi);
}

void mdns_done(Mdns *m)
{
        (void) avahi_client_free(m->avahi);
        mdns_services_done(&m->services);
        (void) sd_event_source_disable_unref(m->timer);
        *m = (Mdns) { 0 };
}

int mdns_start(Daemon *d)
{
        if (mdns_is_enabled(d))
                return mdns_begin(d);
        (void) daemon_drop_source(d, MDNS_SOURCE_KEY);
        return 0;
}

int mdns_reload(Daemon *d)
{
        Mdns *m = &d->mdns;

        if (!m->avahi || !mdns_is_enabled(d)) {
                mdns_done(m);
                return mdns_start(d);
        }
        m->n_complaints = 0;
        check_memberships(d);
        schedule_post(d);
        return set_host(d);
}

void mdns_options_known(Daemon *d)
{
        if (!d->mdns.avahi)
                return;
        if (set_host(d) < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: mDNS is used without the NQNs that it announces");
        schedule_post(d);
}
