/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_client.h"

#include "base/text.h"
#include "source/dc_table.h"

#define STAFD_NAME "org.nvmexpress.staf"
#define STAFD_PATH "/org/nvmexpress/staf"
#define STAS1_INTERFACE "org.nvmexpress.stas1"
#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

#define CALL_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define RETRY_MIN_USEC USEC_PER_SEC
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* A bus refuses more open calls than some number (128 by default); answers may be megabytes. */
#define READS_MAX 16

struct StafdClient {
        sd_bus *bus; /* NULL: not connected */
        DcTable table;

        sd_bus_slot *matches[3], *owner_call, *list_call;
        char *owner;     /* stafd's unique name; NULL: not on the bus, or not known */
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

static int client_call(StafdClient *c, sd_bus_message *m, sd_bus_slot **slot,
                       sd_bus_message_handler_t handler, void *userdata)
{
        int r = sd_bus_message_set_auto_start(m, false);

        if (r < 0)
                return r;
        return sd_bus_call_async(c->bus, slot, m, handler, userdata, CALL_TIMEOUT_USEC);
}

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
        if ((r = sd_bus_message_new_method_call(c->bus, &m, STAFD_NAME, STAFD_PATH,
                                                c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                                c->is_python ? "get_log_pages"
                                                             : "read_log_pages")) < 0 ||
            (r = sd_bus_message_append(m, "sssssss", f.transport, f.traddr, f.trsvcid, f.subsysnqn,
                                       f.host_traddr, f.host_iface, f.host_nqn)) < 0)
                return r;
        return client_call(c, m, &dc->call, on_log, dc);
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

        if ((r = sd_bus_message_new_method_call(c->bus, &m, STAFD_NAME, STAFD_PATH,
                                                c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                                c->is_python ? "list_controllers"
                                                             : "list_sources")) < 0 ||
            (c->is_python && (r = sd_bus_message_append(m, "b", false)) < 0))
                return r;
        return client_call(c, m, &c->list_call, on_list, c);
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

/* NULL: it is not there. */
static void client_set_owner(StafdClient *c, const char *owner)
{
        if (owner && streq_ptr(owner, c->owner))
                return;
        client_forget_calls(c);
        c->backoff_usec = 0;
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        client_doubt(c);
        if (text_replace(&c->owner, owner) < 0) {
                free(c->owner);
                c->owner = NULL;
                client_retry(c);
        } else if (owner)
                client_ask(c);
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        StafdClient *c = userdata;
        const char *owner = NULL;

        c->owner_call = sd_bus_slot_unref(c->owner_call);
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                client_set_owner(c, NULL);
        else if (sd_bus_message_is_method_error(m, NULL) ||
                 sd_bus_message_read(m, "s", &owner) < 0) {
                client_doubt(c);
                client_retry(c);
        } else
                client_set_owner(c, owner);
        return 0;
}

static int client_ask_owner(StafdClient *c)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (c->owner_call)
                return 0;
        if ((r = sd_bus_message_new_method_call(c->bus, &m, DBUS_NAME, DBUS_PATH, DBUS_NAME,
                                                "GetNameOwner")) < 0 ||
            (r = sd_bus_message_append(m, "s", STAFD_NAME)) < 0)
                return r;
        return client_call(c, m, &c->owner_call, on_owner, c);
}

static void client_ask(StafdClient *c)
{
        if (!c->bus)
                return;
        if (c->list_call) {
                c->list_again = true;
                return;
        }
        if ((c->owner ? client_list(c) : client_ask_owner(c)) < 0) {
                client_doubt(c);
                client_retry(c);
        }
}

static int on_name_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *owner;

        /* Anyone may send such a signal to us alone; only the bus itself has this sender's name. */
        if (!streq_ptr(sd_bus_message_get_sender(m), DBUS_NAME) ||
            sd_bus_message_read(m, "sss", &name, &before, &owner) < 0 || !streq(name, STAFD_NAME))
                return 0;
        client_set_owner(userdata, *owner ? owner : NULL);
        return 0;
}

static int on_stafd_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        StafdClient *c = userdata;

        if (c->owner && streq_ptr(sd_bus_message_get_sender(m), c->owner))
                client_ask(c);
        return 0;
}

static int client_subscribe(StafdClient *c)
{
        int r;

        if ((r = sd_bus_add_match_async(c->bus, &c->matches[0],
                                        "type='signal',sender='" DBUS_NAME "',path='" DBUS_PATH
                                        "',interface='" DBUS_NAME "',member='NameOwnerChanged',"
                                        "arg0='" STAFD_NAME "'",
                                        on_name_owner_changed, NULL, c)) < 0 ||
            (r = sd_bus_match_signal_async(c->bus, &c->matches[1], STAFD_NAME, STAFD_PATH,
                                           STAFD_NAME, NULL, on_stafd_signal, NULL, c)) < 0)
                return r;
        return sd_bus_match_signal_async(c->bus, &c->matches[2], STAFD_NAME, STAFD_PATH,
                                         STAS1_INTERFACE, NULL, on_stafd_signal, NULL, c);
}

static int client_use_bus(StafdClient *c, sd_bus *bus)
{
        if (!bus)
                return 0;
        c->bus = sd_bus_ref(bus);
        int r = client_subscribe(c);
        if (r >= 0)
                r = client_ask_owner(c);
        return r < 0 ? r : 0;
}

static void client_leave_bus(StafdClient *c)
{
        for (size_t i = 0; i < ELEMENTSOF(c->matches); i++)
                c->matches[i] = sd_bus_slot_unref(c->matches[i]);
        c->owner_call = sd_bus_slot_unref(c->owner_call);
        c->list_call = sd_bus_slot_unref(c->list_call);
        c->bus = sd_bus_unref(c->bus);
}

int stafd_client_set_bus(StafdClient *c, sd_bus *bus)
{
        client_set_owner(c, NULL);
        client_leave_bus(c);
        return client_use_bus(c, bus);
}

int stafd_client_new(sd_event *event, sd_bus *bus, const char *host_nqn, bool ignore_iface,
                     StafdHandler handler, void *userdata, StafdClient **ret)
{
        _cleanup_(stafd_client_freep) StafdClient *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        if ((r = dc_table_init(&c->table, c, event, handler, userdata)) < 0 ||
            (r = dc_table_set_host(&c->table, host_nqn, ignore_iface)) < 0 ||
            (r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, 0, 0, on_timer, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = client_use_bus(c, bus)) < 0)
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
        dc_table_done(&c->table);
        client_leave_bus(c);
        sd_event_source_disable_unref(c->timer);
        free(c->owner);
        free(c);
        return NULL;
}
