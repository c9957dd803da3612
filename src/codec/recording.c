/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/recording.h"

#include <limits.h>

#include "base/text.h"
#include "codec/json_input.h"

/* Inputs. */

typedef enum Value { /* data of an input besides numbers */
        VALUE_NONE,
        VALUE_POLICY,
        VALUE_NETWORK,
        VALUE_REACHABILITY,
        VALUE_SET,
        VALUE_KEY,
        VALUE_TID,
        VALUE_STALL,
        VALUE_COMPLETION,
} Value;

static const struct {
        const char *name;
        Value value;
} kinds[_ENGINE_INPUT_KIND_MAX] = {
        [INPUT_SET_POLICY] = { "set-policy", VALUE_POLICY },
        [INPUT_SET_NETWORK] = { "set-network", VALUE_NETWORK },
        [INPUT_REACHABILITY] = { "network-news", VALUE_REACHABILITY },
        [INPUT_SET_SOURCE] = { "set-source", VALUE_SET },
        [INPUT_REPLACE_SOURCE] = { "replace-source", VALUE_SET },
        [INPUT_DROP_SOURCE] = { "drop-source", VALUE_KEY },
        [INPUT_RESTORE_DEVICE] = { "restore-device", VALUE_NONE },
        [INPUT_REMEMBER] = { "remember", VALUE_TID },
        [INPUT_RESTORE_STALL] = { "restore-stall", VALUE_STALL },
        [INPUT_CONNECTS_OVER] = { "connects-over", VALUE_NONE },
        [INPUT_HOLD_CONNECTS] = { "hold-connects", VALUE_NONE },
        [INPUT_ANNOUNCED] = { "announced", VALUE_TID },
        [INPUT_RETRY_NOW] = { "retry-now", VALUE_NONE },
        [INPUT_REREAD_LOGS] = { "reread-logs", VALUE_NONE },
        [INPUT_REGISTER_AGAIN] = { "register-again", VALUE_NONE },
        [INPUT_RELEASE_ALL] = { "release-all", VALUE_NONE },
        [INPUT_KERNEL_EVENT] = { "kernel-event", VALUE_NONE },
        [INPUT_KERNEL_EVENTS_LOST] = { "kernel-events-lost", VALUE_NONE },
        [INPUT_OWNER_CHANGED] = { "owner-changed", VALUE_NONE },
        [INPUT_COMPLETE] = { NULL, VALUE_COMPLETION }, /* "connect-done", … */
};

static const char *const event_names[] = {
        [KERNEL_ADDED] = "added",
        [KERNEL_REMOVED] = "removed",
        [KERNEL_CONNECTED] = "connected",
        [KERNEL_LOG_CHANGED] = "log-changed",
        [KERNEL_REDISCOVERED] = "rediscovered",
};

/* An error in a part is an error in the line. */
static int damaged(int r)
{
        return r == -ENOMEM || r >= 0 ? r : -EBADMSG;
}

/* Numbers that are 0 are omitted. */
static int add_uint(struct json_object *o, const char *key, uint64_t value)
{
        return value == 0 ? 0 : json_add(o, key, json_object_new_uint64(value));
}

static int add_int(struct json_object *o, const char *key, int value)
{
        return value == 0 ? 0 : json_add(o, key, json_object_new_int(value));
}

