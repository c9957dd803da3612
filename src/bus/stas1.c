/* SPDX-License-Identifier: Apache-2.0 */

/* org.nvmexpress.stas1: reload, explain and plan for both daemons, stafd's sources for stacd. */

#include "bus/service.h"

#include "base/text.h"

static int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_free_ char *reason = NULL;
        BusService *s = userdata;

        int r = s->backend.reload(s->userdata, &reason);
        if (r == -EINVAL) {
                if (reason)
                        text_make_lines_printable(reason);
                return sd_bus_error_set(error, BUS_ERROR_INVALID_CONFIGURATION,
                                        text_or(reason, "The configuration is not valid."));
        }
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int method_explain(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_properties_list_ PropertiesList rows = { 0 };
        _cleanup_free_ char *shown = NULL;
        BusService *s = userdata;
        const char *what;

        int r = sd_bus_message_read(m, "s", &what);
        if (r < 0)
                return r;
        r = s->backend.explain(s->userdata, what, &rows);
        if (r != -ENOENT)
                return r < 0 ? r : bus_reply_properties_list(m, &rows);
        shown = strdup(what);
        if (!shown)
                return -ENOMEM;
        text_make_printable(shown);
        return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_CONTROLLER,
                                 "No %s controller has the device, NQN or address \"%s\".",
                                 s->backend.role == CONTROLLER_DISCOVERY ? "discovery" : "I/O",
                                 shown);
}

static int method_plan(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_properties_list_ PropertiesList rows = { 0 };
        BusService *s = userdata;

        int r = s->backend.plan(s->userdata, &rows);
        return r < 0 ? r : bus_reply_properties_list(m, &rows);
}

typedef struct Sources {
        LogPages *items;
        size_t n_items;
} Sources;

static void sources_done(Sources *s)
{
        for (size_t i = 0; i < s->n_items; i++)
                log_pages_done(&s->items[i]);
        free(s->items);
}

static int append_source(sd_bus_message *m, LogPages *source)
{
        static const char *const keys[] = { "transport",   "traddr",     "trsvcid",  "subsysnqn",
                                            "host-traddr", "host-iface", "host-nqn", "device" };
        const char *text[ELEMENTSOF(keys)];

        for (size_t i = 0; i < source->id.n_items; i++)
                text_make_lines_printable(source->id.items[i].value);
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                text[i] = text_or(properties_get(&source->id, keys[i]), "");
        return sd_bus_message_append(m, "(ssssssssst)", text[0], text[1], text[2], text[3], text[4],
                                     text[5], text[6], text[7], source->state, source->generation);
}

