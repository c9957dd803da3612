/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_client.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"
#include "source/stafd_answers.h"

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
/* What stafd lists no more stays until what it lists anew was read, which may be the same discovery
 * controller under other parameters. One that says nothing for so long is waited for no more. */
#define NEWCOMER_USEC (30 * USEC_PER_SEC)

typedef struct Dc {
        StafdClient *client;
        Tid *tid;
        char *key, *device;
        usec_t since;       /* in the list, the first time */
        bool is_listed;     /* in the last list */
        bool is_due;        /* its log is to be read */
        bool is_read;       /* log is an answer of this stafd, and no later read failed */
        bool is_remembered; /* the handler has entries of it that we never saw */
        StafdLog log;       /* stays when stafd goes: what was last known */
        SourceState told;   /* _SOURCE_STATE_INVALID: nothing yet */
        sd_bus_slot *call;
} Dc;

struct StafdClient {
        sd_bus *bus;
        char *host_nqn;
        bool ignore_iface;
        StafdHandler handler;
        void *userdata;

        sd_bus_slot *matches[3], *owner_call, *list_call;
        char *owner;      /* stafd's unique name; NULL: not on the bus, or not known */
        bool list_again;  /* news came while the list was on its way */
        bool is_complete; /* the last list */
        bool is_short;    /* memory ran out while the last list was applied */
        bool is_python;   /* a stafd without the stas1 interface */
        size_t n_reads;   /* under way */

        Dc **dcs; /* sorted by tid */
        size_t n_dcs, n_dcs_allocated;
        char **expected;
        size_t n_expected, n_expected_allocated;
        SourceState told;

        sd_event_source *newcomer_timer;
        sd_event_source *timer;
        usec_t backoff_usec; /* 0: nothing failed of late */
};

static void client_ask(StafdClient *c);
static void client_read(StafdClient *c);

char *stafd_source_key(const Tid *dc)
{
        _cleanup_free_ char *text = tid_to_string(dc);
        char *key;

        /* The text leaves the host NQN out, and only that may tell two controllers apart. */
        if (!text ||
            asprintf(&key, "dc %s%s%s", text, *dc->host_nqn ? " as " : "", dc->host_nqn) < 0)
                return NULL;
        return key;
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
        if (c->n_reads > 0 || c->list_call || c->is_short)
                return;
        for (size_t i = 0; i < c->n_dcs; i++)
                if (c->dcs[i]->is_listed && !c->dcs[i]->is_read)
                        return;
        c->backoff_usec = 0;
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
}

/* ---- what the handler is told ---- */

static void client_tell_stafd(StafdClient *c, SourceState state)
{
        SourceSet *set;

        if (c->told == state)
                return;
        if (source_set_new(STAFD_SOURCE_KEY, SOURCE_DISCOVERY_LOG, state, &set) < 0) {
                client_retry(c);
                return;
        }
        c->told = state;
        c->handler(set, STAFD_SOURCE_KEY, c->userdata);
}

static void dc_tell(Dc *dc, SourceState state)
{
        StafdClient *c = dc->client;
        StafdOrigin origin = {
                .key = dc->key,
                .device = dc->device,
                .dc = dc->tid,
                .host_nqn = c->host_nqn,
                .ignore_iface = c->ignore_iface,
        };
        SourceSet *set;

        /* Nothing to say about it: the remembered entries are worth more. */
        if (dc->is_remembered && state == SOURCE_UNKNOWN && dc->log.n_entries == 0)
                return;
        if (stafd_log_to_set(&dc->log, state, &origin, &set) < 0) {
                dc->is_read = false;
                client_retry(c);
                return;
        }
        dc->is_remembered = false;
        dc->told = state;
        c->handler(set, dc->key, c->userdata);
}

/* stafd can't be asked about it for now. */
static void dc_doubt(Dc *dc)
{
        dc->is_read = false;
        if (dc->told != SOURCE_UNKNOWN)
                dc_tell(dc, SOURCE_UNKNOWN);
}

