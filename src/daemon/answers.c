/* SPDX-License-Identifier: Apache-2.0 */

/* The D-Bus answers: the engine's state as text, from memory. Secrets are not accessible here. */

#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "bus/publication.h"
#include "codec/fabrics_options.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "explain/describe.h"
#include "explain/explain.h"
#include "io/fd.h"
#include "model/dlpe_tid.h"
#include "observe/sysfs.h"
#include "source/stafd_log.h"

static DeviceState answers_read_state(const Device *device, void *userdata)
{
        Daemon *d = userdata;

        return live_state_read(&d->kernel.live, device);
}

/* Of one whose state has just been read as live: its name has not been given to another one. */
static bool answers_has_namespaces(const Device *device, void *userdata)
{
        const Daemon *d = userdata;
        _cleanup_fd_ int dir_fd = sysfs_open_controller(d->type->paths->sysfs, device->instance);

        return dir_fd < 0 || sysfs_has_namespaces(dir_fd) != 0;
}

static Explainer explainer(Daemon *d)
{
        return (Explainer) {
                .engine = d->engine,
                .host = d->inputs.host,
                .read_state = answers_read_state,
                .has_namespaces = answers_has_namespaces,
                .userdata = d,
                .count_row = bus_count_row,
                .now = daemon_now(d),
        };
}

static int answers_describe(Daemon *d, const Row *row, bool detailed, Properties *p)
{
        Explainer x = explainer(d);

        return describe_controller(&x, row, detailed, p);
}

static int list_controllers(void *userdata, bool detailed, PropertiesList *ret)
{
        Daemon *d = userdata;
        _cleanup_properties_list_ PropertiesList list = { 0 };
        size_t size = 0;

        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row)) {
                Properties *p = properties_list_add(&list);
                int r = p ? answers_describe(d, row, detailed, p) : -ENOMEM;
                if (r >= 0)
                        r = bus_count_row(p, &size);
                if (r < 0)
                        return r;
        }
        *ret = list;
        list = (PropertiesList) { 0 };
        return 0;
}

static int find_controller(const Daemon *d, const TidFields *id, const Row **ret)
{
        _cleanup_tid_ Tid *tid = NULL;
        TidFields fields = *id;

        if (text_is_empty(fields.host_nqn))
                fields.host_nqn = d->inputs.host->nqn;
        int r = tid_new(&fields, d->type->role, &tid);
        if (r < 0)
                return r == -ENOMEM ? r : -ENOENT;
        const Row *row = engine_find_row(d->engine, tid);
        if (!row)
                return -ENOENT;
        *ret = row;
        return 0;
}

