/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/fabrics_options.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "codec/kernel_release.h"

/* nvmf_dev_write() accepts at most a page. */
#define OPTIONS_SIZE 4096

typedef struct OptionInfo {
        const char *name;
        unsigned major, minor; /* the first kernel that supports it */
} OptionInfo;

static const OptionInfo option_infos[_FABRICS_OPTION_MAX] = {
        [FABRICS_HOST_IFACE] = { "host_iface", 5, 14 },
        [FABRICS_DISCOVERY] = { "discovery", 5, 16 },
        [FABRICS_DHCHAP_SECRET] = { "dhchap_secret", 6, 0 },
        [FABRICS_DHCHAP_CTRL_SECRET] = { "dhchap_ctrl_secret", 6, 0 },
        [FABRICS_TLS] = { "tls", 6, 7 },
        [FABRICS_KEYRING] = { "keyring", 6, 7 },
        [FABRICS_TLS_KEY] = { "tls_key", 6, 7 },
};

const char *fabrics_option_to_string(FabricsOption o)
{
        return option_infos[o].name;
}

unsigned fabrics_options_decode_supported(const char *text)
{
        unsigned supported = 0;
        while (*text) {
                size_t n = strcspn(text, ",\n");
                size_t n_name = MIN(strcspn(text, "="), n);
                for (FabricsOption o = 0; o < _FABRICS_OPTION_MAX; o++)
                        if (strlen(option_infos[o].name) == n_name &&
                            memcmp(option_infos[o].name, text, n_name) == 0)
                                supported |= 1U << o;
                text += n + (text[n] != '\0');
        }
        return supported;
}

unsigned fabrics_options_by_release(const char *release)
{
        unsigned supported = 0;
        for (FabricsOption o = 0; o < _FABRICS_OPTION_MAX; o++)
                if (kernel_release_is_since(release, option_infos[o].major, option_infos[o].minor))
                        supported |= 1U << o;
        return supported;
}

/* The string under construction. It is never reallocated, so no copies of secrets are left
 * behind. */
typedef struct Writer {
        char *text;
        size_t length;
        int error; /* the first error */
} Writer;

static _printf_(2, 3) void writer_printf(Writer *w, const char *format, ...)
{
        va_list ap;
        va_start(ap, format);
        int n = vsnprintf(w->text + w->length, OPTIONS_SIZE - w->length, format, ap);
        va_end(ap);
        if (n < 0 || (size_t) n >= OPTIONS_SIZE - w->length) {
                w->error = w->error ?: -E2BIG;
                return;
        }
        w->length += (size_t) n;
}

static bool is_value(const char *s)
{
        for (; *s; s++)
                if ((unsigned char) *s < ' ' || *s == 0x7f || *s == ',')
                        return false;
        return true;
}

/* Omits empty values. scope is "" or the interface after '%'. */
static void put_scoped(Writer *w, const char *name, const char *value, const char *scope)
{
        if (text_is_empty(value))
                return;
        if (!is_value(value) || !is_value(scope)) {
                w->error = w->error ?: -EILSEQ;
                return;
        }
        writer_printf(w, "%s%s=%s%s%s", w->length > 0 ? "," : "", name, value, *scope ? "%" : "",
                      scope);
}

static void fabrics_options_put_text(Writer *w, const char *name, const char *value)
{
        put_scoped(w, name, value, "");
}

static void put_switch(Writer *w, const char *name)
{
        writer_printf(w, "%s%s", w->length > 0 ? "," : "", name);
}

/* The kernel needs to know the link of a link-local address. */
static const char *missing_scope(const Tid *t, const Address *a)
{
        return address_is_link_local(a) && !*a->scope ? tid_interface(t) : "";
}

/* See allowed_opts and required_opts of each transport in drivers/nvme/host/{tcp,rdma,fc}.c and
 * drivers/nvme/target/loop.c: a single unknown option makes the kernel refuse the connect. Settings
 * are shared by all controllers, so one that does not apply to a transport is not an error. */
enum {
        ON_TCP = 1 << TRANSPORT_TCP,
        ON_RDMA = 1 << TRANSPORT_RDMA,
        ON_FC = 1 << TRANSPORT_FC,
        ON_LOOP = 1 << TRANSPORT_LOOP,
        ON_ALL = ON_TCP | ON_RDMA | ON_FC | ON_LOOP,
};

typedef struct SettingUse {
        Setting setting;
        unsigned transports;
        bool for_io_only; /* discovery controllers have no I/O queues */
} SettingUse;

