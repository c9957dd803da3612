/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/calls.h"

#include <bsd/sys/tree.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "base/text.h"
#include "bus/bus.h"
#include "bus/service.h"

/* While calls keep arriving, calls are accepted for this multiple of the last answer's duration
 * before the next answer. */
#define TAKE_FACTOR 3
#define TAKE_MAX_USEC (100 * USEC_PER_MSEC)

enum { /* lower runs first: incoming calls are taken until the next answer is due */
        PRIORITY_ANSWER_NOW = BUS_SERVICE_PRIORITY - 1,
        PRIORITY_ANSWER = BUS_SERVICE_PRIORITY + 1,
};

typedef struct Call {
        STAILQ_ENTRY(Call) next;
        sd_bus_message *message;
        CallHandler handler;
} Call;

typedef enum Turn {
        TURN_FRESH, /* nothing answered since its queue was last empty */
        TURN_BUSY,
        _TURN_MAX,
} Turn;

typedef struct Sender {
        RB_ENTRY(Sender) node;
        TAILQ_ENTRY(Sender) next;
        Turn turn;                 /* its queue in turns */
        STAILQ_HEAD(, Call) calls; /* never empty */
        size_t n_calls;
        char name[]; /* unique on the bus; empty on a direct connection */
} Sender;

typedef RB_HEAD(Senders, Sender) Senders;

struct Calls {
        sd_bus *bus;
        void *userdata;
        Senders senders;
        TAILQ_HEAD(, Sender) turns[_TURN_MAX]; /* one round-robin queue for each turn */
        Turn turn;
        size_t n_calls;
        usec_t answer_at; /* until then, incoming calls take precedence */
        sd_event_source *answer, *gate;
};

static int sender_compare(const Sender *a, const Sender *b)
{
        return strcmp(a->name, b->name);
}

RB_PROTOTYPE(Senders, Sender, node, sender_compare)
RB_GENERATE(Senders, Sender, node, sender_compare)

/* ---- the queues ---- */

static Sender *calls_find(Calls *c, const char *name)
{
        Sender *s = RB_ROOT(&c->senders);

        while (s) {
                int order = strcmp(name, s->name);
                if (order == 0)
                        return s;
                s = order < 0 ? RB_LEFT(s, node) : RB_RIGHT(s, node);
        }
        return NULL;
}

static Sender *calls_add_sender(Calls *c, const char *name)
{
        size_t n = strlen(name) + 1;
        Sender *s = calloc(1, sizeof(*s) + n);

        if (!s)
                return NULL;
        memcpy(s->name, name, n);
        STAILQ_INIT(&s->calls);
        (void) RB_INSERT(Senders, &c->senders, s);
        TAILQ_INSERT_TAIL(&c->turns[s->turn], s, next);
        return s;
}

static void calls_remove_sender(Calls *c, Sender *s)
{
        (void) RB_REMOVE(Senders, &c->senders, s);
        TAILQ_REMOVE(&c->turns[s->turn], s, next);
        free(s);
}

static void call_free(Call *call)
{
        sd_bus_message_unref(call->message);
        free(call);
}

/* Removes the sender's oldest call, which the caller then owns. Frees the sender if it was the
 * last. */
static Call *calls_take(Calls *c, Sender *s)
{
        Call *call = STAILQ_FIRST(&s->calls);

        STAILQ_REMOVE_HEAD(&s->calls, next);
        c->n_calls--;
        if (--s->n_calls == 0)
                calls_remove_sender(c, s);
        return call;
}

static int refuse(sd_bus_message *call)
{
        int r = sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                           "Too many calls are waiting for an answer.");

        return r < 0 ? r : 1;
}

/* Refuses a call of a sender with the most calls. */
static void calls_make_room(Calls *c)
{
        Sender *s, *most = NULL;

        RB_FOREACH(s, Senders, &c->senders)
                if (!most || s->n_calls > most->n_calls)
                        most = s;
        Call *call = calls_take(c, most);
        (void) refuse(call->message);
        call_free(call);
}

/* ---- answers ---- */

static usec_t clock_now(void)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail, the clock always exists */
        return (usec_t) t.tv_sec * USEC_PER_SEC + (usec_t) t.tv_nsec / 1000;
}

static void call_answer(Call *call, void *userdata)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        int r = call->handler(call->message, userdata, &error);
        if (r == -ENOBUFS && !sd_bus_error_is_set(&error))
                (void) sd_bus_error_set_const(&error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                              "The answer is larger than a message on D-Bus may "
                                              "be. Ask for one controller at a time.");
        if (r < 0 || sd_bus_error_is_set(&error))
                (void) sd_bus_reply_method_errno(call->message, r, &error);
}

