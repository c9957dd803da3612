/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/output.h"

#define INTERVAL_SEC 1

/* Control sequences of ECMA-48, and DEC's pair that saves and restores the cursor. */
#define SCREEN_CLEAR "\x1b[2J"
#define SCREEN_HOME "\x1b[H"
#define SCREEN_CLEAR_LINE "\x1b[K"
#define SCREEN_CLEAR_BELOW "\x1b[J"
#define SCREEN_SAVE_PLACE                                                                          \
        "\033"                                                                                     \
        "7"
#define SCREEN_RESTORE_PLACE                                                                       \
        "\033"                                                                                     \
        "8"

/* Nothing to clean up: each list has been flushed. */
static void on_interrupt(int signal)
{
        _exit(EXIT_SUCCESS);
}

static int flush(const Invocation *i)
{
        if (fflush(stdout) == 0)
                return 0;
        cli_error(i, "Cannot write the output: %m");
        return -EIO;
}

/* Overwrites the screen, since clearing it first flickers. */
static int draw(const Invocation *i, const WatchedList *l, struct json_object *rows)
{
        _cleanup_free_ char *text = l->to_text(i, rows);
        char *rest = text, *line;

        if (!text)
                return cli_oom(i);
        fputs(SCREEN_HOME, stdout);
        if (!*text)
                printf("%s" SCREEN_CLEAR_LINE "\n", l->nothing);
        while ((line = strsep(&rest, "\n")) && rest)
                printf("%s" SCREEN_CLEAR_LINE "\n", line);
        fputs(SCREEN_CLEAR_BELOW SCREEN_SAVE_PLACE, stdout);
        return flush(i);
}

/* Errors are shown below the list, one at a time. */
static int get_for_screen(DaemonClient *c, const WatchedList *l, struct json_object **ret)
{
        fputs(SCREEN_RESTORE_PLACE SCREEN_CLEAR_BELOW, stdout);
        int r = flush(c->invocation);

        return r < 0 ? -EIO : l->get(c, ret);
}

static int watch_on_screen(DaemonClient *c, const WatchedList *l)
{
        bool is_first = true;

        for (;;) {
                _cleanup_json_ struct json_object *rows = NULL;
                int r = is_first ? l->get(c, &rows) : get_for_screen(c, l, &rows);

                if (r < 0 && (is_first || r == -EIO || r == -ENOTCONN))
                        return r;
                if (is_first)
                        fputs(SCREEN_CLEAR, stdout);
                is_first = false;
                if (r >= 0 && (r = draw(c->invocation, l, rows)) < 0)
                        return r;
                (void) sleep(INTERVAL_SEC);
        }
}

/* Running timers are not a change. */
static char *make_fingerprint(struct json_object *rows)
{
        _cleanup_json_ struct json_object *copy = NULL;

        if (json_object_deep_copy(rows, &copy, NULL) < 0)
                return NULL;
        for (size_t i = 0; i < json_object_array_length(copy); i++)
                json_object_object_del(json_object_array_get_idx(copy, i), "retry connect timer");
        const char *text = json_object_to_json_string_ext(copy, JSON_C_TO_STRING_PLAIN);

        return text ? strdup(text) : NULL;
}

static int print(const Invocation *i, const WatchedList *l, struct json_object *rows)
{
        int r = cli_wants_json(i) ? output_json(i, rows)
                                  : output_text_or(i, l->to_text(i, rows), l->nothing);

        return r < 0 ? r : flush(i);
}

static int watch_line_by_line(DaemonClient *c, const WatchedList *l)
{
        _cleanup_free_ char *last = NULL;

        for (;; (void) sleep(INTERVAL_SEC)) {
                _cleanup_json_ struct json_object *rows = NULL;
                _cleanup_free_ char *now = NULL;
                int r = l->get(c, &rows);

                if (r < 0)
                        return r;
                now = make_fingerprint(rows);
                if (!now)
                        return cli_oom(c->invocation);
                if (streq_ptr(last, now))
                        continue;
                if (last && !cli_wants_json(c->invocation))
                        putchar('\n');
                free(last);
                last = TAKE_PTR(now);
                r = print(c->invocation, l, rows);
                if (r < 0)
                        return r;
        }
}

int watch_list(DaemonClient *c, const WatchedList *l)
{
        const struct sigaction action = { .sa_handler = on_interrupt };

        (void) sigaction(SIGINT, &action, NULL); /* cannot fail for SIGINT */
        return output_is_screen() && !cli_wants_json(c->invocation) ? watch_on_screen(c, l)
                                                                    : watch_line_by_line(c, l);
}