static const SettingUse setting_uses[] = {
        { SETTING_KATO, ON_ALL, false },
        { SETTING_QUEUE_SIZE, ON_ALL, false },
        { SETTING_NR_IO_QUEUES, ON_ALL, true },
        { SETTING_NR_WRITE_QUEUES, ON_TCP | ON_RDMA, true },
        { SETTING_NR_POLL_QUEUES, ON_TCP | ON_RDMA, true },
        { SETTING_RECONNECT_DELAY, ON_TCP | ON_RDMA | ON_FC, false },
        { SETTING_CTRL_LOSS_TMO, ON_ALL, false },
        { SETTING_FAST_IO_FAIL_TMO, ON_ALL, false },
        { SETTING_TOS, ON_TCP | ON_RDMA, false },
        { SETTING_HDR_DIGEST, ON_TCP, false },
        { SETTING_DATA_DIGEST, ON_TCP, false },
        { SETTING_DISABLE_SQFLOW, ON_ALL, false },
        { SETTING_DUPLICATE_CONNECT, ON_ALL, false },
};

static void put_settings(Writer *w, const ConnectRequest *r)
{
        for (size_t i = 0; i < ELEMENTSOF(setting_uses); i++) {
                const SettingUse *use = &setting_uses[i];
                const SettingInfo *info = setting_info(use->setting);
                int32_t value = r->settings.value[use->setting];

                if (value == SETTING_DEFAULT || !(use->transports & 1U << r->tid->transport) ||
                    (use->for_io_only && r->kind == CONTROLLER_DISCOVERY))
                        continue;
                if (!info->is_switch)
                        writer_printf(w, ",%s=%d", info->option, value);
                else if (value)
                        put_switch(w, info->option);
        }
}

static void put_identity(Writer *w, const ConnectRequest *r)
{
        const Tid *t = r->tid;

        if (t->garbled)
                w->error = -EILSEQ;
        fabrics_options_put_text(w, "transport", transport_to_string(t->transport));
        put_scoped(w, "traddr", t->traddr, missing_scope(t, &t->address));
        fabrics_options_put_text(w, "trsvcid", t->trsvcid);
        fabrics_options_put_text(w, "nqn", t->subsysnqn);
        fabrics_options_put_text(w, "hostnqn", t->host_nqn);
        fabrics_options_put_text(w, "hostid", r->host_id);
        if (t->transport != TRANSPORT_LOOP)
                put_scoped(w, "host_traddr", t->host_traddr, missing_scope(t, &t->host_address));
}

/* Options that not all kernels support. */
typedef struct Optional {
        Writer *w;
        unsigned supported, left_out;
} Optional;

static bool optional_use(Optional *o, FabricsOption option)
{
        if (o->supported & 1U << option)
                return true;
        o->left_out |= 1U << option;
        return false;
}

static void put_interface(Optional *o, const ConnectRequest *r)
{
        const Tid *t = r->tid;

        /* Only tcp supports this option; others only have the scope of a link-local address. */
        if (*t->host_iface && t->transport == TRANSPORT_TCP && optional_use(o, FABRICS_HOST_IFACE))
                fabrics_options_put_text(o->w, "host_iface", text_or(r->interface, t->host_iface));
}

static void put_secret(Optional *o, FabricsOption option, const Secret *secret)
{
        if (secret && optional_use(o, option))
                fabrics_options_put_text(o->w, option_infos[option].name,
                                         secret_reveal_for_kernel(secret));
}

int fabrics_options_encode(const ConnectRequest *r, unsigned supported, char **ret,
                           unsigned *ret_left_out)
{
        Writer w = { .text = malloc(OPTIONS_SIZE) };
        Optional o = { .w = &w, .supported = supported };
        if (!w.text)
                return -ENOMEM;

        put_identity(&w, r);
        put_interface(&o, r);
        put_settings(&w, r);
        put_secret(&o, FABRICS_DHCHAP_SECRET, r->dhchap_secret);
        put_secret(&o, FABRICS_DHCHAP_CTRL_SECRET, r->dhchap_ctrl_secret);
        if (r->kind == CONTROLLER_DISCOVERY && !streq(r->tid->subsysnqn, NQN_DISCOVERY) &&
            optional_use(&o, FABRICS_DISCOVERY))
                put_switch(&w, "discovery");

        if (w.error < 0) {
                explicit_bzero(w.text, OPTIONS_SIZE);
                free(w.text);
                return w.error;
        }
        *ret = w.text;
        *ret_left_out = o.left_out;
        return 0;
}

/* Parses a number of n characters. */
static int fabrics_options_parse_number(const char *s, size_t n, int *ret)
{
        char digits[16];
        if (n >= sizeof(digits))
                return -EBADMSG;
        memcpy(digits, s, n);
        digits[n] = '\0';
        return text_to_int(digits, 0, INT_MAX, ret) < 0 ? -EBADMSG : 0;
}

int fabrics_answer_decode(const char *text, int *ret_instance)
{
        int instance = -1;

        while (*text && *text != '\n') {
                size_t n = strcspn(text, ",\n");
                const char *value = text_after(text, "instance=");
                if (value &&
                    fabrics_options_parse_number(value, n - strlen("instance="), &instance) < 0)
                        return -EBADMSG;
                text += n + (text[n] == ',');
        }
        if (instance < 0)
                return -EBADMSG;
        *ret_instance = instance;
        return 0;
}
