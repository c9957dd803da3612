/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/service.h"

#include "base/text.h"

int bus_read_id(sd_bus_message *m, TidFields *ret)
{
        TidFields f = { 0 };

        int r = sd_bus_message_read(m, "sssssss", &f.transport, &f.traddr, &f.trsvcid, &f.subsysnqn,
                                    &f.host_traddr, &f.host_iface, &f.host_nqn);
        if (r < 0)
                return r;
        *ret = f;
        return 0;
}

int bus_append_text(sd_bus_message *m, char *text)
{
        if (strlen(text) > BUS_ANSWER_MAX)
                return -ENOBUFS;
        text_make_lines_printable(text);
        return sd_bus_message_append(m, "s", text);
}

int bus_count_row(const Properties *p, size_t *size)
{
        *size += 4 + 7; /* array length; the first pair is aligned to 8 */
        /* A pair: two lengths, two terminators, padding before the second length and the next
         * pair. */
        for (size_t i = 0; i < p->n_items; i++)
                *size += strlen(p->items[i].key) + strlen(p->items[i].value) + 2 * (4 + 1) + 3 + 7;
        return *size > BUS_ANSWER_MAX ? -ENOBUFS : 0;
}

/* Thousands of these make an answer: the format string of sd_bus_message_append() costs half of it.
 */
static int append_pair(sd_bus_message *m, const char *key, const char *value)
{
        int r = sd_bus_message_open_container(m, 'e', "ss");

        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', key);
        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', value);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_properties(sd_bus_message *m, Properties *p)
{
        int r = sd_bus_message_open_container(m, 'a', "{ss}");

        for (size_t i = 0; r >= 0 && i < p->n_items; i++) {
                text_make_lines_printable(p->items[i].value);
                r = append_pair(m, p->items[i].key, p->items[i].value);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int bus_append_properties_list(sd_bus_message *m, PropertiesList *l)
{
        int r = sd_bus_message_open_container(m, 'a', "a{ss}");
        size_t size = 0;

        for (size_t i = 0; r >= 0 && i < l->n_items; i++) {
                r = bus_count_row(&l->items[i], &size);
                if (r >= 0)
                        r = append_properties(m, &l->items[i]);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int bus_reply_properties_list(sd_bus_message *m, PropertiesList *l)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if ((r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = bus_append_properties_list(reply, l)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_list_controllers(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_properties_list_ PropertiesList list = { 0 };
        BusService *s = userdata;
        int detailed, r;

        if ((r = sd_bus_message_read(m, "b", &detailed)) < 0 ||
            (r = s->backend.list_controllers(s->userdata, detailed, &list)) < 0)
                return r;
        return bus_reply_properties_list(m, &list);
}

int bus_method_list_controllers(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        return calls_add(((BusService *) userdata)->calls, m, method_list_controllers, error);
}
