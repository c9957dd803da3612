/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the three command line programs: descriptors of programs, verbs and options, and the
 * parser and usage texts generated from them. */

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
        const char *value;          /* name of the value in the usage; NULL: takes no value */
        const char *const *choices; /* allowed values, NULL-terminated; NULL: any */
        const char *help;
} Option;

typedef struct Invocation Invocation;

typedef struct Verb {
        const char *name;
        const char *arguments; /* usage of the arguments after the options; NULL: none allowed */
        unsigned n_arguments, n_optional; /* required and optional arguments */
        const char *help;
        const Option *options; /* terminated by long_name NULL; NULL: none */
        /* 0 or a negative errno that was reported with cli_error(). */
        int (*run)(const Invocation *i);
} Verb;

typedef struct Daemon Daemon;

typedef struct Program {
        const char *name, *summary;
        const Daemon *daemon;  /* the daemon it calls over D-Bus, or NULL */
        const Option *options; /* valid with every verb, before and after it */
        const Verb *const *verbs;
} Program;

struct Invocation {
        const Program *program;
        const Verb *verb;
        const char *options[_OPTION_MAX]; /* NULL: not given; "" if it takes no value */
        char **arguments;                 /* as many as the verb takes, NULL-terminated */
};

enum {
        CLI_EXIT_USAGE = 2, /* invalid option or argument, as in Python's argparse */
};

/* Parses the command line, runs the verb and returns the exit status. -h and -v are always
 * valid. */
int cli_main(const Program *program, int argc, char **argv);

/* Prints "program: message" on stderr. */
_printf_(2, 3) void cli_error(const Invocation *i, const char *format, ...);
/* Reports that memory is exhausted and returns -ENOMEM. */
int cli_oom(const Invocation *i);

/* True if -o json was not given. */
bool cli_wants_json(const Invocation *i);

extern const Option cli_output_option;
#define CLI_OPTION_END ((Option) { 0 })
