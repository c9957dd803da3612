/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the three command line programs share: descriptors of programs, verbs and options, and the
 * parser and usage texts that are made from them. */

#include "base/macro.h"

typedef enum OptionId {
        OPTION_CONF_FILE,
        OPTION_DETAILED,
        OPTION_FILE,
        OPTION_HOST_IFACE,
        OPTION_HOST_NQN,
        OPTION_HOST_TRADDR,
        OPTION_NQN,
        OPTION_OUTPUT,
        OPTION_TRADDR,
        OPTION_TRANSPORT,
        OPTION_TRSVCID,
        OPTION_WATCH,
        _OPTION_MAX,
} OptionId;

typedef struct Option {
        OptionId id;
        char short_name;
        const char *long_name;
        const char *value;          /* what the value is called in the usage; NULL: takes none */
        const char *const *choices; /* the values allowed, ends with NULL; NULL: any */
        const char *help;
} Option;

typedef struct Invocation Invocation;

typedef struct Verb {
        const char *name;
        const char *arguments; /* the usage of what follows the options; NULL: nothing may */
        unsigned n_arguments, n_optional; /* so many must follow, so many more may */
        const char *help;
        const Option *options; /* ends with long_name NULL; NULL: none */
        /* 0 or a negative errno that has been reported with cli_error(). */
        int (*run)(const Invocation *i);
} Verb;

typedef struct Daemon Daemon;

typedef struct Program {
        const char *name, *summary;
        const Daemon *daemon;  /* whom it talks to over D-Bus; NULL: nobody */
        const Option *options; /* allowed with every verb, before and after it */
        const Verb *const *verbs;
} Program;

struct Invocation {
        const Program *program;
        const Verb *verb;
        const char *options[_OPTION_MAX]; /* NULL: not given; "" for one that takes no value */
        char **arguments;                 /* as many as the verb takes; ends with NULL */
};

enum {
        CLI_EXIT_USAGE = 2, /* a wrong option or argument, as Python's argparse exits */
};

/* Parses, runs the verb and returns the exit status. -h and -v are everybody's. */
int cli_main(const Program *program, int argc, char **argv);

/* One line on stderr, "program: message". */
_printf_(2, 3) void cli_error(const Invocation *i, const char *format, ...);
/* Reports a lack of memory and returns -ENOMEM. */
int cli_oom(const Invocation *i);

/* "text" unless -o json was given. */
bool cli_wants_json(const Invocation *i);

extern const Option cli_output_option;
#define CLI_OPTION_END ((Option) { 0 })