static int get_uint(struct json_object *o, const char *key, uint64_t max, uint64_t *ret)
{
        uint64_t value = 0;
        int r = json_get_uint(o, key, &value);

        if ((r < 0 && r != -ENOENT) || value > max)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int get_int(struct json_object *o, const char *key, int min, int max, int *ret)
{
        int value = 0, r = json_get_int(o, key, &value);

        if ((r < 0 && r != -ENOENT) || value < min || value > max)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int add_numbers(struct json_object *o, const EngineInput *in)
{
        if (add_int(o, "instance", in->instance) < 0 || add_uint(o, "inode", in->inode) < 0 ||
            add_int(o, "hold", in->hold) < 0)
                return -ENOMEM;
        return in->kind == INPUT_KERNEL_EVENT ? json_add_text(o, "event", event_names[in->event])
                                              : 0;
}

static int get_event(struct json_object *o, KernelEvent *ret)
{
        const char *name;

        if (json_get_string(o, "event", &name) < 0)
                return -EBADMSG;
        for (size_t i = 0; i < ELEMENTSOF(event_names); i++)
                if (streq(name, event_names[i])) {
                        *ret = (KernelEvent) i;
                        return 0;
                }
        return -EBADMSG;
}

static int get_numbers(struct json_object *o, EngineInput *in)
{
        uint64_t hold;

        if (get_int(o, "instance", -1, INT_MAX, &in->instance) < 0 ||
            get_uint(o, "inode", UINT64_MAX, &in->inode) < 0 || get_uint(o, "hold", 1, &hold) < 0)
                return -EBADMSG;
        in->hold = hold;
        return in->kind == INPUT_KERNEL_EVENT ? get_event(o, &in->event) : 0;
}

/* Completions: the name of the input contains the operation. */

#define DONE "-done"

/* Registration and deregistration share a name. */
static char *completion_name(Operation o)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        if (o == OPERATION_DEREGISTER)
                o = OPERATION_REGISTER;
        text_buffer_printf(&b, "%s" DONE, operation_to_string(o));
        return text_buffer_take(&b);
}

static int get_operation(const char *name, Operation *ret)
{
        const char *end = strstr(name, DONE);
        _cleanup_free_ char *operation =
                end && streq(end, DONE) ? strndup(name, (size_t) (end - name)) : strdup("");

        if (!operation)
                return -ENOMEM;
        *ret = operation_from_string(operation);
        return *ret == _OPERATION_INVALID ? -EBADMSG : 0;
}

static struct json_object *from_devices(const Completion *c)
{
        _cleanup_json_ struct json_object *array = json_object_new_array();

        for (size_t i = 0; array && i < c->n_devices; i++)
                if (json_append(array, json_from_device(c->devices[i])) < 0)
                        return NULL;
        return TAKE_PTR(array);
}

static int add_completion(struct json_object *o, const Completion *c)
{
        if (add_uint(o, "op", c->op_id) < 0 || add_int(o, "error", c->error) < 0 ||
            add_int(o, "status", c->nvme_status) < 0 || add_int(o, "instance", c->instance) < 0 ||
            add_uint(o, "inode", c->inode) < 0 || add_uint(o, "offers", c->offers) < 0 ||
            (c->used_by && json_add_text(o, "used-by", c->used_by) < 0) ||
            (c->log && json_add(o, "log", json_from_log(c->log)) < 0) ||
            (c->device && json_add(o, "device", json_from_device(c->device)) < 0))
                return -ENOMEM;
        return c->operation == OPERATION_SCAN ? json_add(o, "devices", from_devices(c)) : 0;
}

static int add_stall(struct json_object *o, const EngineInput *in)
{
        if (add_uint(o, "begun", in->begun) < 0 || add_uint(o, "took", in->took) < 0 ||
            add_uint(o, "until", in->until) < 0)
                return -ENOMEM;
        return json_add(o, "tid", json_from_tid(in->tid));
}

static int add_value(struct json_object *o, const EngineInput *in)
{
        switch (kinds[in->kind].value) {
        case VALUE_NONE:
                return 0;
        case VALUE_POLICY:
                return json_add(o, "policy", json_from_policy(in->policy));
        case VALUE_NETWORK:
                return json_add(o, "network", json_from_network(&in->network));
        case VALUE_REACHABILITY:
                return json_add(o, "news", json_from_reachability(&in->reachability));
        case VALUE_SET:
                return json_add(o, "set", json_from_source_set(in->set));
        case VALUE_KEY:
                return json_add_text(o, "key", in->key);
        case VALUE_TID:
                return json_add(o, "tid", json_from_tid(in->tid));
        case VALUE_STALL:
                return add_stall(o, in);
        case VALUE_COMPLETION:
                return add_completion(o, &in->completion);
        }
        return 0;
}

static int dup_text(struct json_object *o, const char *key, char **ret)
{
        const char *text;
        int r = json_get_text(o, key, &text);

        return r < 0 ? r : text_replace(ret, text);
}

static int get_key(struct json_object *o, const char **ret)
{
        char *key = NULL;
        int r = dup_text(o, "key", &key);

        *ret = key;
        return damaged(r);
}

static int get_used_by(struct json_object *o, char **ret)
{
        int r = dup_text(o, "used-by", ret);

        return r == -ENOENT ? 0 : damaged(r);
}

static int get_tid(struct json_object *o, const Tid **ret)
{
        Tid *tid;

        int r = json_get_tid(o, &tid);
        if (r >= 0)
                *ret = tid;
        return r;
}

static int get_stall(struct json_object *o, EngineInput *in)
{
        if (get_uint(o, "begun", UINT64_MAX, &in->begun) < 0 ||
            get_uint(o, "took", UINT64_MAX, &in->took) < 0 ||
            get_uint(o, "until", UINT64_MAX, &in->until) < 0)
                return -EBADMSG;
        return get_tid(o, &in->tid);
}

static int to_devices(struct json_object *array, Completion *c)
{
        size_t n =
                json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;

        c->devices = calloc(n + 1, sizeof(*c->devices));
        if (!c->devices)
                return -ENOMEM;
        for (; c->n_devices < n; c->n_devices++) {
                int r = json_to_device(json_object_array_get_idx(array, c->n_devices),
                                       &c->devices[c->n_devices]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static struct json_object *member(struct json_object *o, const char *key)
{
        struct json_object *value;

        return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

/* Returns true if the read failed, so that there is no result. */
static bool is_missing(struct json_object *o, const char *key, const Completion *c)
{
        return c->error < 0 && !member(o, key);
}

static int get_completion(struct json_object *o, Completion *c)
{
        uint64_t offers;

        if (get_uint(o, "op", UINT64_MAX, &c->op_id) < 0 ||
            get_int(o, "error", INT_MIN + 1, 0, &c->error) < 0 ||
            get_int(o, "status", 0, INT_MAX, &c->nvme_status) < 0 ||
            get_int(o, "instance", -1, INT_MAX, &c->instance) < 0 ||
            get_uint(o, "inode", UINT64_MAX, &c->inode) < 0 ||
            get_uint(o, "offers", UINT32_MAX, &offers) < 0)
                return -EBADMSG;
        c->offers = (unsigned) offers;
        if (c->operation == OPERATION_DISCONNECT)
                return get_used_by(o, &c->used_by);
        if (c->operation == OPERATION_READ_LOG && !is_missing(o, "log", c))
                return json_to_log(member(o, "log"), &c->log);
        if (c->operation == OPERATION_READ_DEVICE && !is_missing(o, "device", c))
                return json_to_device(member(o, "device"), &c->device);
        return c->operation == OPERATION_SCAN ? to_devices(member(o, "devices"), c) : 0;
}

static int get_value(struct json_object *o, EngineInput *in)
{
        switch (kinds[in->kind].value) {
        case VALUE_NONE:
                return 0;
        case VALUE_POLICY:
                return json_to_policy(member(o, "policy"), &in->policy);
        case VALUE_NETWORK:
                return json_to_network(member(o, "network"), &in->network);
        case VALUE_REACHABILITY:
                return json_to_reachability(member(o, "news"), &in->reachability);
        case VALUE_SET:
                return json_to_source_set(member(o, "set"), &in->set);
        case VALUE_KEY:
                return get_key(o, &in->key);
        case VALUE_TID:
                return get_tid(o, &in->tid);
        case VALUE_STALL:
                return get_stall(o, in);
        case VALUE_COMPLETION:
                return get_completion(o, &in->completion);
        }
        return -EBADMSG;
}

static int get_kind(const char *name, EngineInput *in)
{
        for (in->kind = 0; in->kind < _ENGINE_INPUT_KIND_MAX; in->kind++)
                if (kinds[in->kind].name && streq(name, kinds[in->kind].name))
                        return 0;
        in->kind = INPUT_COMPLETE;
        return get_operation(name, &in->completion.operation);
}

static int decode_input(struct json_object *o, const char *name, RecordingLine *l)
{
        EngineInput *in = &l->input;

        l->kind = RECORDING_INPUT;
        in->now = l->now;
        int r = get_kind(name, in);
        if (r >= 0 && in->kind != INPUT_COMPLETE)
                r = get_numbers(o, in);
        return r < 0 ? r : get_value(o, in);
}

/* Lines. */

void recording_line_done(RecordingLine *l)
{
        free(l->text);
        (void) policy_free(l->policy);
        engine_input_done(&l->input);
        for (size_t i = 0; i < l->n_actions; i++)
                free(l->actions[i]);
        free(l->actions);
        *l = (RecordingLine) { 0 };
}

static char *to_text(struct json_object *o)
{
        const char *text = json_object_to_json_string_ext(
                o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

        return text ? strdup(text) : NULL;
}

char *recording_encode_start(const char *program, usec_t realtime, usec_t now, const Policy *p)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "now", json_object_new_uint64(now)) < 0 ||
            json_add(o, "recording", json_object_new_int(RECORDING_VERSION)) < 0 ||
            json_add_text(o, "program", program) < 0 ||
            json_add(o, "realtime", json_object_new_uint64(realtime)) < 0 ||
            json_add(o, "policy", json_from_policy(p)) < 0)
                return NULL;
        return to_text(o);
}

char *recording_encode_input(const EngineInput *in)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_free_ char *name = in->kind == INPUT_COMPLETE
                                            ? completion_name(in->completion.operation)
                                            : strdup(kinds[in->kind].name);

        if (!o || !name || json_add(o, "now", json_object_new_uint64(in->now)) < 0 ||
            json_add_text(o, "input", name) < 0 ||
            (in->kind != INPUT_COMPLETE && add_numbers(o, in) < 0) || add_value(o, in) < 0)
                return NULL;
        return to_text(o);
}

static struct json_object *from_action(const Properties *action)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        for (size_t i = 0; o && i < action->n_items; i++)
                if (json_add_text(o, action->items[i].key, action->items[i].value) < 0)
                        return NULL;
        return TAKE_PTR(o);
}

char *recording_encode_action(const Properties *action)
{
        _cleanup_json_ struct json_object *o = from_action(action);

        return o ? to_text(o) : NULL;
}

char *recording_encode_plan(usec_t now, const PropertiesList *actions)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_json_ struct json_object *array = json_object_new_array();

        if (!o || !array || json_add(o, "now", json_object_new_uint64(now)) < 0)
                return NULL;
        for (size_t i = 0; i < actions->n_items; i++)
                if (json_append(array, from_action(&actions->items[i])) < 0)
                        return NULL;
        return json_add(o, "plan", TAKE_PTR(array)) < 0 ? NULL : to_text(o);
}

