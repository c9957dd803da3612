/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/connection.h"

#include "base/text.h"
#include "bus/bus.h"

/* As in libsystemd. */
#define ADDRESS_VARIABLE "DBUS_SYSTEM_BUS_ADDRESS"
#define ADDRESS "unix:path=/run/dbus/system_bus_socket"

/* The first attempt is made at once if the connection lasted longer than the longest wait. */
#define RETRY_MIN_USEC (100 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (5 * USEC_PER_SEC)
/* In messages; more than callers can cause. */
#define UNSENT_MAX (4 * BUS_UNSENT_MAX)

struct BusConnection {
        sd_event *event;
        int64_t priority;
        BusConnectionHandler handler;
        void *userdata;

        sd_bus *bus; /* NULL while disconnected */
        usec_t since, backoff_usec;
        sd_event_source *timer; /* always enabled: its prepare callback checks the bus in each
                                 * iteration of the loop */
};

static usec_t connection_now(const BusConnection *c)
{
        uint64_t now = 0;

        (void) sd_event_now(c->event, CLOCK_MONOTONIC, &now); /* fails if the loop has ended */
        return now;
}

/* For a timer these fail only if the loop has ended. */
static void connection_wake_at(BusConnection *c, usec_t at)
{
        (void) sd_event_source_set_time(c->timer, at);
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusConnection *c = userdata;

        connection_wake_at(c, connection_now(c));
        return 0;
}

static int bus_open(const BusConnection *c, sd_bus **ret)
{
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if ((r = sd_bus_new(&bus)) < 0 ||
            (r = sd_bus_set_address(bus, text_or(secure_getenv(ADDRESS_VARIABLE), ADDRESS))) < 0 ||
            (r = sd_bus_set_bus_client(bus, true)) < 0 ||
            /* File descriptors are not accepted: queued calls would keep them open. */
            (r = sd_bus_negotiate_fds(bus, false)) < 0 || (r = sd_bus_start(bus)) < 0 ||
            (r = sd_bus_attach_event(bus, c->event, c->priority)) < 0 ||
            (r = sd_bus_match_signal_async(bus, NULL, "org.freedesktop.DBus.Local",
                                           "/org/freedesktop/DBus/Local",
                                           "org.freedesktop.DBus.Local", "Disconnected",
                                           on_disconnected, NULL, (void *) c)) < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

static void connection_drop(BusConnection *c)
{
        (void) c->handler(NULL, c->userdata);
        c->bus = sd_bus_close_unref(c->bus);
}

static int connection_open(BusConnection *c)
{
        int r = bus_open(c, &c->bus);

        if (r < 0)
                return r;
        c->since = connection_now(c);
        r = c->handler(c->bus, c->userdata);
        if (r < 0)
                connection_drop(c);
        return r;
}

static usec_t connection_next_try(BusConnection *c)
{
        usec_t now = connection_now(c);

        if (c->bus && now - c->since > RETRY_MAX_USEC)
                c->backoff_usec = 0;
        usec_t at = usec_add(now, c->backoff_usec);
        c->backoff_usec =
                c->backoff_usec == 0 ? RETRY_MIN_USEC : MIN(2 * c->backoff_usec, RETRY_MAX_USEC);
        return at;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        BusConnection *c = userdata;
        usec_t next = USEC_INFINITY;

        if (c->bus) {
                next = connection_next_try(c);
                connection_drop(c);
        } else if (connection_open(c) < 0)
                next = connection_next_try(c);
        connection_wake_at(c, next);
        return 0;
}

static int on_turn(sd_event_source *source, void *userdata)
{
        BusConnection *c = userdata;
        uint64_t n;

        if (c->bus && sd_bus_get_n_queued_write(c->bus, &n) >= 0 && n > UNSENT_MAX)
                connection_wake_at(c, 0);
        return 0;
}

int bus_connection_new(sd_event *event, int64_t priority, BusConnectionHandler handler,
                       void *userdata, BusConnection **ret)
{
        _cleanup_(bus_connection_freep) BusConnection *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->event = sd_event_ref(event);
        c->priority = priority;
        c->handler = handler;
        c->userdata = userdata;
        if ((r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, USEC_INFINITY, 0, on_timer,
                                   c)) < 0 ||
            (r = sd_event_source_set_prepare(c->timer, on_turn)) < 0 ||
            (r = connection_open(c)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

BusConnection *bus_connection_free(BusConnection *c)
{
        if (!c)
                return NULL;
        sd_event_source_disable_unref(c->timer);
        sd_bus_close_unref(c->bus);
        sd_event_unref(c->event);
        free(c);
        return NULL;
}
