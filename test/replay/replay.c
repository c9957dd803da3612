/* SPDX-License-Identifier: Apache-2.0 */

#include "replay.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/view.h"
#include "codec/recording.h"
#include "explain/explain.h"
#include "plan/engine-input.h"

typedef struct Replay {
        const ReplayOptions *options;
        const char *name;
        size_t line, damaged_line; /* 0: none */
        Engine *engine;            /* NULL: not started */
        bool ended;                /* and not started again */
        usec_t begun, now;
} Replay;

static void replay_done(Replay *p)
{
        (void) engine_free(p->engine);
}

/* ---- output ---- */

_printf_(2, 3) static ReplayResult unusable(const Replay *p, const char *format, ...)
{
        va_list ap;

        (void) fprintf(p->options->out, "%s:%zu: ", p->name, p->line);
        va_start(ap, format);
        (void) vfprintf(p->options->out, format, ap);
        va_end(ap);
        (void) fputc('\n', p->options->out);
        return REPLAY_UNUSABLE;
}

static void print_time(const Replay *p)
{
        usec_t since = p->now - p->begun;

        (void) fprintf(p->options->out, "%6" PRIu64 ".%06" PRIu64 "  ", since / USEC_PER_SEC,
                       since % USEC_PER_SEC);
}

/* "connect op=3 controller=(…)": the first property is printed without its key. */
static void print_properties(const Replay *p, const char *sign, const Properties *l)
{
        print_time(p);
        (void) fprintf(p->options->out, "%s %s", sign, l->items[0].value);
        for (size_t i = 1; i < l->n_items; i++)
                (void) fprintf(p->options->out, " %s=%s", l->items[i].key, l->items[i].value);
        (void) fputc('\n', p->options->out);
}

static int print_plan(const Replay *p, const Plan *plan, const PropertiesList *actions)
{
        for (size_t i = 0; i < actions->n_items; i++)
                print_properties(p, "->", &actions->items[i]);
        for (size_t i = 0; i < plan->n_notes; i++) {
                _cleanup_properties_ Properties note = { 0 };

                if (note_describe(&plan->notes[i], &note) < 0)
                        return -ENOMEM;
                print_properties(p, " *", &note);
        }
        return 0;
}

static void print_start(const Replay *p, const RecordingLine *l)
{
        time_t seconds = (time_t) (l->realtime / USEC_PER_SEC);
        struct tm tm;
        char text[64];

        if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%F %T UTC", &tm) == 0)
                text[0] = '\0';
        print_time(p);
        (void) fprintf(p->options->out, "== %s starts, %s\n", l->text, text);
}

static int explain(const Replay *p)
{
        const Explainer x = { .engine = p->engine, .now = p->now };
        _cleanup_properties_list_ PropertiesList rows = { 0 };
        _cleanup_json_ struct json_object *json = NULL;
        _cleanup_free_ char *text = NULL;

        int r = explain_controllers(&x, "", &rows);
        if (r >= 0)
                json = json_from_properties_list(&rows);
        if (json)
                text = view_explanations(json, false);
        if (!text)
                return -ENOMEM;
        print_time(p);
        (void) fprintf(p->options->out, "== %zu controllers\n%s", rows.n_items, text);
        return 0;
}

/* ---- lines ---- */

static ReplayResult start(Replay *p, RecordingLine *l)
{
        if (!p->engine)
                p->begun = p->now;
        p->engine = engine_free(p->engine);
        p->ended = false;
        if (engine_new(l->policy, &p->engine) < 0)
                return unusable(p, "out of memory");
        l->policy = NULL;
        if (!p->options->quiet)
                print_start(p, l);
        return REPLAY_SAME;
}

static ReplayResult take(Replay *p, RecordingLine *l, const char *line)
{
        if (p->options->inputs) {
                print_time(p);
                (void) fprintf(p->options->out, "<- %s\n", line);
        }
        return engine_take(p->engine, &l->input) < 0 ? unusable(p, "out of memory") : REPLAY_SAME;
}

static int describe_actions(const Plan *plan, PropertiesList *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_actions; i++) {
                Properties *p = properties_list_add(ret);
                r = p ? action_describe(&plan->actions[i], p) : -ENOMEM;
        }
        return r;
}

