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
/* A bus limits the open calls of a client (128 by default); answers may be megabytes. */
#define READS_MAX 16

/* Interfaces that stafd may support, in order of preference. */
typedef enum Protocol {
        PROTOCOL_CHANGES, /* stas1, list_changes() */
        PROTOCOL_SOURCES, /* earlier stas1: list_sources() and read_log_pages() */
        PROTOCOL_PYTHON,  /* list_controllers() and get_log_pages() */
        _PROTOCOL_MAX,
} Protocol;

static const struct {
        const char *interface, *list, *read;
} protocols[_PROTOCOL_MAX] = {
        [PROTOCOL_CHANGES] = { STAS1_INTERFACE, "list_changes", NULL },
        [PROTOCOL_SOURCES] = { STAS1_INTERFACE, "list_sources", "read_log_pages" },
        [PROTOCOL_PYTHON] = { STAFD_NAME, "list_controllers", "get_log_pages" },
};

typedef struct Read { /* of a log */
        StafdClient *client;
        Tid *tid; /* NULL: unused */
        sd_bus_slot *call;
} Read;

struct StafdClient {
        BusPeer stafd;
        DcTable table;

        sd_bus_slot *list_call;
        Read reads[READS_MAX];
        bool list_again; /* changed while the list was being fetched */
        Protocol protocol;
        LogCursor at; /* CHANGES: position up to which everything is known */

        sd_event_source *timer, *elapse;
        usec_t backoff_usec; /* 0: no recent failure */
};

static void client_ask(StafdClient *c);
static void client_read(StafdClient *c);

static void read_done(Read *r)
{
        r->call = sd_bus_slot_unref(r->call);
        r->tid = tid_free(r->tid);
}

/* Returns NULL if all are in use. */
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

/* Controllers missing from a list may be dropped later. */
static void client_set_elapse(StafdClient *c)
{
        /* For a timer these fail only after the loop has ended. */
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
        /* For a timer these fail only after the loop has ended. */
        (void) sd_event_source_set_time_relative(c->timer, c->backoff_usec);
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static int stafd_client_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        client_ask(userdata);
        return 0;
}

/* Called after each answer. The backoff is reset only once everything listed was read. */
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
        int r = c->protocol == PROTOCOL_PYTHON ? stafd_log_decode_pages(m, &log)
                                               : stafd_log_decode(m, &log);
        return r < 0 ? r : dc_table_end_read(&c->table, tid, &log, client_now(c));
}

