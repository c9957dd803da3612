/* SPDX-License-Identifier: Apache-2.0 */

#include "source/avahi.h"

#include <net/if.h>
#include <stdio.h>
#include <sys/queue.h>

#include "base/array.h"
#include "base/text.h"
#include "source/avahi_message.h"
#include "source/bus_peer.h"

#define AVAHI_NAME "org.freedesktop.Avahi"
#define SERVER_INTERFACE "org.freedesktop.Avahi.Server"
#define BROWSER_INTERFACE "org.freedesktop.Avahi.ServiceBrowser"
#define RESOLVER_INTERFACE "org.freedesktop.Avahi.ServiceResolver"

#define DOMAIN "local"
/* avahi-common/address.h */
#define ANY (-1)
#define PROTO_INET 0
#define PROTO_INET6 1

/* Limit of outstanding calls to Avahi. A bus limits the open calls of a client (128 by default). */
#define CALLS_MAX 16

static const char *const types[] = { "_nvme-disc._tcp", "_nvme-disc._udp" };

typedef enum ItemState {
        ITEM_QUEUED, /* resolver needs to be created */
        ITEM_ASKED,  /* call in progress */
        ITEM_RESOLVING,
        ITEM_RESOLVED, /* the resolver is kept to receive changes */
        ITEM_FAILED,   /* tried again at the next retry */
} ItemState;

typedef struct Item Item;
typedef struct Browser Browser;

/* A call that creates an object in Avahi, which lives until it is freed or we leave the bus. Hence
 * the answer is awaited without a timeout, even if the object is not needed any more. Owned by the
 * bus. */
typedef struct Call {
        LIST_ENTRY(Call) entry;
        AvahiClient *client;   /* NULL: freed, or its Avahi has stopped */
        const char *interface; /* of the object */
        Item *item;            /* user of the object, or browser; both NULL: not needed */
        Browser *browser;
} Call;

/* An announcement. */
struct Item {
        AvahiClient *client;
        MdnsKey key;
        ItemState state;
        int family; /* of the address to resolve */
        bool seen;  /* by the current browsers */
        char *path; /* of the resolver; NULL: none */
        Call *call;
};

struct Browser {
        AvahiClient *client;
        char *path; /* NULL: none */
        bool all_for_now;
        Call *call;
};

struct AvahiClient {
        BusPeer avahi;
        usec_t retry_usec;
        AvahiHandler handler;
        void *userdata;

        sd_bus_slot *kick_call;
        bool is_complete;

        Browser browsers[ELEMENTSOF(types)];
        Item **items;
        size_t n_items, n_items_allocated;
        LIST_HEAD(, Call) calls;
        size_t n_calls;
        bool is_late;  /* the browsers were waited for once already, or were given up */
        bool is_full;  /* the current browsers delivered more than is tracked; reported */
        bool was_full; /* same, for the previous ones */
        bool has_room; /* since then */

        sd_event_source *timer;
};

static void client_resolve(AvahiClient *c);

static void client_tell(AvahiClient *c, AvahiEvent event, const char *reason)
{
        c->handler(event, NULL, reason, c->userdata);
}

/* For a timer these fail only after the loop has ended. */
static void client_set_timer(AvahiClient *c, usec_t usec)
{
        (void) sd_event_source_set_time_relative(c->timer, usec);
        (void) sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static void client_retry_later(AvahiClient *c)
{
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(c->timer, &enabled);
        if (enabled == SD_EVENT_OFF)
                client_set_timer(c, c->retry_usec);
}

/* ---- calls ---- */

/* Sends without waiting for an answer. */
static void free_object(sd_bus *bus, const char *owner, const char *path, const char *interface)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (sd_bus_message_new_method_call(bus, &m, owner, path, interface, "Free") >= 0 &&
            sd_bus_message_set_auto_start(m, false) >= 0)
                (void) sd_bus_send(bus, m, NULL);
}

/* Takes ownership of the path. If Avahi is gone it has freed the object already. */
static void client_free_object(AvahiClient *c, char **path, const char *interface)
{
        _cleanup_free_ char *taken = TAKE_PTR(*path);

        if (taken && c->avahi.owner)
                free_object(c->avahi.bus, c->avahi.owner, taken, interface);
}