char *recording_encode_end(usec_t now, const char *reason)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "now", json_object_new_uint64(now)) < 0 ||
            json_add_text(o, "end", reason) < 0)
                return NULL;
        return to_text(o);
}

static int decode_start(struct json_object *o, uint64_t version, RecordingLine *l)
{
        const char *program;

        l->kind = RECORDING_START;
        if (version != RECORDING_VERSION)
                return -EPROTONOSUPPORT;
        if (json_get_uint(o, "realtime", &l->realtime) < 0)
                return -EBADMSG;
        int r = json_get_text(o, "program", &program);
        if (r >= 0)
                r = text_replace(&l->text, program);
        return r < 0 ? damaged(r) : json_to_policy(member(o, "policy"), &l->policy);
}

static int decode_plan(struct json_object *array, RecordingLine *l)
{
        size_t n = json_object_array_length(array);

        l->kind = RECORDING_PLAN;
        l->actions = calloc(n + 1, sizeof(*l->actions));
        if (!l->actions)
                return -ENOMEM;
        for (; l->n_actions < n; l->n_actions++) {
                struct json_object *action = json_object_array_get_idx(array, l->n_actions);

                if (!json_object_is_type(action, json_type_object))
                        return -EBADMSG;
                l->actions[l->n_actions] = to_text(action);
                if (!l->actions[l->n_actions])
                        return -ENOMEM;
        }
        return 0;
}

static int decode_end(const char *reason, RecordingLine *l)
{
        l->kind = RECORDING_END;
        return text_replace(&l->text, reason);
}

int recording_decode(const char *line, size_t n, RecordingLine *ret)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };
        _cleanup_json_ struct json_object *o = NULL;
        struct json_object *plan;
        const char *text;
        uint64_t version;

        int r = json_parse_bytes(line, n, &o);
        if (r < 0)
                return r;
        if (json_get_uint(o, "now", &l.now) < 0)
                return -EBADMSG;
        if (json_get_uint(o, "recording", &version) >= 0)
                r = decode_start(o, version, &l);
        else if (json_get_text(o, "input", &text) >= 0)
                r = decode_input(o, text, &l);
        else if (json_get_array(o, "plan", &plan) >= 0)
                r = decode_plan(plan, &l);
        else if (json_get_text(o, "end", &text) >= 0)
                r = decode_end(text, &l);
        else
                r = -EBADMSG;
        if (r < 0)
                return r;
        *ret = l;
        l = (RecordingLine) { 0 };
        return 0;
}