static void client_doubt(StafdClient *c)
{
        c->is_complete = false;
        for (size_t i = 0; i < c->n_dcs; i++)
                dc_doubt(c->dcs[i]);
        client_tell_stafd(c, SOURCE_UNKNOWN);
}

/* ---- the table of discovery controllers ---- */

static Dc *dc_free(Dc *dc)
{
        if (!dc)
                return NULL;
        if (dc->call)
                dc->client->n_reads--;
        sd_bus_slot_unref(dc->call);
        stafd_log_done(&dc->log);
        (void) tid_free(dc->tid);
        free(dc->key);
        free(dc->device);
        free(dc);
        return NULL;
}
DEFINE_CLEANUP(Dc, dc_free)

/* The place of tid, or where it belongs. */
static size_t client_search(const StafdClient *c, const Tid *tid, bool *ret_found)
{
        size_t low = 0, high = c->n_dcs;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = tid_compare(c->dcs[middle]->tid, tid);
                if (order == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool client_unexpect(StafdClient *c, const char *key)
{
        for (size_t i = 0; i < c->n_expected; i++)
                if (streq(c->expected[i], key)) {
                        free(c->expected[i]);
                        c->expected[i] = c->expected[--c->n_expected];
                        return true;
                }
        return false;
}

/* Takes the item's tid and device. */
static int client_add_dc(StafdClient *c, size_t place, StafdListed *item)
{
        _cleanup_(dc_freep) Dc *dc = calloc(1, sizeof(*dc));

        if (!dc || ARRAY_RESERVE(c->dcs, c->n_dcs_allocated, c->n_dcs + 1) < 0)
                return -ENOMEM;
        dc->client = c;
        dc->told = _SOURCE_STATE_INVALID;
        dc->key = stafd_source_key(item->tid);
        if (!dc->key)
                return -ENOMEM;
        dc->tid = TAKE_PTR(item->tid);
        dc->device = TAKE_PTR(item->device);
        dc->is_due = dc->is_listed = true;
        (void) sd_event_now(sd_bus_get_event(c->bus), CLOCK_MONOTONIC, &dc->since);
        dc->is_remembered = client_unexpect(c, dc->key);
        memmove(c->dcs + place + 1, c->dcs + place, (c->n_dcs - place) * sizeof(*c->dcs));
        Dc *added = c->dcs[place] = TAKE_PTR(dc);
        c->n_dcs++;
        /* That there is such a source must be known before the list is called complete. */
        dc_tell(added, SOURCE_UNKNOWN);
        return added->is_remembered || added->told == SOURCE_UNKNOWN ? 0 : -ENOMEM;
}

static int client_apply_item(StafdClient *c, StafdListed *item)
{
        bool found;
        size_t place = client_search(c, item->tid, &found);

        if (!found)
                return c->n_dcs < STAFD_CONTROLLERS_MAX ? client_add_dc(c, place, item) : -E2BIG;
        Dc *dc = c->dcs[place];
        dc->is_listed = true;
        /* A read that is under way was sent after this list was: its answer is not older. */
        if (!dc->call && (c->is_python || !dc->is_read || dc->log.generation != item->generation ||
                          dc->log.state != item->state))
                dc->is_due = true;
        return text_replace(&dc->device, item->device);
}

static void client_drop(StafdClient *c, const char *key)
{
        c->handler(NULL, key, c->userdata);
}

static bool dc_is_silent(const Dc *dc)
{
        return dc->told == SOURCE_UNKNOWN && dc->log.n_entries == 0 && !dc->is_remembered;
}

static bool client_awaits_newcomers(StafdClient *c)
{
        usec_t now = 0, until = 0;

        for (size_t i = 0; i < c->n_dcs; i++)
                if (c->dcs[i]->is_listed && dc_is_silent(c->dcs[i]))
                        until = MAX(until, usec_add(c->dcs[i]->since, NEWCOMER_USEC));
        (void) sd_event_now(sd_bus_get_event(c->bus), CLOCK_MONOTONIC, &now);
        if (until <= now)
                return false;
        /* For a timer these fail only when the loop has ended. */
        (void) sd_event_source_set_time(c->newcomer_timer, until);
        (void) sd_event_source_set_enabled(c->newcomer_timer, SD_EVENT_ONESHOT);
        return true;
}

/* What a complete list lacks is gone. */
static void client_drop_unlisted(StafdClient *c)
{
        size_t n = 0, n_listed = 0;

        for (size_t i = 0; i < c->n_dcs; i++)
                n_listed += c->dcs[i]->is_listed;
        if (!c->is_complete || (n_listed == c->n_dcs && c->n_expected == 0) ||
            client_awaits_newcomers(c))
                return;
        for (size_t i = 0; i < c->n_dcs; i++) {
                Dc *dc = c->dcs[i];
                if (dc->is_listed) {
                        c->dcs[n++] = dc;
                        continue;
                }
                client_drop(c, dc->key);
                (void) dc_free(dc);
        }
        c->n_dcs = n;
        while (c->n_expected > 0) {
                _cleanup_free_ char *key = c->expected[--c->n_expected];
                client_drop(c, key);
        }
}

static int on_newcomers_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        client_drop_unlisted(userdata);
        return 0;
}

/* What an incomplete list lacks is in doubt. */
static void client_apply_absence(StafdClient *c)
{
        for (size_t i = 0; i < c->n_dcs; i++)
                if (!c->dcs[i]->is_listed) {
                        c->dcs[i]->is_due = false;
                        if (!c->is_complete)
                                dc_doubt(c->dcs[i]);
                }
        client_drop_unlisted(c);
}

static void client_apply_list(StafdClient *c, StafdList *list)
{
        bool complete = list->complete;

        c->is_short = false;
        for (size_t i = 0; i < c->n_dcs; i++)
                c->dcs[i]->is_listed = false;
        for (size_t i = 0; i < list->n_items; i++) {
                int r = client_apply_item(c, &list->items[i]);
                if (r < 0)
                        complete = false;
                if (r == -ENOMEM)
                        c->is_short = true;
        }
        if (c->is_short)
                client_retry(c);
        c->is_complete = complete;
        client_apply_absence(c);
        client_tell_stafd(c, complete ? SOURCE_COMPLETE : SOURCE_PARTIAL);
        client_read(c);
        client_check_settled(c);
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

static int dc_take_answer(Dc *dc, sd_bus_message *m)
{
        StafdLog log;

        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = dc->client->is_python ? stafd_log_decode_pages(m, &log) : stafd_log_decode(m, &log);
        if (r < 0)
                return r;
        if (log.state == SOURCE_UNKNOWN && log.n_entries == 0) {
                /* stafd has not read it yet: what was known before stays the best guess. */
                dc->log.state = log.state;
                dc->log.generation = log.generation;
                stafd_log_done(&log);
                return 0;
        }
        stafd_log_done(&dc->log);
        dc->log = log;
        return 0;
}

static int on_log(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Dc *dc = userdata;
        StafdClient *c = dc->client;

        dc->call = sd_bus_slot_unref(dc->call);
        c->n_reads--;
        if (dc_take_answer(dc, m) < 0) {
                dc_doubt(dc);
                client_retry(c);
        } else {
                dc->is_read = true;
                dc_tell(dc, dc->log.state);
                client_drop_unlisted(c);
        }
        client_read(c);
        client_check_settled(c);
        return 0;
}

static int dc_read(Dc *dc)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        StafdClient *c = dc->client;
        TidFields f;
        int r;

        tid_fields(dc->tid, &f);
        if ((r = sd_bus_message_new_method_call(c->bus, &m, STAFD_NAME, STAFD_PATH,
                                                c->is_python ? STAFD_NAME : STAS1_INTERFACE,
                                                c->is_python ? "get_log_pages"
                                                             : "read_log_pages")) < 0 ||
            (r = sd_bus_message_append(m, "sssssss", f.transport, f.traddr, f.trsvcid, f.subsysnqn,
                                       f.host_traddr, f.host_iface, f.host_nqn)) < 0 ||
            (r = client_call(c, m, &dc->call, on_log, dc)) < 0)
                return r;
        c->n_reads++;
        return 0;
}

static void client_read(StafdClient *c)
{
        for (size_t i = 0; i < c->n_dcs && c->n_reads < READS_MAX; i++) {
                Dc *dc = c->dcs[i];
                if (!dc->is_due || dc->call)
                        continue;
                dc->is_due = false;
                if (dc_read(dc) < 0) {
                        dc_doubt(dc);
                        client_retry(c);
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
        client_apply_list(c, &list);
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
        c->n_reads = 0;
        for (size_t i = 0; i < c->n_dcs; i++) {
                c->dcs[i]->call = sd_bus_slot_unref(c->dcs[i]->call);
                c->dcs[i]->is_due = false;
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

int stafd_client_new(sd_bus *bus, const char *host_nqn, bool ignore_iface, StafdHandler handler,
                     void *userdata, StafdClient **ret)
{
        _cleanup_(stafd_client_freep) StafdClient *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->bus = sd_bus_ref(bus);
        c->ignore_iface = ignore_iface;
        c->handler = handler;
        c->userdata = userdata;
        c->told = _SOURCE_STATE_INVALID;
        if ((r = text_replace(&c->host_nqn, host_nqn)) < 0 ||
            (r = sd_event_add_time(sd_bus_get_event(bus), &c->timer, CLOCK_MONOTONIC, 0, 0,
                                   on_timer, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = sd_event_add_time(sd_bus_get_event(bus), &c->newcomer_timer, CLOCK_MONOTONIC, 0, 0,
                                   on_newcomers_time, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->newcomer_timer, SD_EVENT_OFF)) < 0 ||
            (r = client_subscribe(c)) < 0 || (r = client_ask_owner(c)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

int stafd_client_set_host(StafdClient *c, const char *host_nqn, bool ignore_iface)
{
        if (streq(c->host_nqn, host_nqn) && c->ignore_iface == ignore_iface)
                return 0;
        int r = text_replace(&c->host_nqn, host_nqn);
        if (r < 0)
                return r;
        c->ignore_iface = ignore_iface;
        for (size_t i = 0; i < c->n_dcs; i++)
                if (c->dcs[i]->told == SOURCE_COMPLETE)
                        dc_tell(c->dcs[i], SOURCE_COMPLETE);
        return 0;
}

StafdClient *stafd_client_free(StafdClient *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_dcs; i++)
                (void) dc_free(c->dcs[i]);
        free(c->dcs);
        for (size_t i = 0; i < c->n_expected; i++)
                free(c->expected[i]);
        free(c->expected);
        for (size_t i = 0; i < ELEMENTSOF(c->matches); i++)
                sd_bus_slot_unref(c->matches[i]);
        sd_bus_slot_unref(c->owner_call);
        sd_bus_slot_unref(c->list_call);
        sd_event_source_disable_unref(c->timer);
        sd_event_source_disable_unref(c->newcomer_timer);
        sd_bus_unref(c->bus);
        free(c->owner);
        free(c->host_nqn);
        free(c);
        return NULL;
}

int stafd_client_expect(StafdClient *c, const char *key)
{
        if (ARRAY_RESERVE(c->expected, c->n_expected_allocated, c->n_expected + 1) < 0)
                return -ENOMEM;
        char *copy = strdup(key);
        if (!copy)
                return -ENOMEM;
        c->expected[c->n_expected++] = copy;
        return 0;
}
