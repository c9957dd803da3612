/* SPDX-License-Identifier: Apache-2.0 */

#include "base/span.h"

#include <inttypes.h>
#include <strings.h>

#include "base/text.h"

#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)
#define USEC_PER_WEEK (7 * USEC_PER_DAY)
/* As in systemd.time(7). */
#define USEC_PER_MONTH (2629800 * USEC_PER_SEC)
#define USEC_PER_YEAR (31557600 * USEC_PER_SEC)

static const struct {
        const char *name;
        usec_t usec;
} units[] = {
        { "us", 1 },
        { "usec", 1 },
        { "y", USEC_PER_YEAR },
        { "year", USEC_PER_YEAR },
        { "years", USEC_PER_YEAR },
        { "month", USEC_PER_MONTH },
        { "months", USEC_PER_MONTH },
        { "ms", USEC_PER_MSEC },
        { "msec", USEC_PER_MSEC },
        { "msecs", USEC_PER_MSEC },
        { "s", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "secs", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "seconds", USEC_PER_SEC },
        { "m", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "mins", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "minutes", USEC_PER_MINUTE },
        { "h", USEC_PER_HOUR },
        { "hr", USEC_PER_HOUR },
        { "hrs", USEC_PER_HOUR },
        { "hour", USEC_PER_HOUR },
        { "hours", USEC_PER_HOUR },
        { "d", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "days", USEC_PER_DAY },
        { "w", USEC_PER_WEEK },
        { "week", USEC_PER_WEEK },
        { "weeks", USEC_PER_WEEK },
};

#define FRACTION_SCALE 1000000U /* six digits */

/* A fixed-point decimal number. */
typedef struct Number {
        uint64_t whole;
        uint32_t fraction; /* in units of 1/FRACTION_SCALE; digits after the sixth are below a
                              microsecond */
        unsigned n_whole_digits;
        bool has_fraction;
} Number;

static const char *skip_spaces(const char *s)
{
        while (*s == ' ' || *s == '\t')
                s++;
        return s;
}

static int span_parse_number(const char **s, Number *ret)
{
        Number n = { 0 };
        const char *p = *s;

        for (; text_is_digit(*p); p++, n.n_whole_digits++)
                if (__builtin_mul_overflow(n.whole, 10U, &n.whole) ||
                    __builtin_add_overflow(n.whole, (uint64_t) (*p - '0'), &n.whole))
                        return -ERANGE;
        if (*p == '.') {
                uint32_t weight = FRACTION_SCALE / 10;
                if (!text_is_digit(p[1]))
                        return -EINVAL;
                for (p++; text_is_digit(*p); p++, weight /= 10)
                        n.fraction += weight * (uint32_t) (*p - '0');
                n.has_fraction = true;
        }
        if (n.n_whole_digits == 0 && !n.has_fraction)
                return -EINVAL;
        *s = p;
        *ret = n;
        return 0;
}

/* *sum += n * unit */
static int add_number(usec_t *sum, const Number *n, usec_t unit)
{
        usec_t whole;
        if (__builtin_mul_overflow(n->whole, unit, &whole) ||
            __builtin_add_overflow(*sum, whole, sum) ||
            __builtin_add_overflow(*sum, n->fraction * unit / FRACTION_SCALE, sum) ||
            *sum == USEC_INFINITY)
                return -ERANGE;
        return 0;
}

/* Parses the rest of "1:24", "1:02:03" or "1:00:00:00" (days first) after the first number. */
static int parse_clock(const char *s, const Number *first, usec_t *ret)
{
        static const usec_t field_units[] = { USEC_PER_SEC, USEC_PER_MINUTE, USEC_PER_HOUR,
                                              USEC_PER_DAY };
        Number fields[ELEMENTSOF(field_units)] = { *first };
        size_t n_fields = 1;

        while (*s == ':') {
                if (n_fields == ELEMENTSOF(fields) || fields[n_fields - 1].has_fraction)
                        return -EINVAL;
                s++;
                int r = span_parse_number(&s, &fields[n_fields]);
                if (r < 0)
                        return r;
                if (fields[n_fields].n_whole_digits != 2 || fields[n_fields].whole > 59)
                        return -EINVAL;
                n_fields++;
        }
        if (*skip_spaces(s))
                return -EINVAL;
        if (n_fields == 4 && fields[1].whole > 23)
                return -EINVAL;

        usec_t sum = 0;
        for (size_t i = 0; i < n_fields; i++) {
                int r = add_number(&sum, &fields[i], field_units[n_fields - 1 - i]);
                if (r < 0)
                        return r;
        }
        *ret = sum;
        return 0;
}

