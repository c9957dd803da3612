/* SPDX-License-Identifier: Apache-2.0 */

/* The first line is the host ID, the rest is the file. There are never errors; each rule has a
 * location and excludes something; with another ID there are no more rules, and parsing again
 * yields the same. */

#include <assert.h>

#include "base/text.h"
#include "codec/exclusion_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rule(const ExcludeRule *r)
{
        assert(text_after(r->where, "fuzz:"));
        assert(r->has_transport || r->traddr || r->trsvcid || r->subsysnqn || r->host_traddr ||
               r->host_iface || r->host_nqn);
        assert(!r->subsysnqn || strlen(r->subsysnqn) <= NQN_MAX);
}

static void parse(const char *text, size_t n, const char *host_id, ExcludeList *l)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert(exclusion_file_parse("fuzz", text, n, host_id, l, &d) == 0);
        assert(!diagnostics_has_errors(&d));
        for (size_t i = 0; i < l->n_rules; i++)
                check_rule(&l->rules[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(exclude_list_done) ExcludeList l = { 0 }, again = { 0 }, of_nobody = { 0 };
        const char *text = (const char *) data;
        const char *newline = size > 0 ? memchr(text, '\n', size) : NULL;
        size_t n_id = newline ? (size_t) (newline - text) : 0, n_skip = newline ? n_id + 1 : 0;
        _cleanup_free_ char *host_id = strndup(text_or(size > 0 ? text : NULL, ""), n_id);

        assert(host_id);
        parse(text + n_skip, size - n_skip, host_id, &l);
        parse(text + n_skip, size - n_skip, host_id, &again);
        parse(text + n_skip, size - n_skip, NULL, &of_nobody);
        assert(exclude_list_equal(&l, &again));
        assert(of_nobody.n_rules <= l.n_rules);
        return 0;
}