/* The call's object is not needed. */
static void call_abandon(Call **call)
{
        if (*call) {
                (*call)->item = NULL;
                (*call)->browser = NULL;
        }
        *call = NULL;
}

/* The call is no longer outstanding. */
static void call_leave(Call *call)
{
        if (!call->client)
                return;
        LIST_REMOVE(call, entry);
        call->client->n_calls--;
        call->client = NULL;
}

static void avahi_call_free(void *userdata)
{
        Call *call = userdata;

        call_leave(call);
        free(call);
}

static int on_made(sd_bus_message *m, void *userdata, sd_bus_error *error);

static int client_call(AvahiClient *c, sd_bus_message *m, const Call *template, Call **ret)
{
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        _cleanup_free_ Call *call = malloc(sizeof(*call));

        if (!call)
                return -ENOMEM;
        *call = *template;
        int r = sd_bus_call_async(c->avahi.bus, &slot, m, on_made, call, UINT64_MAX);
        if (r < 0)
                return r;
        /* These do not fail on a new slot. */
        (void) sd_bus_slot_set_destroy_callback(slot, avahi_call_free);
        (void) sd_bus_slot_set_floating(slot, true);
        call->client = c;
        LIST_INSERT_HEAD(&c->calls, call, entry);
        c->n_calls++;
        *ret = TAKE_PTR(call);
        return 0;
}

/* Objects of that Avahi instance, including those being created, are gone with it. */
static void avahi_forget_calls(AvahiClient *c)
{
        for (Call *call; (call = LIST_FIRST(&c->calls));)
                call_leave(call);
}

/* ---- items ---- */

static void item_free_at(AvahiClient *c, size_t i)
{
        Item *item = c->items[i];

        client_free_object(c, &item->path, RESOLVER_INTERFACE);
        call_abandon(&item->call);
        free(item);
        c->items[i] = c->items[--c->n_items];
}

static void item_free(Item *item)
{
        AvahiClient *c = item->client;

        for (size_t i = 0; i < c->n_items; i++)
                if (c->items[i] == item) {
                        item_free_at(c, i);
                        return;
                }
}

static Item *find_item(const AvahiClient *c, const MdnsKey *key)
{
        for (size_t i = 0; i < c->n_items; i++)
                if (mdns_key_equal(&c->items[i]->key, key))
                        return c->items[i];
        return NULL;
}

static Item *find_item_by_path(const AvahiClient *c, const char *path)
{
        for (size_t i = 0; i < c->n_items; i++)
                if (streq_ptr(c->items[i]->path, path))
                        return c->items[i];
        return NULL;
}

static void client_check_complete(AvahiClient *c)
{
        if (c->is_complete)
                return;
        for (size_t i = 0; i < ELEMENTSOF(c->browsers); i++)
                if (!c->browsers[i].all_for_now)
                        return;
        for (size_t i = 0; i < c->n_items; i++)
                if (c->items[i]->state < ITEM_RESOLVED)
                        return;
        c->is_complete = true;
        c->was_full = false;
        client_tell(c, AVAHI_COMPLETE, NULL);
}

bool avahi_client_is_full(const AvahiClient *c)
{
        return c->is_full || c->was_full;
}

void avahi_client_has_room(AvahiClient *c)
{
        if (!avahi_client_is_full(c))
                return;
        c->has_room = true;
        client_retry_later(c);
}

/* The name does not resolve: retry later, with the other address family. */
static void item_fail(Item *item)
{
        client_free_object(item->client, &item->path, RESOLVER_INTERFACE);
        item->state = ITEM_FAILED;
        item->family = item->family == PROTO_INET ? PROTO_INET6 : PROTO_INET;
        client_retry_later(item->client);
        client_check_complete(item->client);
}

static void item_take_made(Item *item, int error, char *path)
{
        item->call = NULL;
        item->path = path;
        item->state = ITEM_RESOLVING;
        if (error < 0)
                item_fail(item);
}

static int item_resolve(Item *item)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        AvahiClient *c = item->client;
        int r;

        if ((r = bus_peer_new_call(&c->avahi, "/", SERVER_INTERFACE, "ServiceResolverNew", &m)) <
                    0 ||
            (r = sd_bus_message_append(m, "iisssiu", item->key.interface, item->key.protocol,
                                       item->key.name, types[item->key.type], DOMAIN, item->family,
                                       0)) < 0 ||
            (r = client_call(c, m, &(Call) { .interface = RESOLVER_INTERFACE, .item = item },
                             &item->call)) < 0)
                return r;
        item->state = ITEM_ASKED;
        return 0;
}