static int to_json_text(struct json_object *o, char **ret)
{
        const char *text = o ? json_object_to_json_string_ext(
                                       o, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
                             : NULL;
        char *copy = text ? strdup(text) : NULL;
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

static int controller_info(void *userdata, const TidFields *id, char **ret)
{
        Daemon *d = userdata;
        _cleanup_properties_ Properties p = { 0 };
        const Row *row;

        int r = find_controller(d, id, &row);
        if (r >= 0)
                r = answers_describe(d, row, true, &p);
        if (r < 0)
                return r;
        _cleanup_json_ struct json_object *o = json_from_properties(&p);
        return to_json_text(o, ret);
}

static int add_string(struct json_object *o, const char *key, const char *value)
{
        struct json_object *s = value ? json_object_new_string(value) : NULL;

        if (value && !s)
                return -ENOMEM;
        return json_object_object_add(o, key, s) < 0 ? -ENOMEM : 0;
}

static const char *log_level(void *userdata)
{
        return log_get_debug() ? "DEBUG" : "INFO";
}

/* For errors at start only: a reload with an error is refused. */
static int add_refusal(struct json_object *o, const char *error_at)
{
        _cleanup_free_ char *text = NULL;

        if (asprintf(&text, "removals wait because of an error in %s", error_at) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return add_string(o, "configuration", text);
}

static int process_info(void *userdata, char **ret)
{
        const Daemon *d = userdata;
        const HostIdentity *host = d->inputs.host;
        unsigned options = d->kernel.options;
        _cleanup_json_ struct json_object *o = json_object_new_object();
        if (!o)
                return -ENOMEM;

        struct json_object *tron = json_object_new_boolean(log_get_debug());
        if (!tron || json_object_object_add(o, "tron", tron) < 0)
                return -ENOMEM;
        int r = add_string(o, "log-level", log_level(userdata));
        if (r >= 0)
                r = add_string(o, "version", PROJECT_VERSION);
        if (r >= 0)
                r = add_string(o, "hostnqn", host->nqn);
        if (r >= 0)
                r = add_string(o, "hostid", host->id);
        if (r >= 0) /* whether it is set, never its value */
                r = add_string(o, "hostkey", host->key ? "(set)" : NULL);
        if (r >= 0)
                r = add_string(o, "symname", host->symname);
        if (r >= 0)
                r = add_string(o, "last known config file", d->type->state_file);
        if (r >= 0 && d->inputs.error_at)
                r = add_refusal(o, d->inputs.error_at);
        if (r >= 0)
                r = add_string(o, "kernel support.TP8013",
                               options & (1U << FABRICS_DISCOVERY) ? "True" : "False");
        if (r >= 0)
                r = add_string(o, "kernel support.host_iface",
                               options & (1U << FABRICS_HOST_IFACE) ? "True" : "False");
        return r < 0 ? r : to_json_text(o, ret);
}

static bool get_tron(void *userdata)
{
        return log_get_debug();
}

static void set_tron(void *userdata, bool on)
{
        Daemon *d = userdata;

        d->tron = on;
        log_set_debug(on);
        log_info(MESSAGE_DEBUG_SWITCHED, "Debug messages are %s", on ? "on" : "off");
}

static int reload(void *userdata, char **ret_reason)
{
        return daemon_reload(userdata, ret_reason);
}

/* *names must be freed. */
static int tell_names(Daemon *d, Explainer *x, ExplainName **names)
{
        int r = names_list_unresolved(d, names, &x->n_names);

        x->names = *names;
        return r;
}

/* A resolved host name matches its address. */
static int explain(void *userdata, const char *what, PropertiesList *ret)
{
        Daemon *d = userdata;
        Explainer x = explainer(d);
        const HostName *h = host_names_find(&d->names, what);
        _cleanup_free_ ExplainName *names = NULL;

        int r = tell_names(d, &x, &names);
        return r < 0 ? r : explain_controllers(&x, h && h->address ? h->address : what, ret);
}

static int plan(void *userdata, PropertiesList *ret)
{
        Daemon *d = userdata;
        Explainer x = explainer(d);
        _cleanup_free_ ExplainName *names = NULL;

        int r = tell_names(d, &x, &names);
        return r < 0 ? r : explain_plan(&x, ret);
}

/* Why no daemon uses the entry. Host names of subsystems are resolved by stacd. */
static int add_verdict(const Daemon *d, const Row *row, const DlpEntry *e, Properties *p)
{
        const DlpeOrigin origin = {
                .dc = row->tid,
                .host = dlpe_host(engine_policy(d->engine), ""),
        };
        _cleanup_dlpe_verdict_ DlpeVerdict v = { 0 };
        int r = dlpe_judge(e, &origin, &v);

        if (r < 0 || !v.problem || v.problem == dlpe_unresolved)
                return r;
        return properties_add(p, DLPE_NOT_USED, v.problem);
}

typedef int (*EntryDescriber)(const Daemon *d, const Row *row, const DlpEntry *e, Properties *p);

static int describe_entry(const Daemon *d, const Row *row, const DlpEntry *e, Properties *p)
{
        return dlpe_describe(e, p);
}

static int describe_entry_fully(const Daemon *d, const Row *row, const DlpEntry *e, Properties *p)
{
        int r = dlpe_describe_all(e, p);

        return r < 0 ? r : add_verdict(d, row, e, p);
}

static int describe_entries(const Daemon *d, const Row *row, EntryDescriber describer, size_t *size,
                            PropertiesList *ret)
{
        _cleanup_properties_list_ PropertiesList list = { 0 };
        const DiscoveryLog *log = row->log.log;

        for (size_t i = 0; log && i < log->n_entries; i++) {
                Properties *p = properties_list_add(&list);
                int r = p ? describer(d, row, &log->entries[i], p) : -ENOMEM;
                if (r >= 0)
                        r = bus_count_row(p, size);
                if (r < 0)
                        return r;
        }
        *ret = list;
        list = (PropertiesList) { 0 };
        return 0;
}

static int describe_log(const Daemon *d, const TidFields *id, EntryDescriber describer,
                        LogPages *ret)
{
        const Row *row;
        size_t size = 0;

        int r = find_controller(d, id, &row);
        if (r < 0)
                return r;
        LogPages pages = {
                .state = source_state_to_string(row->log.state),
                .generation = row->log.generation,
        };
        r = describe_entries(d, row, describer, &size, &pages.entries);
        if (r < 0)
                return r;
        *ret = pages;
        return 0;
}

static int get_log_pages(void *userdata, const TidFields *id, LogPages *ret)
{
        return describe_log(userdata, id, describe_entry, ret);
}

static int read_log_pages(void *userdata, const TidFields *id, LogPages *ret)
{
        return describe_log(userdata, id, describe_entry_fully, ret);
}

static int add_log(Daemon *d, const Row *row, bool detailed, size_t *size, struct json_object *list)
{
        _cleanup_properties_ Properties p = { 0 };
        _cleanup_properties_list_ PropertiesList entries = { 0 };
        struct json_object *o = json_object_new_object();

        if (!o || json_object_array_add(list, o) < 0) {
                json_object_put(o);
                return -ENOMEM;
        }
        int r = answers_describe(d, row, detailed, &p);
        if (r >= 0)
                r = bus_count_row(&p, size);
        if (r >= 0)
                r = describe_entries(d, row, describe_entry, size, &entries);
        if (r < 0)
                return r;
        struct json_object *dc = json_from_properties(&p),
                           *pages = json_from_properties_list(&entries);
        if (dc && pages && json_object_object_add(o, "discovery-controller", dc) >= 0)
                return json_object_object_add(o, "log-pages", pages) < 0 ? -ENOMEM : 0;
        json_object_put(dc);
        json_object_put(pages);
        return -ENOMEM;
}

static int get_all_log_pages(void *userdata, bool detailed, char **ret)
{
        Daemon *d = userdata;
        size_t size = 0;
        _cleanup_json_ struct json_object *list = json_object_new_array();
        if (!list)
                return -ENOMEM;

        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row)) {
                int r = add_log(d, row, detailed, &size, list);
                if (r < 0)
                        return r;
        }
        return to_json_text(list, ret);
}

static void free_sources(LogPages *pages, size_t n)
{
        for (size_t i = 0; i < n; i++)
                log_pages_done(&pages[i]);
        free(pages);
}

static int add_source(Daemon *d, const Row *row, LogPages *ret)
{
        int r = answers_describe(d, row, false, &ret->id);

        ret->state = source_state_to_string(row->log.state);
        ret->generation = row->log.generation;
        return r;
}

typedef enum Place { /* precedence if the list is too long */
        PLACE_CONFIGURED,
        PLACE_CONNECTED,
        PLACE_OTHER,
        _PLACE_MAX,
        _PLACE_INVALID = -EINVAL,
} Place;

_Static_assert(STAFD_CONTROLLERS_MAX >= MDNS_SERVICES_MAX + 2 * REFERRALS_MAX + 1024,
               "what others lead to leaves no place to configured ones");

/* Only wanted controllers are sources: the log of one that is being given up no longer applies, and
 * one that will not be connected has no log. */
static Place answers_place_of(const Row *row)
{
        if (!row_is_wanted(row) || (!row->wanted.active && !row->node))
                return _PLACE_INVALID;
        if (row_origin(row)->set->kind < SOURCE_REFERRAL)
                return PLACE_CONFIGURED;
        return row->node ? PLACE_CONNECTED : PLACE_OTHER;
}

static void answers_tell_left_out(Daemon *d, size_t n_left_out)
{
        if (n_left_out > 0 && !d->loop.told_left_out)
                report_repeated(d, MESSAGE_LIST_LEFT_OUT, "", LOG_WARNING,
                                "%zu discovery controllers are not reported to stacd, which "
                                "accepts %i; configured and connected ones take precedence",
                                n_left_out, STAFD_CONTROLLERS_MAX);
        d->loop.told_left_out = n_left_out > 0;
}

/* Iterates over the published controllers, up to as many as stacd accepts. Returns the next one
 * after row in that place, NULL at the end; start with row NULL and place 0. Those that are left
 * out are counted. */
typedef struct Walk {
        const Row *row;
        Place place;
        size_t n, n_left_out;
} Walk;

static const Row *walk_next(Walk *w, const Engine *e)
{
        for (; w->place < _PLACE_MAX; w->place++) {
                while ((w->row = engine_next_row(e, w->row))) {
                        if (answers_place_of(w->row) != w->place)
                                continue;
                        if (w->n++ < STAFD_CONTROLLERS_MAX)
                                return w->row;
                        w->n_left_out++;
                }
        }
        return NULL;
}

static bool end_walk(Daemon *d, const Walk *w)
{
        answers_tell_left_out(d, w->n_left_out);
        return engine_knows_sources(d->engine) && w->n_left_out == 0;
}

static int list_sources(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n)
{
        Daemon *d = userdata;
        const Row *row;
        Walk walk = { 0 };
        size_t n = 0;
        LogPages *pages = calloc(STAFD_CONTROLLERS_MAX, sizeof(*pages));

        if (!pages)
                return -ENOMEM;
        while ((row = walk_next(&walk, d->engine))) {
                int r = add_source(d, row, &pages[n++]);
                if (r < 0) {
                        free_sources(pages, n);
                        return r;
                }
        }
        *ret_complete = end_walk(d, &walk);
        *ret = pages;
        *ret_n = n;
        return 0;
}

static int publish(Daemon *d, const Row *row)
{
        char device[32] = "";

        if (row->node)
                (void) snprintf(device, sizeof(device), "nvme%i", row->node->instance);
        return publication_put(d->publication, row->tid, device, row->log.state,
                               row->log.generation, row->log.log);
}

static int list_changes(void *userdata, LogCursor at, LogChanges *ret)
{
        Daemon *d = userdata;
        const Row *row;
        Walk walk = { 0 };
        int r = 0;

        /* The epoch is unique among the processes of one boot. */
        if (!d->publication &&
            (r = publication_new(daemon_now(d), LOG_CHANGES_MAX, &d->publication)) < 0)
                return r;
        publication_begin(d->publication);
        while (r >= 0 && (row = walk_next(&walk, d->engine)))
                r = publish(d, row);
        if (r >= 0)
                r = publication_end(d->publication, end_walk(d, &walk));
        return r < 0 ? r : publication_page(d->publication, at, ret);
}

const BusBackend answers_backend_staf = {
        .role = CONTROLLER_DISCOVERY,
        .list_controllers = list_controllers,
        .controller_info = controller_info,
        .process_info = process_info,
        .get_tron = get_tron,
        .set_tron = set_tron,
        .log_level = log_level,
        .get_all_log_pages = get_all_log_pages,
        .get_log_pages = get_log_pages,
        .read_log_pages = read_log_pages,
        .list_sources = list_sources,
        .list_changes = list_changes,
        .explain = explain,
        .plan = plan,
        .reload = reload,
};

const BusBackend answers_backend_stac = {
        .role = CONTROLLER_IO,
        .list_controllers = list_controllers,
        .controller_info = controller_info,
        .process_info = process_info,
        .get_tron = get_tron,
        .set_tron = set_tron,
        .log_level = log_level,
        .explain = explain,
        .plan = plan,
        .reload = reload,
};