static ReplayResult compare(const Replay *p, const RecordingLine *l, const PropertiesList *actions)
{
        for (size_t i = 0; i < l->n_actions || i < actions->n_items; i++) {
                _cleanup_free_ char *now =
                        i < actions->n_items ? recording_encode_action(&actions->items[i]) : NULL;
                const char *then = i < l->n_actions ? l->actions[i] : NULL;

                if (i < actions->n_items && !now)
                        return unusable(p, "out of memory");
                if (streq_ptr(now, then))
                        continue;
                (void) unusable(p, "at %" PRIu64 ".%06" PRIu64 " s another decision",
                                (p->now - p->begun) / USEC_PER_SEC,
                                (p->now - p->begun) % USEC_PER_SEC);
                (void) fprintf(p->options->out, "  recorded: %s\n  replayed: %s\n",
                               text_or(then, "nothing"), text_or(now, "nothing"));
                return REPLAY_DIFFERENT;
        }
        return REPLAY_SAME;
}

static ReplayResult plan_again(Replay *p, const RecordingLine *l)
{
        _cleanup_properties_list_ PropertiesList actions = { 0 };
        const Plan *plan;

        int r = engine_plan(p->engine, p->now, &plan);
        if (r >= 0)
                r = describe_actions(plan, &actions);
        if (r >= 0 && !p->options->quiet)
                r = print_plan(p, plan, &actions);
        return r < 0 ? unusable(p, "out of memory") : compare(p, l, &actions);
}

static ReplayResult end(Replay *p, const RecordingLine *l)
{
        p->ended = true;
        if (!p->options->quiet) {
                print_time(p);
                (void) fprintf(p->options->out, "== ends: %s\n", l->text);
        }
        return REPLAY_SAME;
}

static ReplayResult replay_line(Replay *p, RecordingLine *l, const char *line)
{
        if (l->kind != RECORDING_START && (!p->engine || p->ended || p->damaged_line > 0))
                return unusable(p, p->damaged_line > 0 ? "goes on behind a damaged line"
                                   : p->engine         ? "goes on behind its end"
                                                       : "not a recording");
        p->damaged_line = 0;
        switch (l->kind) {
        case RECORDING_START:
                return start(p, l);
        case RECORDING_INPUT:
                return take(p, l, line);
        case RECORDING_PLAN:
                return plan_again(p, l);
        case RECORDING_END:
                return end(p, l);
        }
        return REPLAY_UNUSABLE;
}

/* Returns false after the requested time. */
static bool is_in_time(const Replay *p, usec_t now)
{
        return !p->engine || now <= usec_add(p->begun, p->options->until);
}

static ReplayResult replay_text(Replay *p, const char *line, bool *ret_more)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };

        int r = recording_decode(line, strlen(line), &l);
        if (r == -EPROTONOSUPPORT)
                return unusable(p, "a recording of another version");
        if (r == -ENOMEM)
                return unusable(p, "out of memory");
        if (r < 0 && (!p->engine || p->damaged_line > 0))
                return unusable(p, p->engine ? "damaged" : "not a recording");
        if (r < 0) {
                p->damaged_line = p->line; /* truncated, unless more lines follow */
                return REPLAY_SAME;
        }
        *ret_more = is_in_time(p, l.now);
        if (!*ret_more)
                return REPLAY_SAME;
        p->now = l.now;
        return replay_line(p, &l, line);
}

ReplayResult replay_file(FILE *f, const char *name, const ReplayOptions *o)
{
        _cleanup_(replay_done) Replay p = { .options = o, .name = name };
        _cleanup_free_ char *line = NULL;
        ReplayResult result = REPLAY_SAME;
        size_t n_allocated = 0;
        bool more = true;
        ssize_t n;

        while (more && result == REPLAY_SAME && (n = getline(&line, &n_allocated, f)) > 0) {
                if (line[n - 1] == '\n')
                        line[n - 1] = '\0';
                p.line++;
                result = replay_text(&p, line, &more);
        }
        if (result != REPLAY_SAME)
                return result;
        if (ferror(f) || !p.engine)
                return unusable(&p, ferror(f) ? "cannot be read" : "not a recording");
        if (!more)
                p.now = usec_add(p.begun, o->until);
        return o->explain && explain(&p) < 0 ? unusable(&p, "out of memory") : REPLAY_SAME;
}
