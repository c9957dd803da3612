/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/script.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "peer/script-internal.h"

enum {
        WORDS_MAX = 64,
};

typedef struct ScriptCommand {
        const char *name;      /* one or two words */
        const char *arguments; /* for the help text */
        size_t n_min, n_max;   /* words after the name */
        void (*run)(Script *s);
} ScriptCommand;

static const ScriptCommand commands[] = {
        { "entry add", "KEY=VALUE...", 2, WORDS_MAX, script_entry_add },
        { "entry many", "COUNT KEY=VALUE...", 2, WORDS_MAX, script_entry_many },
        { "entry set", "NQN KEY=VALUE...", 2, WORDS_MAX, script_entry_set },
        { "entry remove", "NQN", 1, 1, script_entry_remove },
        { "entry clear", "", 0, 0, script_entry_clear },
        { "set", "KEY=VALUE...", 1, WORDS_MAX, script_set },
        { "aen", "[force]", 0, 1, script_aen },
        { "stall", "STEP [COUNT]", 1, 2, script_fault },
        { "reset", "STEP [COUNT]", 1, 2, script_fault },
        { "drop", "STEP [COUNT]", 1, 2, script_fault },
        { "fail", "STEP STATUS [COUNT]", 2, 3, script_fault },
        { "pass", "STEP|all", 1, 1, script_pass },
        { "disconnect", "[HOST]", 0, 1, script_disconnect },
        { "show", "", 0, 0, script_show },
        { "log clear", "", 0, 0, script_log_clear },
        { "log", "", 0, 0, script_log },
};

_printf_(3, 0) static void answer(Script *s, const char *word, const char *format, va_list args)
{
        _cleanup_free_ char *text = NULL;
        if (vasprintf(&text, format, args) < 0) {
                text = NULL;
                return;
        }
        text_make_printable(text);
        text_buffer_printf(s->answer, "%s%s%s\n", word, *text ? " " : "", text);
}

void script_ok(Script *s, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        answer(s, "ok", format, args);
        va_end(args);
}

void script_fail(Script *s, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        answer(s, "error", format, args);
        va_end(args);
}

char *script_cut_value(char *word)
{
        char *equals = strchr(word, '=');
        if (!equals)
                return NULL;
        *equals = '\0';
        return equals + 1;
}

int script_number(const char *text, uint64_t max, uint64_t *ret)
{
        const char *digits = text_after(text, "0x");
        if (!digits)
                return text_to_u64(text, 0, max, ret);

        size_t n = strlen(digits);
        if (n == 0 || n > 16 || strspn(digits, "0123456789abcdefABCDEF") != n)
                return -EINVAL;
        uint64_t value = strtoull(digits, NULL, 16);
        if (value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}

void json_put_text(TextBuffer *b, const char *text)
{
        text_buffer_append(b, "\"");
        for (; *text; text++) {
                if (*text == '"' || *text == '\\')
                        text_buffer_append(b, "\\");
                text_buffer_append_bytes(b, (unsigned char) *text < ' ' ? "?" : text, 1);
        }
        text_buffer_append(b, "\"");
}

static size_t split(char *line, char **words)
{
        size_t n = 0;
        char *rest = line;
        for (char *word; (word = strtok_r(rest, " \t\r\n", &rest));) {
                if (n == WORDS_MAX)
                        return WORDS_MAX + 1;
                words[n++] = word;
        }
        return n;
}

/* Returns the number of words in the command's name if these begin with it; otherwise 0. */
static size_t match(const char *name, char *const *words, size_t n_words)
{
        const char *second = strchr(name, ' ');
        size_t length = second ? (size_t) (second - name) : strlen(name);
        if (n_words == 0 || strlen(words[0]) != length || strncmp(words[0], name, length) != 0)
                return 0;
        if (!second)
                return 1;
        return n_words > 1 && streq(words[1], second + 1) ? 2 : 0;
}

static void run(Script *s)
{
        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                const ScriptCommand *c = &commands[i];
                size_t n_name = match(c->name, s->words, s->n_words);
                if (n_name == 0)
                        continue;
                size_t n = s->n_words - n_name;
                if (n < c->n_min || n > c->n_max)
                        script_fail(s, "usage: %s%s%s", c->name, *c->arguments ? " " : "",
                                    c->arguments);
                else
                        c->run(s);
                return;
        }
        script_fail(s, "no such command: %s", s->n_words > 0 ? s->words[0] : "");
}

void script_execute(Peer *p, char *line, usec_t now, TextBuffer *out)
{
        char *words[WORDS_MAX];
        Script s = { .peer = p, .words = words, .now = now, .answer = out };
        s.n_words = split(line, words);
        if (s.n_words > WORDS_MAX)
                script_fail(&s, "more than %d words", WORDS_MAX);
        else
                run(&s);
}

void script_describe(TextBuffer *b)
{
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                text_buffer_printf(b, "  %s%s%s\n", commands[i].name,
                                   *commands[i].arguments ? " " : "", commands[i].arguments);
}
