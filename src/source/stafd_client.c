/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_client.h"

#include "base/text.h"
#include "source/bus_peer.h"
#include "source/stafd_answers.h"

#define STAFD_NAME "org.nvmexpress.staf"
#define STAFD_PATH "/org/nvmexpress/staf"
#define STAS1_INTERFACE "org.nvmexpress.stas1"

#define RETRY_MIN_USEC USEC_PER_SEC
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* A bus refuses more open calls than some number (128 by default); answers may be megabytes. */
#define READS_MAX 16

typedef struct Read { /* of a log */
        StafdClient *client;
        Tid *tid; /* NULL: there is none */
        sd_bus_slot *call;
} Read;

struct StafdClient {
        BusPeer stafd;
        DcTable table;

        sd_bus_slot *list_call;
        Read reads[READS_MAX];
        bool list_again; /* news came while the list was on its way */
        bool is_python;  /* a stafd without the stas1 interface */

        sd_event_source *timer, *elapse;
        usec_t backoff_usec; /* 0: nothing failed of late */
};

static void client_ask(StafdClient *c);
static void client_read(StafdClient *c);

static void read_done(Read *r)
{
        r->call = sd_bus_slot_unref(r->call);
        r->tid = tid_free(r->tid);
}

/* NULL: all are under way. */
static Read *client_free_read(StafdClient *c)
{
        for (size_t i = 0; i < READS_MAX; i++)
                if (!c->reads[i].tid)
                        return &c->reads[i];
        return NULL;
}

static bool client_is_reading(const StafdClient *c)
{
        for (size_t i = 0; i < READS_MAX; i++)
                if (c->reads[i].tid)
                        return true;
        return false;
}

static usec_t client_now(const StafdClient *c)
{
        usec_t now = 0;

        (void) sd_event_now(sd_event_source_get_event(c->timer), CLOCK_MONOTONIC, &now);
        return now;
}

/* What a list lacks may go later. */
static void client_set_elapse(StafdClient *c)
{
        /* For a timer these fail only when the loop has ended. */
        (void) sd_event_source_set_time(c->elapse, c->table.next_at);
        (void) sd_event_source_set_enabled(
                c->elapse, c->table.next_at == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static int on_elapse(sd_event_source *source, uint64_t usec, void *userdata)
{
        StafdClient *c = userdata;

        dc_table_elapse(&c->table, client_now(c));
        client_set_elapse(c);
        return 0;
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

/* After each answer. The backoff starts over only when everything that is listed was read. */
static void client_check_settled(StafdClient *c)
{
        client_set_elapse(c);
        if (c->list_call || client_is_reading(c) || !dc_table_is_read(&c->table))
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

static int client_take_log(StafdClient *c, const Tid *tid, sd_bus_message *m)
{
        StafdLog log;

        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = c->is_python ? stafd_log_decode_pages(m, &log) : stafd_log_decode(m, &log);
        return r < 0 ? r : dc_table_end_read(&c->table, tid, &log, client_now(c));
}

/* No answer, for now. */
static void client_miss(StafdClient *c, const Tid *tid)
{
        /* should memory be short: it is asked for again anyway */
        (void) dc_table_fail_read(&c->table, tid);
        client_retry(c);
}

static int on_log(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Read *read = userdata;
        StafdClient *c = read->client;
        _cleanup_tid_ Tid *tid = TAKE_PTR(read->tid);

        read_done(read);
        if (client_take_log(c, tid, m) < 0)
                client_miss(c, tid);
        client_read(c);
        client_check_settled(c);
        return 0;
}

static int client_read_log(StafdClient *c, Read *read, const Tid *tid)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        TidFields f;
        int r;

        tid_fields(tid, &f);
        if ((r = bus_peer_new_call(&c->stafd, STAFD_PATH,
                                   c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                   c->is_python ? "get_log_pages" : "read_log_pages", &m)) < 0 ||
            (r = sd_bus_message_append(m, "sssssss", f.transport, f.traddr, f.trsvcid, f.subsysnqn,
                                       f.host_traddr, f.host_iface, f.host_nqn)) < 0 ||
            (r = tid_dup(tid, &read->tid)) < 0)
                return r;
        return sd_bus_call_async(c->stafd.bus, &read->call, m, on_log, read, BUS_PEER_TIMEOUT_USEC);
}

static void client_read(StafdClient *c)
{
        Read *read;
        Dc *dc;

        while ((read = client_free_read(c)) && (dc = dc_table_begin_read(&c->table))) {
                if (client_read_log(c, read, dc->tid) < 0) {
                        read_done(read);
                        client_miss(c, dc->tid);
                }
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
        if (dc_table_apply(&c->table, &list, c->is_python, client_now(c)) < 0)
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
        for (size_t i = 0; i < READS_MAX; i++)
                read_done(&c->reads[i]);
        dc_table_forget_reads(&c->table);
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
        for (size_t i = 0; i < READS_MAX; i++)
                c->reads[i].client = c;
        dc_table_init(&c->table, handler, userdata);
        if ((r = dc_table_set_host(&c->table, host_nqn, ignore_iface)) < 0 ||
            (r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, 0, 0, on_timer, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = sd_event_add_time(event, &c->elapse, CLOCK_MONOTONIC, 0, 0, on_elapse, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->elapse, SD_EVENT_OFF)) < 0 ||
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
        sd_event_source_disable_unref(c->elapse);
        free(c);
        return NULL;
}
