/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_client.h"

#include "base/text.h"
#include "source/bus_peer.h"
#include "source/dc_table.h"

#define STAFD_NAME "org.nvmexpress.staf"
#define STAFD_PATH "/org/nvmexpress/staf"
#define STAS1_INTERFACE "org.nvmexpress.stas1"

#define RETRY_MIN_USEC USEC_PER_SEC
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* A bus refuses more open calls than some number (128 by default); answers may be megabytes. */
#define READS_MAX 16

struct StafdClient {
        BusPeer stafd;
        DcTable table;

        sd_bus_slot *list_call;
        bool list_again; /* news came while the list was on its way */
        bool is_python;  /* a stafd without the stas1 interface */

        sd_event_source *timer;
        usec_t backoff_usec; /* 0: nothing failed of late */
};

static void client_ask(StafdClient *c);
static void client_read(StafdClient *c);

static size_t client_n_reads(const StafdClient *c)
{
        size_t n = 0;

        for (size_t i = 0; i < c->table.n_dcs; i++)
                n += c->table.dcs[i]->call != NULL;
        return n;
}

/* ---- retry ---- */

static void client_retry(StafdClient *c)
{
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(c->timer, &enabled);
        if (enabled != SD_EVENT_OFF)
                return;
        c->backoff_usec =
                c->backoff_usec == 0 ? RETRY_MIN_USEC : MIN(c->backoff_usec * 2, RETRY_MAX_USEC);
        /* For a timer these fail only when the loop has ended. */
        (void) sd_event_source_set_time_relative(c->timer, c->backoff_usec);
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        client_ask(userdata);
        return 0;
}

/* The backoff starts over only when everything that is listed was read. */
static void client_check_settled(StafdClient *c)
{
        if (c->list_call || client_n_reads(c) > 0 || !dc_table_is_read(&c->table))
                return;
        c->backoff_usec = 0;
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
}

static void client_doubt(StafdClient *c)
{
        if (dc_table_doubt(&c->table) < 0)
                client_retry(c);
}

/* ---- calls ---- */

static int take_log(Dc *dc, sd_bus_message *m)
{
        StafdLog log;

        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = dc->table->client->is_python ? stafd_log_decode_pages(m, &log)
                                             : stafd_log_decode(m, &log);
        return r < 0 ? r : dc_take(dc, &log);
}

/* No answer, for now. */
static void client_miss(StafdClient *c, Dc *dc)
{
        (void) dc_doubt(dc); /* should memory be short: it is asked for again anyway */
        client_retry(c);
}

static int on_log(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Dc *dc = userdata;
        StafdClient *c = dc->table->client;

        dc->call = sd_bus_slot_unref(dc->call);
        if (take_log(dc, m) < 0)
                client_miss(c, dc);
        client_read(c);
        client_check_settled(c);
        return 0;
}

static int client_read_log(StafdClient *c, Dc *dc)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        TidFields f;
        int r;

        tid_fields(dc->tid, &f);
        if ((r = bus_peer_new_call(&c->stafd, STAFD_PATH,
                                   c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                   c->is_python ? "get_log_pages" : "read_log_pages", &m)) < 0 ||
            (r = sd_bus_message_append(m, "sssssss", f.transport, f.traddr, f.trsvcid, f.subsysnqn,
                                       f.host_traddr, f.host_iface, f.host_nqn)) < 0)
                return r;
        return sd_bus_call_async(c->stafd.bus, &dc->call, m, on_log, dc, BUS_PEER_TIMEOUT_USEC);
}

static void client_read(StafdClient *c)
{
        size_t n_reads = client_n_reads(c);

        for (size_t i = 0; i < c->table.n_dcs && n_reads < READS_MAX; i++) {
                Dc *dc = c->table.dcs[i];
                if (!dc->is_due || dc->call)
                        continue;
                dc->is_due = false;
                if (client_read_log(c, dc) < 0)
                        client_miss(c, dc);
                else
                        n_reads++;
        }
}

static bool is_unknown_interface(sd_bus_message *m)
{
        return sd_bus_message_is_method_error(m, SD_BUS_ERROR_UNKNOWN_METHOD) ||
               sd_bus_message_is_method_error(m, SD_BUS_ERROR_UNKNOWN_INTERFACE);
}