static void client_resolve(AvahiClient *c)
{
        for (size_t i = 0; i < c->n_items && c->n_calls < CALLS_MAX; i++) {
                Item *item = c->items[i];
                if (item->state == ITEM_QUEUED && item_resolve(item) < 0)
                        item_fail(item);
        }
}

static void client_take_resolver_signal(AvahiClient *c, sd_bus_message *m)
{
        MdnsService service;

        Item *item = find_item_by_path(c, sd_bus_message_get_path(m));
        if (!item)
                return;
        if (sd_bus_message_is_signal(m, RESOLVER_INTERFACE, "Failure")) {
                item_fail(item);
                return;
        }
        if (!sd_bus_message_is_signal(m, RESOLVER_INTERFACE, "Found") ||
            avahi_read_found(m, &item->key, &service) < 0)
                return;
        item->state = ITEM_RESOLVED;
        c->handler(AVAHI_FOUND, &service, NULL, c->userdata);
        client_check_complete(c);
}

/* ---- browsers ---- */

static void client_forget_browsers(AvahiClient *c)
{
        for (size_t i = 0; i < ELEMENTSOF(c->browsers); i++) {
                Browser *b = &c->browsers[i];
                client_free_object(c, &b->path, BROWSER_INTERFACE);
                call_abandon(&b->call);
                b->all_for_now = false;
        }
}

static void client_forget(AvahiClient *c)
{
        for (size_t i = c->n_items; i > 0; i--)
                item_free_at(c, i - 1);
        client_forget_browsers(c);
        c->is_complete = c->is_full = c->was_full = false;
}

static void client_give_up(AvahiClient *c, const char *reason)
{
        client_tell(c, AVAHI_AWAY, reason);
        client_forget(c);
        c->is_late = true;
        client_set_timer(c, c->retry_usec);
}

static void browser_take_made(Browser *b, int error, char *path, const char *reason)
{
        b->call = NULL;
        b->path = path;
        if (error < 0)
                client_give_up(b->client, reason);
}

static int on_made(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Call *call = userdata;
        AvahiClient *c = call->client;
        char *path = NULL;

        int r = avahi_read_path(m, &path);
        call_leave(call);
        if (call->item)
                item_take_made(call->item, r, path);
        else if (call->browser)
                browser_take_made(call->browser, r, path, avahi_error_of(m));
        else if (path) {
                free_object(sd_bus_message_get_bus(m), sd_bus_message_get_sender(m), path,
                            call->interface);
                free(path);
        }
        if (c)
                client_resolve(c);
        return 0;
}

static int browser_begin(Browser *b, const char *type)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        AvahiClient *c = b->client;
        int r;

        if ((r = bus_peer_new_call(&c->avahi, "/", SERVER_INTERFACE, "ServiceBrowserNew", &m)) <
                    0 ||
            (r = sd_bus_message_append(m, "iissu", ANY, ANY, type, DOMAIN, 0)) < 0)
                return r;
        return client_call(c, m, &(Call) { .interface = BROWSER_INTERFACE, .browser = b },
                           &b->call);
}

static void client_browse(AvahiClient *c)
{
        c->is_late = false;
        client_set_timer(c, MIN(BUS_PEER_TIMEOUT_USEC, c->retry_usec));
        /* Enough calls are outstanding: no more are made until some are answered. */
        for (size_t i = 0; i < ELEMENTSOF(types) && c->n_calls < CALLS_MAX; i++) {
                int r = browser_begin(&c->browsers[i], types[i]);
                if (r < 0) {
                        client_give_up(c, strerror(-r));
                        return;
                }
        }
}

/* Announcements left out are delivered again, those lost meanwhile are not. */
static void client_browse_anew(AvahiClient *c)
{
        for (size_t i = 0; i < c->n_items; i++)
                c->items[i]->seen = false;
        client_forget_browsers(c);
        c->was_full = true;
        c->is_complete = c->is_full = c->has_room = false;
        client_browse(c);
}

