/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever controller= accepts can be written and parsed again with the same result, fits into the
 * option list of the kernel, and yields an identity; exclude= adds one rule or none. Each rejection
 * is reported. */

#include <assert.h>

#include "base/text.h"
#include "codec/controller_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append_field(TextBuffer *b, const char *name, const char *value)
{
        if (!value)
                return;
        assert(*value && !strpbrk(value, ", \t\n;"));
        text_buffer_printf(b, "%s=%s;", name, value);
}

static char *write_line(const ControllerLine *l)
{
        TextBuffer b = { 0 };

        append_field(&b, "transport", l->transport);
        append_field(&b, "traddr", l->traddr);
        append_field(&b, "trsvcid", l->trsvcid);
        append_field(&b, "nqn", l->subsysnqn);
        append_field(&b, "host-traddr", l->host_traddr);
        append_field(&b, "host-iface", l->host_iface);
        append_field(&b, "host-nqn", l->host_nqn);
        if (l->dhchap_secret)
                append_field(&b, "dhchap-secret", secret_reveal_for_kernel(l->dhchap_secret));
        if (l->dhchap_ctrl_secret)
                append_field(&b, "dhchap-ctrl-secret",
                             secret_reveal_for_kernel(l->dhchap_ctrl_secret));
        for (int s = 0; s < _SETTING_MAX; s++)
                if (l->settings.value[s] != SETTING_DEFAULT && setting_info((Setting) s)->choices)
                        append_field(&b, setting_info((Setting) s)->key,
                                     setting_info((Setting) s)->choices[l->settings.value[s]]);
                else if (l->settings.value[s] != SETTING_DEFAULT)
                        text_buffer_printf(&b, "%s=%d;", setting_info((Setting) s)->key,
                                           l->settings.value[s]);
        return text_buffer_take(&b);
}

static void check_tid(const ControllerLine *l)
{
        const TidFields fields = {
                .transport = l->transport,
                .traddr = l->traddr,
                .trsvcid = l->trsvcid,
                .subsysnqn = l->subsysnqn,
                .host_traddr = l->host_traddr,
                .host_iface = l->host_iface,
                .host_nqn = l->host_nqn,
        };
        _cleanup_tid_ Tid *t = NULL;

        assert(tid_new(&fields, CONTROLLER_DISCOVERY, &t) == 0);
}

static void check_controller(const char *value)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 }, d_again = { 0 };
        _cleanup_(controller_line_done) ControllerLine l = { 0 }, again = { 0 };

        int r = controller_line_parse(value, "fuzz", 1, &l, &d);
        assert(r == 0 || r == -EINVAL);
        if (r < 0) {
                assert(diagnostics_has_errors(&d) && !l.transport && !l.where);
                return;
        }
        check_tid(&l);

        _cleanup_free_ char *text = write_line(&l);
        assert(controller_line_parse(text, "fuzz", 1, &again, &d_again) == 0);
        assert(!diagnostics_has_errors(&d_again));
        _cleanup_free_ char *text_again = write_line(&again);
        assert(streq(text, text_again));
}

static void check_exclude(const char *value)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList list = { 0 };

        int r = exclude_line_parse(value, "fuzz", 1, &list, &d);
        assert(r == 0 || r == -EINVAL);
        assert(list.n_rules == (r == 0 ? 1 : 0));
        assert(diagnostics_has_errors(&d) == (r < 0));
        if (r == 0) {
                const ExcludeRule *rule = &list.rules[0];
                assert(rule->has_transport || rule->traddr || rule->trsvcid || rule->subsysnqn ||
                       rule->host_iface || rule->host_nqn);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *value = strndup((const char *) data, size);

        assert(value);
        check_controller(value);
        check_exclude(value);
        return 0;
}
