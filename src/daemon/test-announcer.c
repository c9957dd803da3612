/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/test-announcer.h"

#include <stdlib.h>
#include <string.h>

#include "base/testing.h"

#define AVAHI "org.freedesktop.Avahi"
#define TYPE "_nvme-disc._tcp"
#define BROWSER "/Client0/ServiceBrowser0"
#define RESOLVER "/Client0/ServiceResolver0"
#define LOOPBACK 1
#define IPV4 0

static int on_browser(Announcer *a, sd_bus_message *call)
{
        const char *type, *path;

        assert_true(sd_bus_message_skip(call, "ii") >= 0);
        assert_true(sd_bus_message_read(call, "s", &type) > 0);
        bool is_ours = strcmp(type, TYPE) == 0;
        path = is_ours ? BROWSER : "/Client0/ServiceBrowser1";
        assert_true(sd_bus_reply_method_return(call, "o", path) >= 0);
        if (is_ours)
                assert_true(sd_bus_emit_signal(a->bus, path, AVAHI ".ServiceBrowser", "ItemNew",
                                               "iisssu", LOOPBACK, IPV4, "array", TYPE, "local",
                                               0) >= 0);
        assert_true(sd_bus_emit_signal(a->bus, path, AVAHI ".ServiceBrowser", "AllForNow", "") >=
                    0);
        return 1;
}

static int on_resolver(Announcer *a, sd_bus_message *call)
{
        assert_true(sd_bus_reply_method_return(call, "o", RESOLVER) >= 0);
        assert_true(sd_bus_emit_signal(a->bus, RESOLVER, AVAHI ".ServiceResolver", "Found",
                                       "iissssisqaayu", LOOPBACK, IPV4, "array", TYPE, "local",
                                       "array.local", IPV4, a->address, atoi(a->port), 1, 5, 'p',
                                       '=', 't', 'c', 'p', 0) >= 0);
        return 1;
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Announcer *a = userdata;

        if (sd_bus_message_is_method_call(m, AVAHI ".Server", "ServiceBrowserNew"))
                return on_browser(a, m);
        if (sd_bus_message_is_method_call(m, AVAHI ".Server", "ServiceResolverNew"))
                return on_resolver(a, m);
        return sd_bus_message_is_method_call(m, NULL, "Free") ? 1 : 0;
}

void announcer_start(Announcer *a, const PrivateBus *bus, sd_event *event)
{
        assert_int_equal(private_bus_connect(bus, event, &a->bus), 0);
        assert_true(sd_bus_add_filter(a->bus, NULL, on_call, a) >= 0);
        assert_true(sd_bus_request_name_async(a->bus, NULL, AVAHI, 0, NULL, NULL) >= 0);
}

void announcer_stop(Announcer *a)
{
        a->bus = sd_bus_close_unref(a->bus);
}
