/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Macros used everywhere: cleanup attributes, ownership transfer, time units. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_ __attribute__((unused))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)                                                                                  \
        ({                                                                                         \
                __typeof__(a) _min_a = (a);                                                        \
                __typeof__(b) _min_b = (b);                                                        \
                _min_a < _min_b ? _min_a : _min_b;                                                 \
        })
#define MAX(a, b)                                                                                  \
        ({                                                                                         \
                __typeof__(a) _max_a = (a);                                                        \
                __typeof__(b) _max_b = (b);                                                        \
                _max_a > _max_b ? _max_a : _max_b;                                                 \
        })

/* Transfers ownership out of a variable with a cleanup attribute. */
#define TAKE_PTR(p)                                                                                \
        ({                                                                                         \
                __typeof__(p) _taken = (p);                                                        \
                (p) = NULL;                                                                        \
                _taken;                                                                            \
        })

/* Defines name##p() for _cleanup_(name##p). name() must accept NULL. */
#define DEFINE_CLEANUP(type, name)                                                                 \
        _unused_ static inline void name##p(type **p)                                              \
        {                                                                                          \
                (void) name(*p);                                                                   \
        }

static inline void freep(void *p)
{
        free(*(void **) p);
}

#define _cleanup_free_ _cleanup_(freep)

/* Microseconds of CLOCK_MONOTONIC, as in sd-event. Pure rooms receive "now" as a parameter. */
typedef uint64_t usec_t;

#define USEC_INFINITY ((usec_t) UINT64_MAX)
#define USEC_PER_MSEC ((usec_t) 1000)
#define USEC_PER_SEC ((usec_t) 1000000)

static inline usec_t usec_add(usec_t a, usec_t b)
{
        return a > USEC_INFINITY - b ? USEC_INFINITY : a + b;
}