static int client_take_list(StafdClient *c, sd_bus_message *m)
{
        _cleanup_(stafd_list_done) StafdList list = { 0 };

        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = c->is_python ? stafd_list_decode_controllers(m, &list)
                             : stafd_list_decode(m, &list);
        if (r < 0)
                return r;
        if (dc_table_apply(&c->table, &list, c->is_python) < 0)
                client_retry(c);
        client_read(c);
        client_check_settled(c);
        return 0;
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        StafdClient *c = userdata;
        bool again = c->list_again;

        c->list_call = sd_bus_slot_unref(c->list_call);
        c->list_again = false;
        if (!c->is_python && is_unknown_interface(m)) {
                c->is_python = true;
                again = true;
        } else if (client_take_list(c, m) < 0) {
                client_doubt(c);
                client_retry(c);
        }
        if (again)
                client_ask(c);
        return 0;
}

static int client_list(StafdClient *c)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if ((r = bus_peer_new_call(&c->stafd, STAFD_PATH,
                                   c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                   c->is_python ? "list_controllers" : "list_sources", &m)) < 0 ||
            (c->is_python && (r = sd_bus_message_append(m, "b", false)) < 0))
                return r;
        return sd_bus_call_async(c->stafd.bus, &c->list_call, m, on_list, c, BUS_PEER_TIMEOUT_USEC);
}

/* ---- who stafd is ---- */

static void client_forget_calls(StafdClient *c)
{
        c->list_call = sd_bus_slot_unref(c->list_call);
        c->list_again = c->is_python = false;
        for (size_t i = 0; i < c->table.n_dcs; i++) {
                Dc *dc = c->table.dcs[i];
                dc->call = sd_bus_slot_unref(dc->call);
                dc->is_due = false;
        }
}

static void client_ask(StafdClient *c)
{
        if (!c->stafd.bus)
                return;
        if (c->list_call) {
                c->list_again = true;
                return;
        }
        if ((c->stafd.owner ? client_list(c) : bus_peer_ask(&c->stafd)) < 0) {
                client_doubt(c);
                client_retry(c);
        }
}

static void client_begin_anew(StafdClient *c)
{
        client_forget_calls(c);
        c->backoff_usec = 0;
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        client_doubt(c);
}

static void on_news(BusPeerNews news, void *userdata)
{
        StafdClient *c = userdata;

        switch (news) {
        case BUS_PEER_CAME:
                client_begin_anew(c);
                client_ask(c);
                break;
        case BUS_PEER_WENT:
        case BUS_PEER_LOST:
        case BUS_PEER_ABSENT:
                client_begin_anew(c);
                break;
        case BUS_PEER_UNSURE:
                client_doubt(c);
                client_retry(c);
                break;
        }
}

static void on_signal(sd_bus_message *m, void *userdata)
{
        client_ask(userdata);
}

static const BusPeerType stafd_type = {
        .name = STAFD_NAME,
        .path = STAFD_PATH,
        .interfaces = { STAFD_NAME, STAS1_INTERFACE },
        .on_news = on_news,
        .on_signal = on_signal,
};

int stafd_client_set_bus(StafdClient *c, sd_bus *bus)
{
        client_begin_anew(c);
        return bus_peer_set_bus(&c->stafd, bus);
}

int stafd_client_new(sd_event *event, sd_bus *bus, const char *host_nqn, bool ignore_iface,
                     StafdHandler handler, void *userdata, StafdClient **ret)
{
        _cleanup_(stafd_client_freep) StafdClient *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->stafd = (BusPeer) { .type = &stafd_type, .userdata = c };
        if ((r = dc_table_init(&c->table, c, event, handler, userdata)) < 0 ||
            (r = dc_table_set_host(&c->table, host_nqn, ignore_iface)) < 0 ||
            (r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, 0, 0, on_timer, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = bus_peer_set_bus(&c->stafd, bus)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

int stafd_client_set_host(StafdClient *c, const char *host_nqn, bool ignore_iface)
{
        if (streq(c->table.host_nqn, host_nqn) && c->table.ignore_iface == ignore_iface)
                return 0;
        int r = dc_table_set_host(&c->table, host_nqn, ignore_iface);
        if (r < 0)
                client_retry(c);
        return r;
}

int stafd_client_expect(StafdClient *c, const char *key)
{
        return dc_table_expect(&c->table, key);
}

bool stafd_client_is_full(const StafdClient *c)
{
        return dc_table_is_full(&c->table);
}

StafdClient *stafd_client_free(StafdClient *c)
{
        if (!c)
                return NULL;
        client_forget_calls(c);
        dc_table_done(&c->table);
        bus_peer_done(&c->stafd);
        sd_event_source_disable_unref(c->timer);
        free(c);
        return NULL;
}