static void client_leave_out(AvahiClient *c, const MdnsKey *key)
{
        const MdnsService ignored = { .key = *key };

        if (!c->is_full)
                c->handler(AVAHI_IGNORED, &ignored, NULL, c->userdata);
        c->is_full = true;
}

/* Services that do not resolve are evicted. */
static bool client_make_room(AvahiClient *c, int interface)
{
        Item *failed = NULL;
        size_t n = 0;

        for (size_t i = 0; i < c->n_items; i++) {
                Item *item = c->items[i];
                if (c->n_items < MDNS_SERVICES_MAX && item->key.interface != interface)
                        continue;
                n++;
                if (item->state == ITEM_FAILED)
                        failed = item;
        }
        if (n < (c->n_items < MDNS_SERVICES_MAX ? MDNS_PER_INTERFACE_MAX : MDNS_SERVICES_MAX))
                return true;
        if (!failed)
                return false;
        client_leave_out(c, &failed->key);
        item_free(failed);
        return true;
}

static void client_add_item(AvahiClient *c, const MdnsKey *key)
{
        Item *item = find_item(c, key);

        if (item) {
                item->seen = true;
                return;
        }
        if (client_make_room(c, key->interface) &&
            ARRAY_RESERVE(c->items, c->n_items_allocated, c->n_items + 1) >= 0)
                item = calloc(1, sizeof(*item));
        if (!item) {
                client_leave_out(c, key);
                return;
        }
        *item = (Item) {
                .client = c,
                .key = *key,
                .family = key->protocol == PROTO_INET6 ? PROTO_INET6 : PROTO_INET,
                .seen = true,
        };
        c->items[c->n_items++] = item;
        client_resolve(c);
}

static void item_lose(Item *item)
{
        AvahiClient *c = item->client;
        const MdnsService lost = { .key = item->key };

        item_free(item);
        c->handler(AVAHI_LOST, &lost, NULL, c->userdata);
        avahi_client_has_room(c);
}

static void client_remove_item(AvahiClient *c, const MdnsKey *key)
{
        Item *item = find_item(c, key);

        if (!item)
                return;
        item_lose(item);
        client_check_complete(c);
}

void avahi_client_leave_out(AvahiClient *c, const MdnsKey *key)
{
        Item *item = find_item(c, key);

        if (item)
                item_free(item);
        c->is_full = true;
}

/* In reverse: the item that moves to the place of a lost one has been visited. */
static void client_end_browsing(AvahiClient *c, int type)
{
        for (size_t i = c->n_items; i > 0; i--) {
                Item *item = c->items[i - 1];
                if (item->key.type == type && !item->seen)
                        item_lose(item);
        }
        c->browsers[type].all_for_now = true;
        client_check_complete(c);
}

static void client_take_browser_signal(AvahiClient *c, sd_bus_message *m)
{
        const char *reason, *path = sd_bus_message_get_path(m);
        MdnsKey key;
        size_t i = 0;

        while (i < ELEMENTSOF(types) && !streq_ptr(c->browsers[i].path, path))
                i++;
        if (i == ELEMENTSOF(types))
                return;

        if (sd_bus_message_is_signal(m, BROWSER_INTERFACE, "ItemNew")) {
                if (avahi_read_key(m, (int) i, &key) >= 0)
                        client_add_item(c, &key);
        } else if (sd_bus_message_is_signal(m, BROWSER_INTERFACE, "ItemRemove")) {
                if (avahi_read_key(m, (int) i, &key) >= 0)
                        client_remove_item(c, &key);
        } else if (sd_bus_message_is_signal(m, BROWSER_INTERFACE, "AllForNow")) {
                client_end_browsing(c, (int) i);
        } else if (sd_bus_message_is_signal(m, BROWSER_INTERFACE, "Failure"))
                client_give_up(c, sd_bus_message_read(m, "s", &reason) < 0 ? "browsing failed"
                                                                           : reason);
}

static void avahi_on_signal(sd_bus_message *m, void *userdata)
{
        if (sd_bus_message_is_signal(m, BROWSER_INTERFACE, NULL))
                client_take_browser_signal(userdata, m);
        else
                client_take_resolver_signal(userdata, m);
}

/* ---- availability of Avahi ---- */