static Sender *calls_next_sender(Calls *c)
{
        Turn turn = TAILQ_EMPTY(&c->turns[c->turn]) ? !c->turn : c->turn;
        Sender *s = TAILQ_FIRST(&c->turns[turn]);

        c->turn = !turn;
        TAILQ_REMOVE(&c->turns[turn], s, next);
        s->turn = TURN_BUSY;
        TAILQ_INSERT_TAIL(&c->turns[TURN_BUSY], s, next);
        return s;
}

static int on_answer(sd_event_source *source, void *userdata)
{
        Calls *c = userdata;
        usec_t begin = clock_now();
        Call *call = calls_take(c, calls_next_sender(c));

        call_answer(call, c->userdata);
        call_free(call);

        usec_t now = clock_now();
        c->answer_at = usec_add(now, MIN(TAKE_FACTOR * (now - begin), TAKE_MAX_USEC));
        return 0;
}

/* Runs before each iteration of the loop. */
static int on_gate(sd_event_source *source, void *userdata)
{
        Calls *c = userdata;
        uint64_t n_unsent = 0, now = 0;
        bool can_answer = c->n_calls > 0 && sd_bus_get_n_queued_write(c->bus, &n_unsent) >= 0 &&
                          n_unsent == 0;

        /* These fail only if the loop has ended. */
        (void) sd_event_source_set_enabled(c->answer, can_answer ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
        if (!can_answer)
                return 0;
        (void) sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now);
        (void) sd_event_source_set_priority(c->answer, now >= c->answer_at ? PRIORITY_ANSWER_NOW
                                                                           : PRIORITY_ANSWER);
        return 0;
}

/* ---- life ---- */

int calls_new(sd_bus *bus, void *userdata, Calls **ret)
{
        _cleanup_(calls_freep) Calls *c = calloc(1, sizeof(*c));
        sd_event *event = sd_bus_get_event(bus);
        int r;

        if (!c)
                return -ENOMEM;
        c->bus = sd_bus_ref(bus);
        c->userdata = userdata;
        RB_INIT(&c->senders);
        for (Turn i = 0; i < _TURN_MAX; i++)
                TAILQ_INIT(&c->turns[i]);
        if ((r = sd_event_add_defer(event, &c->answer, on_answer, c)) < 0 ||
            (r = sd_event_source_set_enabled(c->answer, SD_EVENT_OFF)) < 0 ||
            /* The timer never fires; only its prepare callback is used. */
            (r = sd_event_add_time(event, &c->gate, CLOCK_MONOTONIC, USEC_INFINITY, 0, NULL, c)) <
                    0 ||
            (r = sd_event_source_set_prepare(c->gate, on_gate)) < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

Calls *calls_free(Calls *c)
{
        Sender *s;

        if (!c)
                return NULL;
        while ((s = RB_MIN(Senders, &c->senders)))
                call_free(calls_take(c, s));
        sd_event_source_disable_unref(c->answer);
        sd_event_source_disable_unref(c->gate);
        sd_bus_unref(c->bus);
        free(c);
        return NULL;
}

/* Queued calls must be small. Only strings can be large. */
static int check_texts(sd_bus_message *m, sd_bus_error *error)
{
        const char *text, *types = sd_bus_message_get_signature(m, true);

        for (; *types == 's'; types++) {
                int r = sd_bus_message_read_basic(m, 's', &text);
                if (r < 0)
                        return r;
                if (strlen(text) > BUS_STRING_MAX)
                        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                                "No device, NQN or address is that long.");
        }
        return sd_bus_message_rewind(m, true);
}

int calls_add(Calls *c, sd_bus_message *call, CallHandler handler, sd_bus_error *error)
{
        const char *name = text_or(sd_bus_message_get_sender(call), "");
        int r = check_texts(call, error);

        if (r < 0)
                return r;
        if (c->n_calls >= CALLS_MAX)
                calls_make_room(c);
        Sender *s = calls_find(c, name);
        if (s && s->n_calls >= CALLS_PER_SENDER_MAX)
                return refuse(call);
        Call *item = calloc(1, sizeof(*item));
        if (!item || (!s && !(s = calls_add_sender(c, name)))) {
                free(item);
                return -ENOMEM;
        }
        *item = (Call) { .message = sd_bus_message_ref(call), .handler = handler };
        STAILQ_INSERT_TAIL(&s->calls, item, next);
        s->n_calls++;
        c->n_calls++;
        return 1;
}