static usec_t parse_unit(const char **s)
{
        size_t n = 0;
        while (((*s)[n] | 0x20) >= 'a' && ((*s)[n] | 0x20) <= 'z')
                n++;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strlen(units[i].name) == n && strncasecmp(*s, units[i].name, n) == 0) {
                        *s += n;
                        return units[i].usec;
                }
        return 0;
}

/* Parses "3 days 5 hours" or "1h30m": units in descending order, each at most once. */
static int parse_units(const char *s, const Number *first, usec_t *ret)
{
        Number n = *first;
        usec_t sum = 0, previous = USEC_INFINITY;

        for (;;) {
                s = skip_spaces(s);
                usec_t unit = parse_unit(&s);
                if (unit == 0 || unit >= previous)
                        return -EINVAL;
                previous = unit;
                int r = add_number(&sum, &n, unit);
                if (r < 0)
                        return r;

                s = skip_spaces(s);
                if (!*s)
                        break;
                if (*s == ',')
                        s = skip_spaces(s + 1);
                r = span_parse_number(&s, &n);
                if (r < 0)
                        return r;
        }
        *ret = sum;
        return 0;
}

int span_parse(const char *s, usec_t *ret)
{
        if (!s)
                return -EINVAL;
        s = skip_spaces(s);
        if (streq(s, "infinity")) {
                *ret = USEC_INFINITY;
                return 0;
        }
        bool negative = *s == '-';
        if (*s == '-' || *s == '+')
                s = skip_spaces(s + 1);

        Number first;
        int r = span_parse_number(&s, &first);
        if (r < 0)
                return r;

        usec_t span = 0;
        if (*s == ':')
                r = parse_clock(s, &first, &span);
        else if (*skip_spaces(s))
                r = parse_units(s, &first, &span);
        else
                r = add_number(&span, &first, USEC_PER_SEC);
        if (r < 0)
                return r;

        *ret = negative && span > 0 ? USEC_INFINITY : span;
        return 0;
}

static void append_separated(TextBuffer *b, uint64_t value, const char *unit)
{
        if (value > 0)
                text_buffer_printf(b, "%s%" PRIu64 "%s", b->length > 0 ? " " : "", value, unit);
}

/* Appends value in thousandths, without trailing zeros. */
static void append_thousandths(TextBuffer *b, uint64_t value, const char *unit)
{
        if (value == 0)
                return;
        text_buffer_printf(b, "%s%" PRIu64, b->length > 0 ? " " : "", value / 1000);
        unsigned rest = (unsigned) (value % 1000);
        if (rest > 0) {
                char digits[] = { '.', (char) ('0' + rest / 100), (char) ('0' + rest / 10 % 10),
                                  (char) ('0' + rest % 10) };
                size_t n = sizeof(digits);
                while (digits[n - 1] == '0')
                        n--;
                text_buffer_append_bytes(b, digits, n);
        }
        text_buffer_append(b, unit);
}

char *span_to_string(usec_t span)
{
        if (span == USEC_INFINITY)
                return strdup("infinity");
        if (span == 0)
                return strdup("0");

        _cleanup_text_buffer_ TextBuffer b = { 0 };
        if (span < USEC_PER_SEC) {
                append_thousandths(&b, span, "ms");
        } else {
                append_separated(&b, span / USEC_PER_DAY, "d");
                append_separated(&b, span % USEC_PER_DAY / USEC_PER_HOUR, "h");
                append_separated(&b, span % USEC_PER_HOUR / USEC_PER_MINUTE, "min");
                append_thousandths(&b, span % USEC_PER_MINUTE / USEC_PER_MSEC, "s");
        }
        return text_buffer_take(&b);
}