static int on_kick(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        AvahiClient *c = userdata;

        c->kick_call = sd_bus_slot_unref(c->kick_call);
        /* On success, the change of the name's owner reports that it is running. */
        if (sd_bus_message_is_method_error(m, NULL) && !c->avahi.owner)
                client_tell(c, AVAHI_AWAY, avahi_error_of(m));
        return 0;
}

/* Any call makes the bus start it, unless it is masked or not installed. */
static void client_kick(AvahiClient *c)
{
        client_retry_later(c);
        if (!c->kick_call)
                (void) sd_bus_call_method_async(c->avahi.bus, &c->kick_call, AVAHI_NAME, "/",
                                                SERVER_INTERFACE, "GetVersionString", on_kick, c,
                                                "");
}

static void client_end(AvahiClient *c, const char *reason)
{
        client_forget(c); /* the objects of that instance are gone */
        avahi_forget_calls(c);
        client_tell(c, AVAHI_AWAY, reason);
        client_set_timer(c, c->retry_usec);
}

static void avahi_on_event(BusPeerEvent event, void *userdata)
{
        AvahiClient *c = userdata;

        switch (event) {
        case BUS_PEER_CAME:
                client_tell(c, AVAHI_BEGUN, NULL);
                client_browse(c);
                break;
        case BUS_PEER_WENT:
                client_end(c, "it has stopped");
                break;
        case BUS_PEER_LOST:
                client_end(c, "the connection to D-Bus is lost");
                break;
        case BUS_PEER_ABSENT:
        case BUS_PEER_UNSURE:
                client_kick(c);
                break;
        }
}

static const BusPeerType avahi_type = {
        .name = AVAHI_NAME,
        .interfaces = { BROWSER_INTERFACE, RESOLVER_INTERFACE },
        .on_event = avahi_on_event,
        .on_signal = avahi_on_signal,
};

/* Browsers are created at once, but finding and resolving all services may take a while. */
static void client_wait_on(AvahiClient *c)
{
        if (c->browsers[0].call || c->browsers[1].call) {
                client_give_up(c, "it does not answer");
                return;
        }
        if (!c->is_late) {
                c->is_late = true;
                client_retry_later(c);
                return;
        }
        if (c->browsers[0].path) /* otherwise reported when they were given up */
                client_tell(c, AVAHI_AWAY, "it does not answer");
        client_forget(c);
        client_browse(c);
}

static int avahi_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        AvahiClient *c = userdata;

        if (!c->avahi.bus)
                return 0;
        if (!c->avahi.owner) {
                client_kick(c);
                return 0;
        }
        if (!c->is_complete) {
                client_wait_on(c);
                return 0;
        }
        if (c->has_room && avahi_client_is_full(c))
                client_browse_anew(c);
        for (size_t i = 0; i < c->n_items; i++)
                if (c->items[i]->state == ITEM_FAILED)
                        c->items[i]->state = ITEM_QUEUED;
        client_resolve(c);
        return 0;
}

/* ---- creation and destruction ---- */

int avahi_client_set_bus(AvahiClient *c, sd_bus *bus)
{
        c->kick_call = sd_bus_slot_unref(c->kick_call);
        return bus_peer_set_bus(&c->avahi, bus);
}

int avahi_client_new(sd_event *event, sd_bus *bus, usec_t retry_usec, AvahiHandler handler,
                     void *userdata, AvahiClient **ret)
{
        _cleanup_(avahi_client_freep) AvahiClient *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->avahi = (BusPeer) { .type = &avahi_type, .userdata = c };
        c->retry_usec = retry_usec;
        c->handler = handler;
        c->userdata = userdata;
        for (size_t i = 0; i < ELEMENTSOF(c->browsers); i++)
                c->browsers[i].client = c;
        if ((r = sd_event_add_time(event, &c->timer, CLOCK_MONOTONIC, 0, 0, avahi_on_timer, c)) <
                    0 ||
            (r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF)) < 0 ||
            (r = bus_peer_set_bus(&c->avahi, bus)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

AvahiClient *avahi_client_free(AvahiClient *c)
{
        if (!c)
                return NULL;
        client_forget(c);
        avahi_forget_calls(c);
        free(c->items);
        sd_bus_slot_unref(c->kick_call);
        bus_peer_done(&c->avahi);
        sd_event_source_disable_unref(c->timer);
        free(c);
        return NULL;
}
