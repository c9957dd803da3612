/* SPDX-License-Identifier: Apache-2.0 */

/* The input consists of lines with the parts of a connection. Whatever they contain, the name is
 * valid for systemd, and the unit's shell turns it into exactly these arguments. */

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "codec/connect_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
        N_LINES = 5,
};

static void check_characters(const char *name)
{
        assert(strlen(name) <= 255);
        for (const char *c = name; *c; c++)
                assert((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
                       (*c >= 'A' && *c <= 'Z') || strchr(":-_.\\@", *c));
}

static unsigned digit(char c)
{
        const char *p = strchr("0123456789abcdef", c);
        assert(c && p);
        return (unsigned) (p - "0123456789abcdef");
}

/* Like `echo -e`. */
static void unescape(char *s)
{
        char *to = s;

        while (*s) {
                if (*s != '\\') {
                        *to++ = *s++;
                } else if (s[1] == 't') {
                        *to++ = '\t';
                        s += 2;
                } else {
                        assert(s[1] == 'x');
                        *to++ = (char) (digit(s[2]) << 4 | digit(s[3]));
                        s += 4;
                }
        }
        *to = '\0';
}

/* Like the shell splits the output of a command substitution. */
static void check_argument(char **rest, const char *name, const char *value)
{
        if (!*value)
                return;
        const char *argument = strsep(rest, " \t\n");
        assert(argument);
        argument = text_after(argument, name);
        assert(argument && streq(argument, value));
}

static void check_name(char *name, const Tid *t)
{
        const char *prefix = "nvmf-connect@", *suffix = ".service";
        size_t n = strlen(name);

        check_characters(name);
        assert(text_after(name, prefix) && n > strlen(suffix));
        assert(streq(name + n - strlen(suffix), suffix));
        name[n - strlen(suffix)] = '\0';
        name += strlen(prefix);
        unescape(name);
        check_argument(&name, "--device=", "nvme7");
        check_argument(&name, "--transport=", transport_to_string(t->transport));
        check_argument(&name, "--traddr=", t->traddr);
        check_argument(&name, "--trsvcid=", t->trsvcid);
        check_argument(&name, "--host-traddr=", t->host_traddr);
        check_argument(&name, "--host-iface=", t->host_iface);
        assert(!name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup((const char *) data, size), *name = NULL;
        _cleanup_tid_ Tid *tid = NULL;
        const char *lines[N_LINES];
        char *rest = text;

        assert(text);
        for (size_t i = 0; i < N_LINES; i++)
                lines[i] = rest ? strsep(&rest, "\n") : "";
        const TidFields fields = {
                .transport = lines[0],
                .traddr = lines[1],
                .trsvcid = lines[2],
                .host_traddr = lines[3],
                .host_iface = lines[4],
        };
        if (tid_new(&fields, CONTROLLER_DISCOVERY, &tid) < 0)
                return 0;
        int r = connect_unit_name(7, tid, &name);
        assert(r == 0 || (!name && (r == -ENAMETOOLONG || r == -EINVAL)));
        if (r == 0)
                check_name(name, tid);
        return 0;
}
