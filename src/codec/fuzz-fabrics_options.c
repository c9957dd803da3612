/* SPDX-License-Identifier: Apache-2.0 */

/* The input consists of lines: the answer or list of the kernel, then the parts of a connection.
 * Whatever these contain, the kernel parses exactly what was requested: no value adds an option or
 * changes another one. */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/fabrics_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
        N_LINES = 9
};

static void split(char *text, const char *lines[static N_LINES])
{
        for (size_t i = 0; i < N_LINES; i++)
                lines[i] = text ? strsep(&text, "\n") : "";
}

/* Gets the value of an option like the kernel splits the string. Returns the number of options with
 * that name. */
static unsigned find(const char *options, const char *name, char *value, size_t size)
{
        unsigned n_found = 0;
        while (*options) {
                size_t n = strcspn(options, ",\n");
                const char *rest = text_after(options, name);
                if (rest && (*rest == '=' || rest == options + n)) {
                        size_t n_value = *rest == '=' ? (size_t) (options + n - rest) - 1 : 0;
                        assert(n_value < size);
                        memcpy(value, rest + 1, n_value);
                        value[n_value] = '\0';
                        n_found++;
                }
                options += n + (options[n] != '\0');
        }
        return n_found;
}

static void check_value(const char *options, const char *name, const char *expected)
{
        char value[4096];
        unsigned n = find(options, name, value, sizeof(value));
        assert(n == (*expected ? 1 : 0));
        assert(n == 0 || strncmp(value, expected, strlen(expected)) == 0);
}

static void check_options(const char *options, const ConnectRequest *r)
{
        char value[4096];

        for (const char *c = options; *c; c++)
                assert((unsigned char) *c >= ' ' && *c != 0x7f);
        assert(find(options, "transport", value, sizeof(value)) == 1);
        check_value(options, "traddr", r->tid->traddr);
        check_value(options, "trsvcid", r->tid->trsvcid);
        check_value(options, "nqn", r->tid->subsysnqn);
        check_value(options, "hostnqn", r->tid->host_nqn);
        check_value(options, "hostid", r->host_id);
        assert(find(options, "dhchap_secret", value, sizeof(value)) == (r->dhchap_secret ? 1 : 0));
        assert(find(options, "discovery", value, sizeof(value)) ==
               (r->kind == CONTROLLER_DISCOVERY && !streq(r->tid->subsysnqn, NQN_DISCOVERY)));
}

static void encode(const char *lines[static N_LINES], ControllerKind kind)
{
        TidFields fields = {
                .transport = lines[1],
                .traddr = lines[2],
                .trsvcid = lines[3],
                .subsysnqn = lines[4],
                .host_traddr = lines[5],
                .host_iface = lines[6],
                .host_nqn = lines[7],
        };
        ConnectRequest r = { .kind = kind, .host_id = lines[8] };
        Tid *tid;
        Secret *secret = NULL;
        char *options;
        unsigned left_out;

        if (tid_new(&fields, kind, &tid) < 0)
                return;
        assert(secret_new(lines[8], &secret) == 0);
        settings_init(&r.settings);
        r.tid = tid;
        r.dhchap_secret = secret;
        int q = fabrics_options_encode(&r, ~0U, &options, &left_out);
        assert(q == 0 || q == -EILSEQ || q == -E2BIG);
        if (q == 0) {
                assert(left_out == 0);
                check_options(options, &r);
                free(options);
        }
        (void) tid_free(tid);
        (void) secret_free(secret);
}

static void check_answer(const char *text)
{
        char again[64];
        int instance = -7, instance_again;
        int r = fabrics_answer_decode(text, &instance);
        assert(r == 0 || r == -EBADMSG);
        if (r < 0) {
                assert(instance == -7);
                return;
        }
        (void) snprintf(again, sizeof(again), "instance=%d,cntlid=1\n", instance);
        assert(fabrics_answer_decode(again, &instance_again) == 0);
        assert(instance == instance_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *lines[N_LINES];
        char *text = strndup((const char *) data, size);
        assert(text);

        split(text, lines);
        check_answer(lines[0]);
        assert(fabrics_options_decode_supported(lines[0]) < 1U << _FABRICS_OPTION_MAX);
        assert(fabrics_options_by_release(lines[0]) < 1U << _FABRICS_OPTION_MAX);
        encode(lines, CONTROLLER_IO);
        encode(lines, CONTROLLER_DISCOVERY);
        free(text);
        return 0;
}