/* No answer for now. */
static void client_miss(StafdClient *c, const Tid *tid)
{
        /* on failure it is queried again anyway */
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
        if ((r = bus_peer_new_call(&c->stafd, STAFD_PATH, protocols[c->protocol].interface,
                                   protocols[c->protocol].read, &m)) < 0 ||
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

static int client_apply_list(StafdClient *c, sd_bus_message *m)
{
        _cleanup_(stafd_list_done) StafdList list = { 0 };
        bool is_python = c->protocol == PROTOCOL_PYTHON;

        int r = is_python ? stafd_list_decode_controllers(m, &list) : stafd_list_decode(m, &list);
        if (r < 0)
                return r;
        if (dc_table_apply(&c->table, &list, is_python, client_now(c)) < 0)
                client_retry(c);
        client_read(c);
        return 0;
}

/* Returns true if the page continues from our position. */
static bool follows(const LogChanges *page, const LogCursor *at)
{
        if (page->whole)
                return page->next.epoch != 0;
        return page->next.epoch == at->epoch && page->next.generation >= at->generation &&
               (!page->more || page->next.generation > at->generation);
}

static int client_apply_changes(StafdClient *c, sd_bus_message *m, bool *ret_more)
{
        _cleanup_log_changes_ LogChanges page = { 0 };
        LogCursor at = c->at;

        c->at = (LogCursor) { 0 }; /* after a failure everything is requested */
        int r = stafd_changes_decode(m, &page);
        if (r >= 0 && !follows(&page, &at))
                r = -EBADMSG;
        if (r >= 0)
                r = dc_table_take(&c->table, &page, client_now(c));
        if (r < 0)
                return r;
        *ret_more = page.more;
        if (page.more || !dc_table_wants_all(&c->table))
                c->at = page.next;
        return 0;
}

static int client_take_list(StafdClient *c, sd_bus_message *m, bool *ret_more)
{
        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = c->protocol == PROTOCOL_CHANGES ? client_apply_changes(c, m, ret_more)
                                                : client_apply_list(c, m);
        if (r < 0 || *ret_more)
                return r;
        client_check_settled(c);
        if (c->protocol == PROTOCOL_CHANGES && c->at.epoch == 0)
                client_retry(c);
        return 0;
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        StafdClient *c = userdata;
        bool again = c->list_again, more = false;

        c->list_call = sd_bus_slot_unref(c->list_call);
        c->list_again = false;
        if (c->protocol < PROTOCOL_PYTHON && is_unknown_interface(m)) {
                c->protocol++;
                c->at = (LogCursor) { 0 };
                again = true;
        } else if (client_take_list(c, m, &more) < 0) {
                client_doubt(c);
                client_retry(c);
        }
        if (again || more)
                client_ask(c);
        return 0;
}

static int client_list(StafdClient *c)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        int r = bus_peer_new_call(&c->stafd, STAFD_PATH, protocols[c->protocol].interface,
                                  protocols[c->protocol].list, &m);
        if (r >= 0 && c->protocol == PROTOCOL_CHANGES)
                r = sd_bus_message_append(m, "ttt", c->at.epoch, c->at.generation, c->at.start);
        if (r >= 0 && c->protocol == PROTOCOL_PYTHON)
                r = sd_bus_message_append(m, "b", false);
        if (r < 0)
                return r;
        return sd_bus_call_async(c->stafd.bus, &c->list_call, m, on_list, c, BUS_PEER_TIMEOUT_USEC);
}

/* ---- availability of stafd ---- */

static void client_forget_calls(StafdClient *c)
{
        c->list_call = sd_bus_slot_unref(c->list_call);
        c->list_again = false;
        c->protocol = PROTOCOL_CHANGES;
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

static void stafd_client_on_event(BusPeerEvent event, void *userdata)
{
        StafdClient *c = userdata;

        switch (event) {
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

static void stafd_client_on_signal(sd_bus_message *m, void *userdata)
{
        client_ask(userdata);
}

static const BusPeerType stafd_type = {
        .name = STAFD_NAME,
        .path = STAFD_PATH,
        .interfaces = { STAFD_NAME, STAS1_INTERFACE },
        .on_event = stafd_client_on_event,
        .on_signal = stafd_client_on_signal,
};

int stafd_client_set_bus(StafdClient *c, sd_bus *bus)
{
        client_begin_anew(c);
        return bus_peer_set_bus(&c->stafd, bus);
}

int stafd_client_new(sd_event *event, sd_bus *bus, DlpeHost host, const HostNames *names,
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
        c->table.names = names;
        if ((r = dc_table_set_host(&c->table, host)) < 0 ||
            (r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, 0, 0, stafd_client_on_timer,
                                   c)) < 0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = sd_event_add_time(event, &c->elapse, CLOCK_MONOTONIC, 0, 0, on_elapse, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->elapse, SD_EVENT_OFF)) < 0 ||
            (r = bus_peer_set_bus(&c->stafd, bus)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

int stafd_client_set_host(StafdClient *c, DlpeHost host)
{
        const DlpeHost *before = &c->table.host;

        if (streq(before->nqn, host.nqn) && before->ignore_iface == host.ignore_iface &&
            before->no_rdma == host.no_rdma)
                return 0;
        int r = dc_table_set_host(&c->table, host);
        if (r < 0)
                client_retry(c);
        return r;
}

int stafd_client_resolved(StafdClient *c)
{
        return dc_table_resolved(&c->table);
}

int stafd_client_list_names(const StafdClient *c, LoggedNames *ret)
{
        return dc_table_list_names(&c->table, ret);
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