static int method_list_sources(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sources_done) Sources sources = { 0 };
        BusService *s = userdata;
        bool complete = false;
        int r;

        if ((r = s->backend.list_sources(s->userdata, &complete, &sources.items,
                                         &sources.n_items)) < 0 ||
            (r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = sd_bus_message_append(reply, "b", complete)) < 0 ||
            (r = sd_bus_message_open_container(reply, 'a', "(ssssssssst)")) < 0)
                return r;
        for (size_t i = 0; i < sources.n_items; i++)
                if ((r = append_source(reply, &sources.items[i])) < 0)
                        return r;
        if ((r = sd_bus_message_close_container(reply)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_read_log_pages(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(log_pages_done) LogPages log = { 0 };
        BusService *s = userdata;
        TidFields id;
        int r;

        if ((r = bus_read_id(m, &id)) < 0)
                return r;
        r = s->backend.read_log_pages(s->userdata, &id, &log);
        if (r == -ENOENT)
                return sd_bus_error_set(error, BUS_ERROR_NO_SUCH_CONTROLLER,
                                        "There is no such discovery controller.");
        if (r < 0 || (r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = sd_bus_message_append(reply, "st", log.state, log.generation)) < 0 ||
            (r = bus_append_properties_list(reply, &log.entries)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

#define IDENTITY "(sssssss)"
#define ENTRY "(tyyyyqqqqyssss)"
#define CHANGED_LOG "(" IDENTITY "sstuba" ENTRY "at)"

static int append_identity(sd_bus_message *m, const Tid *tid)
{
        TidFields f;

        tid_fields(tid, &f);
        return sd_bus_message_append(m, IDENTITY, f.transport, f.traddr, f.trsvcid, f.subsysnqn,
                                     f.host_traddr, f.host_iface, f.host_nqn);
}

static int append_entry(sd_bus_message *m, const LogEntry *e)
{
        const DlpEntry *d = &e->dlpe;

        return sd_bus_message_append(m, ENTRY, e->position, d->trtype, d->adrfam, d->subtype,
                                     d->treq, d->portid, d->cntlid, d->asqsz, d->eflags, d->sectype,
                                     d->traddr, d->trsvcid, d->subnqn,
                                     d->bad_nqn ? NQN_NOT_USABLE : "");
}

static int append_changed_log(sd_bus_message *m, const ChangedLog *l)
{
        int r = sd_bus_message_open_container(m, 'r', IDENTITY "sstuba" ENTRY "at");

        if (r >= 0)
                r = append_identity(m, l->dc);
        if (r >= 0)
                r = sd_bus_message_append(m, "sstub", l->device, source_state_to_string(l->state),
                                          l->generation, (uint32_t) l->n_entries, l->finished);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', ENTRY);
        for (size_t i = 0; r >= 0 && i < l->n_changed; i++)
                r = append_entry(m, &l->entries[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append_array(m, 't', l->gone, l->n_gone * sizeof(*l->gone));
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_changes(sd_bus_message *m, const LogChanges *c)
{
        int r = sd_bus_message_append(m, "tttbbb", c->next.epoch, c->next.generation, c->next.start,
                                      c->whole, c->more, c->complete);

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', CHANGED_LOG);
        for (size_t i = 0; r >= 0 && i < c->n_logs; i++)
                r = append_changed_log(m, &c->logs[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', IDENTITY);
        for (size_t i = 0; r >= 0 && i < c->n_gone; i++)
                r = append_identity(m, c->gone[i]);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int method_list_changes(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_log_changes_ LogChanges changes = { 0 };
        BusService *s = userdata;
        LogCursor at;
        int r;

        if ((r = sd_bus_message_read(m, "ttt", &at.epoch, &at.generation, &at.start)) < 0 ||
            (r = s->backend.list_changes(s->userdata, at, &changes)) < 0 ||
            (r = sd_bus_message_new_method_return(m, &reply)) < 0 ||
            (r = append_changes(reply, &changes)) < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

METHOD_IN_TURN(method_reload)
METHOD_IN_TURN(method_explain)
METHOD_IN_TURN(method_plan)
METHOD_IN_TURN(method_list_sources)
METHOD_IN_TURN(method_read_log_pages)
METHOD_IN_TURN(method_list_changes)

#define RELOAD SD_BUS_METHOD("reload", "", "", method_reload_in_turn, SD_BUS_VTABLE_UNPRIVILEGED)
#define EXPLAIN                                                                                    \
        SD_BUS_METHOD_WITH_ARGS("explain", SD_BUS_ARGS("s", what),                                 \
                                SD_BUS_RESULT("aa{ss}", controllers), method_explain_in_turn,      \
                                SD_BUS_VTABLE_UNPRIVILEGED)
#define PLAN                                                                                       \
        SD_BUS_METHOD_WITH_ARGS("plan", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{ss}", steps),            \
                                method_plan_in_turn, SD_BUS_VTABLE_UNPRIVILEGED)

const sd_bus_vtable bus_stas1_stac_vtable[] = {
        SD_BUS_VTABLE_START(0), RELOAD, EXPLAIN, PLAN, SD_BUS_VTABLE_END,
};

const sd_bus_vtable bus_stas1_staf_vtable[] = {
        SD_BUS_VTABLE_START(0),
        RELOAD,
        EXPLAIN,
        PLAN,
        SD_BUS_METHOD_WITH_ARGS("list_sources", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("b", complete, "a(ssssssssst)", sources),
                                method_list_sources_in_turn, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("read_log_pages",
                                SD_BUS_ARGS("s", transport, "s", traddr, "s", trsvcid, "s",
                                            subsysnqn, "s", host_traddr, "s", host_iface, "s",
                                            host_nqn),
                                SD_BUS_RESULT("s", state, "t", generation, "aa{ss}", entries),
                                method_read_log_pages_in_turn, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                "list_changes", SD_BUS_ARGS("t", epoch, "t", generation, "t", start),
                SD_BUS_RESULT("t", epoch, "t", generation, "t", start, "b", whole, "b", more, "b",
                              complete, "a" CHANGED_LOG, logs, "a" IDENTITY, gone),
                method_list_changes_in_turn, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("sources_changed", "", 0),
        SD_BUS_VTABLE_END,
};
