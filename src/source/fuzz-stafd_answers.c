/* SPDX-License-Identifier: Apache-2.0 */

/* Answers of a foreign stafd: the first byte selects one of the five answers, and whether it has
 * the right type; the lines are its strings. Decoded values must be bounded and printable, and
 * convertible to a SourceSet; changes must be applicable, or if inconsistent must remove
 * nothing. */

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "source/dc_table.h"
#include "source/stafd_answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A message belongs to a connection; nothing is sent on this one. */
static sd_bus *make_bus(void)
{
        sd_bus *bus;
        int fds[2];

        assert(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
        assert(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert(sd_bus_start(bus) >= 0);
        return bus;
}

/* ---- encoding ---- */

static const char *next_line(char **rest)
{
        return *rest ? strsep(rest, "\n") : "";
}

/* Each line is "KEY=VALUE"; an empty one ends the dictionary. */
static void append_dictionary(sd_bus_message *m, char **rest)
{
        assert(sd_bus_message_open_container(m, 'a', "{ss}") >= 0);
        for (;;) {
                _cleanup_free_ char *line = strdup(next_line(rest));
                if (!*line)
                        break;
                char *value = line, *key = strsep(&value, "=");
                assert(sd_bus_message_append(m, "{ss}", key, text_or(value, "")) >= 0);
        }
        assert(sd_bus_message_close_container(m) >= 0);
}

static void append_dictionaries(sd_bus_message *m, char **rest)
{
        assert(sd_bus_message_open_container(m, 'a', "a{ss}") >= 0);
        while (*rest)
                append_dictionary(m, rest);
        assert(sd_bus_message_close_container(m) >= 0);
}

/* Nine lines each. */
static void append_sources(sd_bus_message *m, char **rest)
{
        const char *text[9];

        assert(sd_bus_message_open_container(m, 'a', "(ssssssssst)") >= 0);
        while (*rest) {
                for (size_t i = 0; i < ELEMENTSOF(text); i++)
                        text[i] = next_line(rest);
                assert(sd_bus_message_append(m, "(ssssssssst)", text[0], text[1], text[2], text[3],
                                             text[4], text[5], text[6], text[7], text[8],
                                             UINT64_C(1)) >= 0);
        }
        assert(sd_bus_message_close_container(m) >= 0);
}

/* A bus does not carry text that is not UTF-8. */
static bool is_carried(sd_bus *bus, const char *text)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert(sd_bus_message_new_signal(bus, &m, "/a", "a.b", "c") >= 0);
        return sd_bus_message_append_basic(m, 's', text) >= 0;
}

static uint64_t next_number(char **rest)
{
        return strtoull(next_line(rest), NULL, 10);
}

/* Three lines each, and a number; an empty line ends them. */
static void append_changed_entries(sd_bus_message *m, char **rest)
{
        assert(sd_bus_message_open_container(m, 'a', "(tyyyyqqqqyssss)") >= 0);
        for (uint64_t position; (position = next_number(rest)) > 0;) {
                const char *traddr = next_line(rest), *subnqn = next_line(rest);
                assert(sd_bus_message_append(m, "(tyyyyqqqqyssss)", position, 3, 1,
                                             (int) (position % 4), 0, 1, 2, 3, 4, 2, traddr, "4420",
                                             subnqn, next_line(rest)) >= 0);
        }
        assert(sd_bus_message_close_container(m) >= 0);
}

/* A log: address, device, state, number of entries; the entries; a removed one. */
static void append_changed_logs(sd_bus_message *m, char **rest)
{
        assert(sd_bus_message_open_container(m, 'a', "((sssssss)sstuba(tyyyyqqqqyssss)at)") >= 0);
        while (*rest) {
                const char *traddr = next_line(rest), *device = next_line(rest),
                           *state = next_line(rest);
                uint64_t n = next_number(rest);
                assert(sd_bus_message_open_container(m, 'r', "(sssssss)sstuba(tyyyyqqqqyssss)at") >=
                       0);
                assert(sd_bus_message_append(m, "(sssssss)sstub", "tcp", traddr, "", "", "", "", "",
                                             device, state, UINT64_C(1), (uint32_t) n / 2,
                                             (int) (n % 2)) >= 0);
                append_changed_entries(m, rest);
                assert(sd_bus_message_append(m, "at", 1, next_number(rest)) >= 0);
                assert(sd_bus_message_close_container(m) >= 0);
        }
        assert(sd_bus_message_close_container(m) >= 0);
}

/* Flags, and the address of a removed one. */
static void append_changes(sd_bus_message *m, char *rest)
{
        uint64_t flags = next_number(&rest);
        const char *gone = next_line(&rest);

        assert(sd_bus_message_append(m, "tttbbb", UINT64_C(1), UINT64_C(2), UINT64_C(3),
                                     (int) (flags & 1), (int) (flags & 2), (int) (flags & 4)) >= 0);
        append_changed_logs(m, &rest);
        assert(sd_bus_message_append(m, "a(sssssss)", 1, "tcp", gone, "", "", "", "", "") >= 0);
}

static bool is_changes(uint8_t what)
{
        return (what & 0x7f) == 0x7f;
}

static sd_bus_message *make_answer(sd_bus *bus, uint8_t what, char *rest)
{
        sd_bus_message *m;

        assert(sd_bus_message_new_signal(bus, &m, "/a", "a.b", "c") >= 0);
        if (is_changes(what)) {
                append_changes(m, rest);
                assert(sd_bus_message_seal(m, 1, 0) >= 0);
                return m;
        }
        switch (what % 3) {
        case 0:
                assert(sd_bus_message_append(m, "b", what & 0x80) >= 0);
                append_sources(m, &rest);
                break;
        case 1:
                assert(sd_bus_message_append(m, "st", next_line(&rest), UINT64_C(1)) >= 0);
                append_dictionaries(m, &rest);
                break;
        default:
                append_dictionaries(m, &rest);
        }
        assert(sd_bus_message_seal(m, 1, 0) >= 0);
        return m;
}

/* ---- invariants ---- */

static void check_text(const char *text)
{
        for (; *text; text++)
                assert((unsigned char) *text >= ' ' && *text != 0x7f);
}

static void check_list(const StafdList *l)
{
        assert(l->n_items <= STAFD_CONTROLLERS_MAX);
        for (size_t i = 0; i < l->n_items; i++) {
                assert(l->items[i].tid && l->items[i].state < _SOURCE_STATE_MAX);
                assert(*l->items[i].tid->subsysnqn);
                check_text(l->items[i].device);
        }
}

static void check_log(const StafdLog *l, SourceState state)
{
        const TidFields fields = { .transport = "tcp", .traddr = "fe80::1%eth0" };
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        _cleanup_tid_ Tid *dc = NULL;

        assert(l->n_entries <= STAFD_ENTRIES_MAX);
        assert(tid_new(&fields, CONTROLLER_DISCOVERY, &dc) == 0);
        StafdOrigin origin = {
                .key = "dc", .device = "nvme1", .dc = dc, .host = { .nqn = "nqn.host" }
        };
        assert(stafd_log_to_set(l, state, &origin, &set) == 0);
        assert(set->state == (l->damaged && state == SOURCE_COMPLETE ? SOURCE_PARTIAL : state));
        assert(set->n_entries <= l->n_entries);
        for (size_t i = 0; i < set->n_entries; i++) {
                const SourceEntry *e = &set->entries[i];
                assert(e->dlpe && *e->tid->subsysnqn && streq(e->tid->host_nqn, "nqn.host"));
                assert(source_set_find(set, e->tid) == e);
        }
}

static int decode_list(sd_bus_message *m, int (*decode)(sd_bus_message *, StafdList *))
{
        _cleanup_(stafd_list_done) StafdList l = { 0 };

        assert(sd_bus_message_rewind(m, true) >= 0);
        int r = decode(m, &l);
        if (r == 0)
                check_list(&l);
        assert(r == 0 || (r == -EBADMSG && !l.items));
        return r;
}

static int decode_log(sd_bus_message *m, int (*decode)(sd_bus_message *, StafdLog *))
{
        _cleanup_(stafd_log_done) StafdLog l = { 0 };

        assert(sd_bus_message_rewind(m, true) >= 0);
        int r = decode(m, &l);
        if (r == 0)
                for (int s = 0; s < _SOURCE_STATE_MAX; s++)
                        check_log(&l, (SourceState) s);
        assert(r == 0 || (r == -EBADMSG && !l.entries));
        return r;
}

/* Nothing is removed, and no list is complete, except through a consistent last page. */
typedef struct Word {
        bool may_end, ended;
} Word;

static void check_word(SourceSet *set, const char *key, void *userdata)
{
        Word *w = userdata;
        bool ends = !set || (streq(key, STAFD_SOURCE_KEY) && set->state == SOURCE_COMPLETE);

        assert(w->may_end || !ends);
        w->ended = w->ended || ends;
        for (size_t i = 0; set && i < set->n_entries; i++)
                check_text(set->entries[i].dlpe->traddr);
        (void) source_set_free(set);
}

static void take_changes(LogChanges *c)
{
        Word word = { 0 };
        DcTable t;

        dc_table_init(&t, check_word, &word);
        assert(dc_table_set_host(&t, (DlpeHost) { "nqn.host", false, false }) == 0);
        assert(dc_table_expect(&t, "dc remembered") == 0);
        word.may_end = c->complete && !c->more && !c->has_hole;
        int r = dc_table_take(&t, c, 1);
        assert(r == 0 || (r == -EBADMSG && !word.ended));
        for (size_t i = 0; i < t.n_dcs; i++)
                assert(t.dcs[i]->log.n_entries + t.dcs[i]->next.n_entries <= STAFD_ENTRIES_MAX);
        dc_table_done(&t);
}

static int decode_changes(sd_bus_message *m)
{
        _cleanup_log_changes_ LogChanges c = { 0 };

        assert(sd_bus_message_rewind(m, true) >= 0);
        int r = stafd_changes_decode(m, &c);
        if (r == 0)
                take_changes(&c);
        assert(r == 0 || (r == -EBADMSG && !c.logs));
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static sd_bus *fuzz_bus;

        if (size == 0)
                return 0;
        if (!fuzz_bus)
                fuzz_bus = make_bus();
        _cleanup_free_ char *lines = strndup((const char *) data + 1, size - 1);
        assert(lines);
        if (!is_carried(fuzz_bus, lines))
                return 0;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = make_answer(fuzz_bus, data[0], lines);
        int n_decoded = (decode_list(m, stafd_list_decode) == 0) +
                        (decode_list(m, stafd_list_decode_controllers) == 0) +
                        (decode_log(m, stafd_log_decode) == 0) +
                        (decode_log(m, stafd_log_decode_pages) == 0);
        int n_changes = decode_changes(m) == 0;
        /* Each decoder accepts only its own type. */
        assert(n_decoded <= (is_changes(data[0]) ? 0 : data[0] % 3 == 2 ? 2 : 1));
        assert(n_changes <= is_changes(data[0]));
        return 0;
}
