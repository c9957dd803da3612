/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/action.h"

#include <inttypes.h>

#include "base/text.h"
#include "plan/row.h"

static int describe_settings(const Settings *s, Properties *p)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (Setting i = 0; i < _SETTING_MAX; i++)
                if (s->value[i] != SETTING_DEFAULT)
                        text_buffer_printf(&b, "%s%s=%i", b.length > 0 ? " " : "",
                                           setting_info(i)->key, s->value[i]);
        _cleanup_free_ char *text = text_buffer_take(&b);
        return text ? properties_add(p, "settings", text) : -ENOMEM;
}

static int describe_target(const Action *a, Properties *p)
{
        _cleanup_free_ char *tid = tid_to_string(a->row->tid);
        int r = tid ? properties_add(p, "controller", tid) : -ENOMEM;

        return r >= 0 && a->operation == OPERATION_CONNECT ? describe_settings(&a->settings, p) : r;
}

static int action_describe_device(const Action *a, Properties *p)
{
        int r = properties_addf(p, "device", "nvme%i", a->instance);

        return r >= 0 && a->inode ? properties_addf(p, "inode", "%" PRIu64, a->inode) : r;
}

int action_describe(const Action *a, Properties *p)
{
        int r = properties_add(p, "action", operation_to_string(a->operation));

        if (r >= 0)
                r = properties_addf(p, "op", "%" PRIu64, a->op_id);
        if (r >= 0 && a->instance >= 0)
                r = action_describe_device(a, p);
        if (r >= 0 && a->row)
                r = describe_target(a, p);
        if (r >= 0 && a->cancels)
                r = properties_addf(p, "cancels", "%" PRIu64, a->cancels);
        if (r >= 0 && a->operation == OPERATION_PROBE)
                r = properties_addf(p, "timeout", "%" PRIu64, a->timeout);
        if (r >= 0 && a->operation == OPERATION_DISCONNECT && a->force)
                r = properties_add(p, "force", "True");
        if (r >= 0 && a->operation == OPERATION_READ_LOG)
                r = properties_addf(p, "options", "%u", a->log_options);
        if (r >= 0 && a->any_kind)
                r = properties_add(p, "any kind", "True");
        return r;
}
